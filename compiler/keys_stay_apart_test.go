package compiler

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/delivery"
	"relayform/compiler/issue"
	"relayform/compiler/overlay"
	"relayform/compiler/pki"
)

// onDisk builds an overlay from disk, as kubectl would.
func (s *testProject) onDisk(cluster string) (string, error) {
	s.Helper()
	w := overlay.NewWorkspace(s.project.Build, overlay.NewTree(filesBelow(s, s.project.Build)))
	if _, err := os.Stat(s.project.Keys); err == nil {
		w.Add(s.project.Keys, filesBelow(s, s.project.Keys))
	}
	rendered, err := w.Render(cluster)
	if err != nil {
		return "", err
	}
	text, err := rendered.YAML()
	return string(text), err
}

// TestWithoutKeysKubectlFails builds each overlay with the keys, without any, and without one of them: a Secret without its key would break
// a running mesh.
func TestWithoutKeysKubectlFails(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	for _, cluster := range []string{"mgmt-cluster", "remote-cluster"} {
		if _, err := s.onDisk(cluster); err != nil {
			t.Errorf("%s, with its keys: %v", cluster, err)
		}
	}
	text, err := s.onDisk("mgmt-cluster")
	if err != nil || strings.Count(text, "tls.key:") != 2 {
		t.Errorf("the management cluster has %d private keys, want 2: %v", strings.Count(text, "tls.key:"), err)
	}
	if text, err = s.onDisk("remote-cluster"); err != nil || strings.Contains(text, "tls.key:") || !strings.Contains(text, "token:") {
		t.Errorf("a remote has a key, or no token: %v", err)
	}
	tokens, err := filepath.Glob(filepath.Join(s.project.Keys, "remote", strings.Repeat("?", 64)+delivery.PrivateSuffix))
	if err != nil || len(tokens) != 1 {
		t.Fatalf("tokens %v: %v", tokens, err)
	}
	for _, gone := range []string{tokens[0], s.project.Keys} {
		if err := os.RemoveAll(gone); err != nil {
			t.Fatal(err)
		}
		for _, cluster := range []string{"mgmt-cluster", "remote-cluster"} {
			if _, err := s.onDisk(cluster); err == nil {
				t.Errorf("%s builds without %s", cluster, filepath.Base(gone))
			}
		}
	}
}

// TestCloneWithoutKeysCompilesAndChecks does everything that a clone without keys/ can do: nothing changes or is lost, and what needs a key
// is refused rather than issued under a new root.
func TestCloneWithoutKeysCompilesAndChecks(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	if err := os.RemoveAll(s.project.Keys); err != nil {
		t.Fatal(err)
	}
	before := s.all()
	same := func(what string) {
		t.Helper()
		for name, text := range s.all() {
			if before[name] != text {
				t.Errorf("%s: %s changed", what, name)
			}
		}
	}
	for _, o := range []Options{{Check: true}, {Locked: true, Check: true}, {Locked: true}, {}} {
		r, err := s.try(own(""), o)
		if err != nil || len(r.Issued) > 0 || !r.Changes.None() {
			t.Fatalf("%+v: %v", o, err)
		}
		if len(r.Missing) == 0 {
			t.Errorf("%+v: nobody is told that keys are missing", o)
		}
	}
	same("compile and check")
	report, err := Verify(s.project, s.env(), fixtureTime)
	if err != nil || !report.Public || len(report.LeftOut) < 2 || report.Count("error") > 0 {
		t.Errorf("verify: %+v: %v", report, err)
	}
	if _, err := s.try("selfSigned: {keyAlgorithm: ecdsa, validity: {server: 2400h}}", Options{}); err == nil || !strings.Contains(err.Error(), "the root's private key is needed to issue the server") {
		t.Errorf("a changed validity: %v", err)
	}
	s.write("topology.yaml", []byte(before["topology.yaml"]))
	for _, what := range issue.Renewable {
		if what == issue.AllAgents || what == string(pki.Telemetry) {
			continue // this mesh does not have it
		}
		_, err := Renew(s.project, s.env(), RenewOptions{What: what, Within: 4000 * day})
		if err == nil || !strings.Contains(err.Error(), "restore") {
			t.Errorf("renew %s: %v; a new key store would hold what is new alone", what, err)
		}
	}
	same("what is refused")
}

// TestRenderShowsWhatKubectlApplies builds each overlay from disk, and renders it: what is checked in memory is what kubectl applies,
// including private values, though the components have a different form in memory.
func TestRenderShowsWhatKubectlApplies(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	for _, cluster := range []string{"mgmt-cluster", "remote-cluster"} {
		applied, err := s.onDisk(cluster)
		if err != nil {
			t.Fatal(err)
		}
		if err := Render(s.project, s.env(), []string{cluster}, RenderOptions{}, func(_ string, yaml []byte) error {
			if string(yaml) != applied || !strings.Contains(applied, "token: ") {
				t.Errorf("%s: rendered\n%s\napplied\n%s", cluster, yaml, applied)
			}
			return nil
		}); err != nil {
			t.Fatal(err)
		}
	}
}
