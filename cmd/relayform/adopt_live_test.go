package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAdoptAsksTheContextsThatAreNamed adopts relayform's own mesh from its clusters, with kubectl: it queries only the named contexts, and
// only reads. With the mesh's key store, its lockfile is the same as before.
func TestAdoptAsksTheContextsThatAreNamed(t *testing.T) {
	c := newClusters(t)
	dir := filepath.Join(c.dir, "adopted")
	args := []string{"adopt", dir, "--live", "--kubectl", c.kubectl, "--keys", filepath.Join(c.dir, "keys"), "--context", "mgmt", "--context", "east", "--context", "west", "--product", "gloo-mesh-enterprise"}
	_, said := relayform(t, exitDone, args...)
	contains(t, said, "mgmt and 2 remotes", "they stay pki.selfSigned", "a compile and an apply change no byte of any Secret")
	was, err := os.ReadFile(filepath.Join(c.dir, "topology.lock.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	if now, err := os.ReadFile(filepath.Join(dir, "topology.lock.yaml")); err != nil || string(now) != string(was) {
		t.Errorf("another lockfile (%v):\n%s", err, now)
	}
	log, err := os.ReadFile(c.log)
	if err != nil {
		t.Fatal(err)
	}
	if n := strings.Count(string(log), "\n"); n != 7 {
		t.Errorf("%d calls of kubectl, want one a cluster, and four more of the relay server's:\n%s", n, log)
	}
	for line := range strings.Lines(string(log)) {
		if !strings.HasPrefix(line, "--context=") || !strings.Contains(line, " --request-timeout=20s ") || !strings.Contains(line, " get ") {
			t.Errorf("kubectl was asked to %s", line)
		}
	}
	_, said = relayform(t, exitError, "adopt", dir+"1", "--live", "--kubectl", c.kubectl, "--context", "nowhere")
	contains(t, said, "nowhere could not be asked", "name only the contexts of the mesh")
	_, said = relayform(t, exitError, "adopt", dir+"2", "--from", c.dir, "--context", "mgmt")
	contains(t, said, "--context goes with --live")
}
