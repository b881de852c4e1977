package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestReportsShowWhatClustersHold queries three clusters: one has something else than compiled, and one does not answer. The report is
// written, and shows both beside what they would receive.
func TestReportsShowWhatClustersHold(t *testing.T) {
	c := newClusters(t)
	file := filepath.Join(c.dir, "report.html")
	_, said := relayform(t, exitDone, "report", "--live", "--kubectl", c.kubectl, "-o", file, c.topology)
	if strings.Contains(said, "warning:") {
		t.Error(said)
	}
	text := c.read(t, "east")
	c.write(t, "east", strings.Replace(text, "relay-root-tls-secret", "another-secret", 1))
	if err := os.Remove(filepath.Join(c.dir, "west.yaml")); err != nil {
		t.Fatal(err)
	}
	_, said = relayform(t, exitDone, "report", "--live", "--kubectl", c.kubectl, "-o", file, c.topology)
	contains(t, said, "warning: west could not be asked: ", "wrote "+file)
	page, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	contains(t, string(page), "What clusters hold now", `<dt>Verdict</dt><dd><strong>1 warning</strong>`, `<dt>Held now</dt><dd><strong>`, "west could not be asked", `<code>secret-missing</code> <span class="where">east`, `<span class="badge warning">not asked</span>`)
	if err := os.Remove(filepath.Join(c.dir, "mgmt.yaml")); err != nil {
		t.Fatal(err)
	}
	before := string(page)
	relayform(t, exitError, "report", "--live", "--kubectl", c.kubectl, "-o", file, c.topology)
	if page, err := os.ReadFile(file); err != nil || string(page) != before {
		t.Errorf("without the management cluster: %v, and another page", err)
	}
}
