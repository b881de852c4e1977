// Package mutualtls detects what switches off mutual TLS between agents and the relay server: the vendor's environment variables, Helm
// values and arguments, anywhere in users' files. Without mutual TLS anyone with the relay's address can impersonate a cluster, or an agent
// trusts any server.
package mutualtls

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/manifest"
	"relayform/schema/pattern"
	"relayform/schema/source"
)

// Finding is one place that switches it off.
type Finding struct {
	Line int    // in the text; 0 if unknown
	What string // the variable, value or argument
	Why  string
}

// Hint says what to do about any of them.
const Hint = "remove it: relayform gives the relay server and every agent certificates that verify, and the token in a Secret"

// reasons say what each variable does (Gloo Mesh's documentation of relay connections, "Simple TLS" and "Insecure").
var reasons = []struct{ part, why string }{
	{"RELAY_TOKEN", "it is the token of simple TLS, for agents without a certificate"},
	{"_CLIENT_", "it makes the relay server accept agents without a certificate, so that whoever has the token can pose as any cluster"},
	{"_SERVER_", "it makes agents trust whoever answers at the relay's address, and send it their token"},
	{"", "it switches certificates off between agents and the relay server"},
}

const (
	plain    = "agents and relay server would speak plain HTTP: no certificate is shown, and everything can be read and changed on the way"
	argument = "it switches certificates off between agents and the relay server"
)

// variable matches one of the variables, but no longer name.
var variable = pattern.Late(`(?:^|[^A-Za-z0-9_])(RELAY_TOKEN|RELAY_DISABLE_[A-Z_]*CERTIFICATE[A-Z_]*)(?:$|[^A-Za-z0-9_])`)

// flag matches an argument with the effect of the variables or values.
var flag = pattern.Late(`^--?(relay-insecure|relay-plaintext|(?:relay-)?disable-(?:client|server)-certificate-[a-z]+|insecure|plaintext)(?:=(.*))?$`)

// blocks are the maps of the vendor's charts in which insecure is about the relay's connections.
var blocks = []string{
	"common", "global", "relay", "glooAgent", "glooMgmtServer", "glooMeshMgmtServer", "glooMeshAgent",
	"enterprise-networking", "enterpriseNetworking", "enterprise-agent", "enterpriseAgent",
}

// words of which a text that switches it off contains at least one, literally or escaped.
var words = [][]byte{[]byte("RELAY_"), []byte("insecure"), []byte("plaintext"), []byte("plainText"), []byte("disable-"), []byte(`\`)}

// InValues searches a Helm values file.
func InValues(text []byte) []Finding { return find(text, true) }

// InManifests searches a patch or a component's file: YAML with objects or operations, or lines such as those of a file with variables.
func InManifests(text []byte) []Finding { return find(text, false) }

func find(text []byte, values bool) []Finding {
	if !slices.ContainsFunc(words, func(w []byte) bool { return bytes.Contains(text, w) }) {
		return nil
	}
	s := &search{values: values}
	docs, fault := source.Documents("", text)
	if fault != nil { // aliases, which Helm resolves
		if tree, err := manifest.ReadValues(text); err == nil {
			return placed(InTree(tree), text)
		}
		s.lines(string(text), 1)
		return s.found
	}
	if !slices.ContainsFunc(docs, isBlock) {
		s.lines(string(text), 1)
		return s.found
	}
	for _, d := range docs {
		s.node(d, nil)
	}
	return s.found
}

func isBlock(n *source.Node) bool { return n.Kind != source.Scalar }

// InTree searches decoded Helm values.
func InTree(tree map[string]any) []Finding {
	text, err := json.Marshal(tree) // JSON is YAML
	if err != nil {
		return nil
	}
	docs, _ := source.Documents("", text)
	s := &search{values: true}
	for _, d := range docs {
		s.node(d, nil)
	}
	for i := range s.found {
		s.found[i].Line = 0
	}
	return s.found
}

// placed sets the findings' lines to the first lines of a text that contain them.
func placed(found []Finding, text []byte) []Finding {
	for i := range found {
		last := found[i].What[strings.LastIndexAny(found[i].What, ". ")+1:]
		n := 0
		for line := range bytes.Lines(text) {
			if n++; bytes.Contains(line, []byte(last)) && !bytes.HasPrefix(bytes.TrimSpace(line), []byte("#")) {
				found[i].Line = n
				break
			}
		}
	}
	return found
}

func isVariable(name string) bool {
	m := variable().FindStringSubmatchIndex(name)
	return m != nil && m[2] == 0 && m[3] == len(name)
}

// sets reports whether a node sets a variable: to a value, or to one from elsewhere.
func sets(name string, n *source.Node) bool {
	if n.Kind != source.Map {
		return !n.Null() && !harmless(name, n.Value)
	}
	value := n.Get("value")
	return n.Get("valueFrom") != nil || value != nil && (value.Kind != source.Scalar || !value.Null() && !harmless(name, value.Value))
}

// harmless reports whether a variable may have a value: a token an empty one, a switch a false one.
func harmless(name, value string) bool {
	value = strings.TrimSpace(value)
	return value == "" || name != "RELAY_TOKEN" && off(value)
}

// off reports whether a text is a false boolean, as Go parses it, or empty.
func off(value string) bool {
	is, err := strconv.ParseBool(strings.Trim(strings.TrimSpace(value), `"'`))
	return value == "" || err == nil && !is
}

// truthy reports whether a Helm template treats a value as true: a non-empty string is, whatever it says.
func truthy(n *source.Node) bool {
	if n.Kind != source.Scalar {
		return len(n.Keys)+len(n.Items) > 0
	}
	return !n.Null() && n.Value != "" && (n.Tag == "!!str" || !off(n.Value))
}

// insecure reports whether a path is that of a value for plain HTTP on the relay's connections.
func insecure(path []string) bool {
	last := len(path) - 1
	if path[last] != "insecure" && path[last] != "plaintext" && path[last] != "plainText" {
		return false
	}
	return last == 0 || slices.Contains(blocks, path[last-1]) || slices.Contains(path[:last], "relay")
}

// deleted reports whether a strategic merge patch deletes an item.
func deleted(n *source.Node) bool {
	patch := n.Get("$patch")
	return patch != nil && patch.Value == "delete"
}

// String describes a finding in a sentence, without its place.
func (f Finding) String() string { return fmt.Sprintf("%s: %s", f.What, f.Why) }
