// Package mutualtls knows what switches mutual TLS off between agents and the relay server: environment variables, Helm
// values and arguments of the vendor's, wherever they stand in what users write. Without it whoever has the relay's address
// speaks for a cluster, or an agent believes whoever answers.
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
	Line int    // in the text; 0 where that is not known
	What string // the variable, value or argument
	Why  string
}

// Hint is what to do about any of them.
const Hint = "take it out: relayform gives the relay server and every agent certificates that verify, and the token in a Secret"

// reasons are what each variable does (Gloo Mesh's documentation of relay connections, "Simple TLS" and "Insecure").
var reasons = []struct{ part, why string }{
	{"RELAY_TOKEN", "it is the token of simple TLS, for agents that show no certificate"},
	{"_CLIENT_", "it has the relay server take agents that show no certificate, so that whoever has the token speaks for any cluster"},
	{"_SERVER_", "it has agents believe whoever answers at the relay's address, and give away their token"},
	{"", "it switches certificates off between agents and the relay server"},
}

const (
	plain    = "agents and relay server would speak plain HTTP: no certificate is shown, and everything can be read and changed on the way"
	argument = "it switches certificates off between agents and the relay server"
)

// variable is one of the variables, and no longer name.
var variable = pattern.Late(`(?:^|[^A-Za-z0-9_])(RELAY_TOKEN|RELAY_DISABLE_[A-Z_]*CERTIFICATE[A-Z_]*)(?:$|[^A-Za-z0-9_])`)

// flag is an argument that does what the variables or values do.
var flag = pattern.Late(`^--?(relay-insecure|relay-plaintext|(?:relay-)?disable-(?:client|server)-certificate-[a-z]+|insecure|plaintext)(?:=(.*))?$`)

// blocks are those of the vendor's charts whose insecure is that of the relay's connections.
var blocks = []string{
	"common", "global", "relay", "glooAgent", "glooMgmtServer", "glooMeshMgmtServer", "glooMeshAgent",
	"enterprise-networking", "enterpriseNetworking", "enterprise-agent", "enterpriseAgent",
}

// words may stand in a text that switches it off, as they are or escaped.
var words = [][]byte{[]byte("RELAY_"), []byte("insecure"), []byte("plaintext"), []byte("plainText"), []byte("disable-"), []byte(`\`)}

// InValues looks through a file of Helm values.
func InValues(text []byte) []Finding { return find(text, true) }

// InManifests looks through a text of a patch or component: YAML with objects or operations; or lines, as of a file with variables.
func InManifests(text []byte) []Finding { return find(text, false) }

func find(text []byte, values bool) []Finding {
	if !slices.ContainsFunc(words, func(w []byte) bool { return bytes.Contains(text, w) }) {
		return nil
	}
	s := &search{values: values}
	docs, fault := source.Documents("", text)
	if fault != nil { // aliases, which Helm follows
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

// InTree looks through Helm values, as a decoder gives them.
func InTree(tree map[string]any) []Finding {
	text, err := json.Marshal(tree) // which is YAML
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

// placed gives findings the first lines of a text that have what they are about.
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

// sets reports whether a node sets a variable: to a value, or to one that lies elsewhere.
func sets(name string, n *source.Node) bool {
	if n.Kind != source.Map {
		return !n.Null() && !harmless(name, n.Value)
	}
	value := n.Get("value")
	return n.Get("valueFrom") != nil || value != nil && (value.Kind != source.Scalar || !value.Null() && !harmless(name, value.Value))
}

// harmless reports whether a variable may be set to a value: a token to nothing, a switch to what is off.
func harmless(name, value string) bool {
	value = strings.TrimSpace(value)
	return value == "" || name != "RELAY_TOKEN" && off(value)
}

// off reports whether a text is a boolean that is false, as Go reads it, or none at all.
func off(value string) bool {
	is, err := strconv.ParseBool(strings.Trim(strings.TrimSpace(value), `"'`))
	return value == "" || err == nil && !is
}

// truthy reports whether a Helm template takes a value for true: a text is, whatever it says.
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

// deleted reports whether a strategic merge takes an item out.
func deleted(n *source.Node) bool {
	patch := n.Get("$patch")
	return patch != nil && patch.Value == "delete"
}

// String is a finding in a sentence, without its place.
func (f Finding) String() string { return fmt.Sprintf("%s: %s", f.What, f.Why) }
