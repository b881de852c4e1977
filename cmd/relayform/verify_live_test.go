package main

import (
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// clusters replaces the real clusters: a script in place of kubectl prints a file for each context, and logs its arguments.
type clusters struct{ dir, topology, kubectl, log string }

func newClusters(t *testing.T) *clusters {
	t.Helper()
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no /bin/sh for the script that stands in kubectl's place")
	}
	dir, file := compiled(t)
	c := &clusters{dir: dir, topology: file, kubectl: filepath.Join(dir, "kubectl"), log: filepath.Join(dir, "log")}
	script := fmt.Sprintf("#!/bin/sh\necho \"$@\" >>%q\ncontext=${1#--context=}\nif ! cat %q/\"$context\".yaml 2>/dev/null; then echo \"context $context: connection refused\" >&2; exit 1; fi\n", c.log, dir)
	if err := os.WriteFile(c.kubectl, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	c.apply(t)
	return c
}

// apply makes each cluster contain what its overlay says.
func (c *clusters) apply(t *testing.T) {
	t.Helper()
	for _, name := range []string{"mgmt", "east", "west"} {
		out, _ := relayform(t, exitDone, "render", name, "--file", c.topology)
		c.write(t, name, out)
	}
}

func (c *clusters) write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(c.dir, name+".yaml"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func (c *clusters) read(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(c.dir, name+".yaml"))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func (c *clusters) verify(t *testing.T, want int) (stdout, stderr string) {
	t.Helper()
	return relayform(t, want, "verify", "--live", "--kubectl", c.kubectl, c.topology)
}

func TestLiveClustersAreAskedAndOnlyRead(t *testing.T) {
	c := newClusters(t)
	out, _ := c.verify(t, exitDone)
	contains(t, out, "left out: the Helm values of mgmt: no Helm release of gloo-mesh-enterprise in the namespace gloo-mesh", "3 clusters", "0 errors, 0 warnings, 0 notes", "every agent reaches the relay server")
	log, err := os.ReadFile(c.log)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(log), "\n"); n != 6 {
		t.Errorf("%d calls of kubectl, want one a cluster for Secrets and one for charts", n)
	}
	for line := range strings.Lines(string(log)) {
		if !strings.Contains(line, " --namespace=gloo-mesh get secret relay-server-tls-secret ") && !strings.Contains(line, " --namespace=gloo-mesh get secrets --selector=owner=helm,status=deployed ") || !strings.HasPrefix(line, "--context=") {
			t.Errorf("kubectl was asked to %s", line)
		}
	}
}

// TestLiveClustersHaveTheirOwnTime has one cluster that does not answer: the others are still judged.
func TestLiveClustersHaveTheirOwnTime(t *testing.T) {
	c := newClusters(t)
	script, err := os.ReadFile(c.kubectl)
	if err != nil {
		t.Fatal(err)
	}
	slow := strings.Replace(string(script), "\n", "\nif [ \"$1\" = --context=east ]; then exec sleep 60; fi\n", 1)
	if err := os.WriteFile(c.kubectl, []byte(slow), 0o755); err != nil {
		t.Fatal(err)
	}
	out, said := relayform(t, exitError, "verify", "--live", "--timeout", "3s", "--kubectl", c.kubectl, c.topology)
	contains(t, out, "2 clusters", "mgmt", "west")
	contains(t, said, "east could not be asked", "no answer within 3s")
}

func TestLiveClustersThatDrifted(t *testing.T) {
	secret := func(text, name string) string {
		for _, document := range strings.Split(text, "---\n") {
			if strings.Contains(document, "name: "+name+"\n") {
				return document
			}
		}
		t.Fatalf("no Secret %s", name)
		return ""
	}
	for name, x := range map[string]struct {
		change func(*testing.T, *clusters)
		want   []string
	}{
		"a Secret is missing": {func(t *testing.T, c *clusters) {
			text := c.read(t, "east")
			c.write(t, "east", strings.Replace(text, secret(text, "relay-root-tls-secret"), "", 1))
		}, []string{"east: relay-root-tls-secret: the Secret is not there [secret-missing]"}},
		"nothing is there": {func(t *testing.T, c *clusters) { c.write(t, "west", "") },
			[]string{"west: relay-root-tls-secret: the Secret is not there", "west: relay-identity-token-secret: the Secret is not there"}},
		"another mesh's root": {func(t *testing.T, c *clusters) {
			other := newClusters(t)
			text := c.read(t, "east")
			c.write(t, "east", strings.Replace(text, secret(text, "relay-root-tls-secret"), secret(other.read(t, "east"), "relay-root-tls-secret"), 1))
		}, []string{"[anchors-differ]", "[drift-", "no first contact"}},
		"another token": {func(t *testing.T, c *clusters) {
			text := c.read(t, "east")
			token := secret(text, "relay-identity-token-secret")
			c.write(t, "east", strings.Replace(text, token, strings.Replace(token, tokenOf(t, token), "QUJD"+tokenOf(t, token), 1), 1))
		}, []string{"[tokens-differ]", "the token differs from the lockfile's [drift-different]"}},
		"the signing CA's Secret on a remote": {func(t *testing.T, c *clusters) {
			c.write(t, "west", c.read(t, "west")+"---\n"+secret(c.read(t, "mgmt"), "relay-tls-signing-secret"))
		}, []string{"west: relay-tls-signing-secret: this Secret belongs on the management cluster only [private-key-exposed]"}},
		"a CA key beside the root": {func(t *testing.T, c *clusters) {
			text := c.read(t, "west")
			root := secret(text, "relay-root-tls-secret")
			c.write(t, "west", strings.Replace(text, root, strings.Replace(root, "data:\n", "data:\n  ca.key: QUJD\n", 1), 1))
		}, []string{"west: relay-root-tls-secret ca.key: a private key is where none belongs [private-key-exposed]"}},
		"the same root in other bytes": {func(t *testing.T, c *clusters) {
			text := c.read(t, "east")
			root := secret(text, "relay-root-tls-secret")
			value := regexp.MustCompile(`  ca.crt: (.*)\n`).FindStringSubmatch(root)
			pem, err := base64.StdEncoding.DecodeString(value[1])
			if err != nil {
				t.Fatal(err)
			}
			other := base64.StdEncoding.EncodeToString(append([]byte("# root\n"), pem...))
			c.write(t, "east", strings.Replace(text, value[1], other, 1))
		}, []string{"east: relay-root-tls-secret ca.crt: the lockfile's certificates, in different bytes [drift-bytes]", "[bundles-differ]"}},
		"an older generation": {func(t *testing.T, c *clusters) {
			text, err := os.ReadFile(c.topology)
			if err != nil {
				t.Fatal(err)
			}
			changed := strings.Replace(string(text), "  name: mgmt\n", "  name: mgmt\n  clusterDomain: mesh.local\n", 1)
			if err := os.WriteFile(c.topology, []byte(changed), 0o644); err != nil {
				t.Fatal(err)
			}
			relayform(t, exitDone, "compile", c.topology)
		}, []string{"mgmt: relay-server-tls-secret tls.crt: it holds", "[drift-older]"}},
	} {
		t.Run(name, func(t *testing.T) {
			c := newClusters(t)
			x.change(t, c)
			code := exitShort
			if strings.Contains(name, "older") || strings.Contains(name, "bytes") {
				code = exitDone // agents still accept it: a warning, or a note
			}
			out, _ := c.verify(t, code)
			contains(t, out, x.want...)
			if token := tokenOf(t, c.read(t, "mgmt")); strings.Contains(out, token) {
				t.Error("the token is in what was printed")
			}
		})
	}
}

func TestLiveClustersThatDoNotAnswer(t *testing.T) {
	c := newClusters(t)
	if err := os.Remove(filepath.Join(c.dir, "west.yaml")); err != nil {
		t.Fatal(err)
	}
	out, errs := c.verify(t, exitError)
	contains(t, out, "2 clusters", "left out: west could not be asked: kubectl: context west: connection refused")
	contains(t, errs, "west could not be asked")
	_, errs = relayform(t, exitError, "verify", "--live", "--kubectl", filepath.Join(c.dir, "nowhere"), c.topology)
	contains(t, errs, "or name it with --kubectl")
}

// tokenOf returns the token in rendered objects, in base64.
func tokenOf(t *testing.T, text string) string {
	t.Helper()
	found := regexp.MustCompile(`  token: (?:\|\s+)?([A-Za-z0-9+/=]{40,})`).FindStringSubmatch(text)
	if found == nil {
		t.Fatal("no token")
	}
	return found[1]
}
