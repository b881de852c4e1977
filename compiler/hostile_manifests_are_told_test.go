package compiler

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"fmt"
	"math/big"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/adopt"
	"relayform/compiler/pki"
)

// hostileMesh returns the fixture for the 1.x charts, one file per cluster, with one of them changed.
func hostileMesh(t *testing.T, cluster string, change func(text string) string) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range []string{"eks-mgmt", "eks-edge-1", "eks-edge-2"} {
		text := string(read(t, filepath.Join("../fixtures/adopt/chart-1.x", name+".yaml")))
		if name == cluster {
			text = change(text)
		}
		if err := os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// cycle returns a chain of CAs that signed each other, without a root: the first is the server's, with its key.
func cycle(t *testing.T) (chain, key []byte) {
	t.Helper()
	name := func(s string) pkix.Name { return pkix.Name{CommonName: s} }
	keys := map[string]*ecdsa.PrivateKey{}
	for _, n := range []string{"a", "b", "c", "server"} {
		var err error
		if keys[n], err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
			t.Fatal(err)
		}
	}
	var all []*x509.Certificate
	for i, c := range [][2]string{{"server", "a"}, {"a", "b"}, {"b", "c"}, {"c", "a"}, {"a", "c"}} {
		template := &x509.Certificate{
			SerialNumber: big.NewInt(int64(i + 2)), Subject: name(c[0]), NotBefore: fixtureTime.Add(-day), NotAfter: fixtureTime.Add(day), DNSNames: []string{"enterprise-networking.gloo-mesh"},
			BasicConstraintsValid: true, IsCA: c[0] != "server", KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
		}
		der, err := x509.CreateCertificate(rand.Reader, template, &x509.Certificate{Subject: name(c[1])}, keys[c[0]].Public(), keys[c[1]])
		if err != nil {
			t.Fatal(err)
		}
		made, err := x509.ParseCertificate(der)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, made)
	}
	text, err := pki.MarshalKey(keys["server"])
	if err != nil {
		t.Fatal(err)
	}
	return pki.MarshalCertificates(all...), text
}

// setIn sets a key in the first Secret with a name.
func setIn(text, secret, key string, value []byte) string {
	before, rest, _ := strings.Cut(text, "    name: "+secret+"\n")
	head, rest, _ := strings.Cut(rest, "\n    "+key+": ")
	_, tail, _ := strings.Cut(rest, "\n")
	return before + "    name: " + secret + "\n" + head + "\n    " + key + ": " + base64.StdEncoding.EncodeToString(value) + "\n" + tail
}

// TestHostileManifestsAreTold adopts impossible contents. Each error says where, and names the limit; nothing is written.
func TestHostileManifestsAreTold(t *testing.T) {
	chain, key := cycle(t)
	blocks := bytes.Repeat([]byte("-----BEGIN WORDS-----\nAAAA\n-----END WORDS-----\n"), 1001)
	for name, c := range map[string]struct {
		cluster string
		change  func(text string) string
		want    string
	}{
		"a Secret of 10 MB": {"eks-edge-1", func(s string) string { return setIn(s, "relay-root-tls-secret", "ca.crt", make([]byte, 10<<20)) },
			"eks-edge-1.yaml: Secret relay-root-tls-secret: 10485760 bytes; the limit is Kubernetes' own, 1048576 (1 MiB)"},
		"aliases without end": {"eks-edge-1", func(string) string {
			var b strings.Builder
			b.WriteString("a0: &a0 [x,x,x,x,x,x,x,x,x]\n")
			for i := range 9 {
				fmt.Fprintf(&b, "a%d: &a%d [%s]\n", i+1, i+1, strings.Repeat(fmt.Sprintf("*a%d,", i), 9))
			}
			return b.String()
		}, "eks-edge-1.yaml: document 1: not a Kubernetes object in YAML or JSON"},
		"blocks without end": {"eks-edge-1", func(string) string { return strings.Repeat("[", 1<<19) }, "eks-edge-1.yaml: document 1: not a Kubernetes object in YAML or JSON"},
		"JSON without end":   {"eks-edge-1", func(string) string { return strings.Repeat(`{"a":`, 1<<17) }, "eks-edge-1.yaml: document 1: not a Kubernetes object in YAML or JSON"},
		"lines without end":  {"eks-edge-1", func(string) string { return strings.Repeat("-\n", 1<<20) }, "eks-edge-1.yaml: 2097153 lines, values and entries; the limit is 1048576"},
		"no YAML":            {"eks-edge-1", func(string) string { return "\x00\x01" }, "eks-edge-1.yaml: document 1: not a Kubernetes object in YAML or JSON"},
		"no base64":          {"eks-edge-1", func(s string) string { return strings.Replace(s, "ca.crt: ", "ca.crt: '!'#", 1) }, "eks-edge-1.yaml: Secret relay-root-tls-secret: data ca.crt is not base64"},
		"a chain in a circle": {"eks-mgmt", func(s string) string {
			return setIn(setIn(s, "relay-server-tls-secret", "tls.crt", chain), "relay-server-tls-secret", "tls.key", key)
		}, "pki.external.server.cert: the chain breaks at CN="},
		"more roots than a bundle has": {"eks-mgmt", func(s string) string { return setIn(s, "relay-root-tls-secret", "ca.crt", blocks) }, "ca.crt: more than 1000 PEM blocks"},
		"a key beyond the limit": {"eks-mgmt", func(s string) string {
			return setIn(s, "relay-server-tls-secret", "tls.key", []byte("-----BEGIN PRIVATE KEY-----\n"+base64.StdEncoding.EncodeToString(make([]byte, 32<<10))+"\n-----END PRIVATE KEY-----\n"))
		}, "tls.key: private key: 32768 bytes; the limit is 16384"},
		"names that act upon a terminal": {"eks-edge-1", func(s string) string {
			return strings.Replace(s, "name: relay-root-tls-secret", "name: \"relay-root-tls-secret\\e[2J\"", 1)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestProject(t)
			_, err := s.adopted(hostileMesh(t, c.cluster, c.change), adopt.Answers{})
			if c.want == "" {
				if err != nil && strings.ContainsRune(err.Error(), '\x1b') {
					t.Errorf("it reaches the terminal: %q", err)
				}
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Fatalf("got %.300v\nwant %q", err, c.want)
			}
			if _, err := os.Lstat(s.project.Keys); err == nil {
				t.Error("keys were written")
			}
		})
	}
}

// TestSecretsOfOthersAreNotRead has unreadable Secrets besides the relay's: adopt ignores them.
func TestSecretsOfOthersAreNotRead(t *testing.T) {
	dir := hostileMesh(t, "eks-mgmt", func(s string) string {
		return s + "- {apiVersion: v1, kind: Secret, metadata: {name: a, namespace: b}, data: {a: '!'}}\n- {apiVersion: v1, kind: Secret, metadata: {name: c, namespace: b}, data: {a: " + strings.Repeat("A", 8<<20) + "}}\n"
	})
	if _, err := newTestProject(t).adopted(dir, adopt.Answers{}); err != nil {
		t.Error(err)
	}
}

// dropSecret removes a Secret from a list.
func dropSecret(text, secret string) string {
	before, rest, _ := strings.Cut(text, "    name: "+secret+"\n")
	begin := strings.LastIndex(before, "- apiVersion: v1\n")
	_, after, more := strings.Cut(rest, "\n- ")
	if !more {
		return before[:begin]
	}
	return before[:begin] + "- " + after
}
