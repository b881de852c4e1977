package main

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// stringsIn are the strings of a list in a document.
func stringsIn(d map[string]any, field string) []string {
	var all []string
	list, _ := d[field].([]any)
	for _, e := range list {
		text, _ := e.(string)
		all = append(all, text)
	}
	return all
}

// TestAdoptionsMatchTheirSchema adopts running meshes: what would be written, what is, and why nothing is.
func TestAdoptionsMatchTheirSchema(t *testing.T) {
	all := newSchemas(t)
	from, err := filepath.Abs("../../fixtures/adopt")
	if err != nil {
		t.Fatal(err)
	}
	t.Chdir(t.TempDir())
	adopt := func(code int, outcome string, args ...string) map[string]any {
		t.Helper()
		d := all.hold(t, "adopt", code, append([]string{"adopt", "mesh", "--from"}, args...)...).(map[string]any)
		if d["outcome"] != outcome || d["topology"] != "mesh/topology.yaml" {
			t.Errorf("%v: outcome %v of %v, want %s", args, d["outcome"], d["topology"], outcome)
		}
		return d
	}
	text, _ := relayform(t, exitDone, "adopt", "mesh", "--from", from+"/manual", "--dry-run")
	d := adopt(exitDone, "would adopt", from+"/manual", "--dry-run")
	if d["text"] != text || len(stringsIn(d, "files")) != 7 || len(d["next"].([]any)) > 0 || len(stringsIn(d, "warnings")) > 0 {
		t.Errorf("would adopt: %v", d)
	}
	if _, err := os.Stat("mesh"); err == nil {
		t.Fatal("a dry run writes")
	}
	is := adopt(exitDone, "adopted", from+"/manual")
	management, _ := is["management"].(map[string]any)
	remotes, _ := is["remotes"].([]any)
	if management["cluster"] != "mgmt-cluster" || management["context"] != "kind-mgmt-cluster" || len(remotes) != 1 || remotes[0].(map[string]any)["cluster"] != "remote-cluster" {
		t.Errorf("clusters: %v, %v", management, remotes)
	}
	if is["product"] != "gloo-mesh-1.x" || is["ingress"] != "istio" || is["relayAddress"] != "203.0.113.7:31443" || is["text"] != text || len(is["next"].([]any)) != 3 || len(stringsIn(is, "firstApply")) > 0 {
		t.Errorf("adopted: %v", is)
	}
	if warnings := stringsIn(is, "warnings"); len(warnings) != 1 || !strings.Contains(warnings[0], "the manifests hold private keys") {
		t.Errorf("warnings: %q", warnings)
	}
	for _, name := range stringsIn(is, "files") {
		if info, err := os.Stat(name); err != nil || info.IsDir() != strings.HasSuffix(name, "/") {
			t.Errorf("%s was written: %v", name, err)
		}
	}
	again := all.hold(t, "adopt", exitError, "adopt", "mesh", "--from", from+"/manual").(map[string]any)
	if told, _ := again["diagnostics"].([]any); again["outcome"] != "refused" || len(told) != 1 || told[0].(map[string]any)["code"] != "not-done" {
		t.Errorf("a topology is there already: %v", again)
	}
	if err := os.RemoveAll("mesh"); err != nil {
		t.Fatal(err)
	}
	refused := adopt(exitShort, "refused", from+"/manual/kind-remote-cluster")
	told, _ := refused["diagnostics"].([]any)
	if len(told) != 1 {
		t.Fatalf("the product is asked for: %v", told)
	}
	if first, _ := told[0].(map[string]any); first["code"] != "not-adopted" || first["file"] != "mesh/topology.yaml" || !strings.Contains(first["hint"].(string), "--product") {
		t.Errorf("the product is asked for: %v", first)
	}
}

// TestUnlocksMatchTheirSchema unlocks a key store, and locks it.
func TestUnlocksMatchTheirSchema(t *testing.T) {
	all := newSchemas(t)
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("../../fixtures/encrypted")); err != nil {
		t.Fatal(err)
	}
	t.Chdir(dir)
	relayform(t, exitDone, "compile", "--identity", "identity.txt")
	unlock := func(code int, outcome string, clusters []string, left int, args ...string) map[string]any {
		t.Helper()
		d := all.hold(t, "unlock", code, append([]string{"unlock"}, args...)...).(map[string]any)
		if d["outcome"] != outcome || d["folder"] != filepath.Join("keys", "unlocked") || !slices.Equal(stringsIn(d, "clusters"), clusters) || len(stringsIn(d, "left")) != left {
			t.Errorf("%v: %v", args, d)
		}
		return d
	}
	if d := unlock(exitError, "refused", nil, 0); !strings.Contains(d["diagnostics"].([]any)[0].(map[string]any)["message"].(string), "give an identity") {
		t.Errorf("without an identity: %v", d)
	}
	d := unlock(exitDone, "unlocked", []string{"mgmt-cluster", "remote-cluster"}, 0, "--identity", "identity.txt")
	if next, _ := d["next"].([]any); len(next) != 2 || !strings.HasPrefix(next[0].(map[string]any)["run"].(string), "kubectl --context ") {
		t.Errorf("next: %v", d["next"])
	}
	if err := os.WriteFile("keys/unlocked/notes", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if d := unlock(exitDone, "removed", nil, 1, "--remove"); len(d["next"].([]any)) > 0 {
		t.Errorf("next: %v", d["next"])
	}
	text, err := os.ReadFile("topology.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile("topology.yaml", []byte(strings.Replace(string(text), "remotes", "remots", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	if d := unlock(exitShort, "refused", nil, 0, "--remove"); len(d["diagnostics"].([]any)) != 1 {
		t.Errorf("a fault: %v", d)
	}
}
