package compiler

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/project"
	"relayform/compiler/review"
	"relayform/schema/diag"
)

// nothingChanged is git's answer when nothing has changed.
func nothingChanged() ([]string, error) { return nil, nil }

// at returns a path in the project.
func (s *testProject) at(name string) string {
	return filepath.Join(filepath.Dir(s.project.Topology), filepath.FromSlash(name))
}

// TestAReviewFindsWhatTheTopologyDoesNotExplain changes a file in the build folder, removes one and adds one: each is named, but not one
// that is as compiled.
func TestAReviewFindsWhatTheTopologyDoesNotExplain(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	state, err := ReviewNow(s.project, s.env(), "now", nothingChanged)
	if err != nil || len(state.Stale)+len(state.Lacks)+len(state.Clear) > 0 || len(state.Files) == 0 || state.Name != "now" || state.Plan.Name != "demo" || len(state.Lock.Certificates) != 3 {
		t.Errorf("as compiled: %q, %q, %q: %v", state.Stale, state.Lacks, state.Clear, err)
	}
	files := s.all()
	s.write("build/remote-cluster/values.yaml", []byte(files["build/remote-cluster/values.yaml"]+"# mine\n"))
	s.write("build/remote-cluster/other.yaml", []byte(files["build/remote-cluster/kustomization.yaml"]))
	if err := os.Remove(s.at("build/mgmt-cluster/public/ingress.yaml")); err != nil {
		t.Fatal(err)
	}
	state, err = ReviewNow(s.project, s.env(), "now", nothingChanged)
	if want := []string{"mgmt-cluster/public/ingress.yaml", "remote-cluster/other.yaml", "remote-cluster/values.yaml"}; err != nil || !slices.Equal(state.Stale, want) {
		t.Errorf("stale: %q: %v", state.Stale, err)
	}
	s.write("build/mine.txt", []byte("mine"))
	if _, err = ReviewNow(s.project, s.env(), "now", nothingChanged); err == nil || !strings.Contains(err.Error(), "not written by relayform: mine.txt") {
		t.Errorf("a file of the user's: %v", err)
	}
}

// TestAReviewFindsPrivateMaterialInWhatChanged has a key, an identity and the token of this mesh in files that git would add, and in
// unexplained files in the build folder. Files too large to be written by a person are not read.
func TestAReviewFindsPrivateMaterialInWhatChanged(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	var key, token string
	for name, text := range s.all() {
		switch filepath.Ext(name) {
		case ".key":
			key = text
		case ".token":
			token = text
		}
	}
	s.write("notes", []byte("one\n"+key))
	s.write("seen", []byte("token: "+token+"\n"))
	s.write("harmless", []byte("token: none\n"))
	s.write("large", []byte(strings.Repeat("\n", maxChanged-len(key)+1)+key))
	s.write("largest", []byte(strings.Repeat("\n", maxChanged-len(key))+key))
	s.write("build/remote-cluster/values.yaml", []byte(s.all()["build/remote-cluster/values.yaml"]+key))
	var changed []string
	for _, name := range []string{"notes", "seen", "harmless", "large", "largest", "gone", "build/mgmt-cluster/values.yaml", "build/remote-cluster/values.yaml", "buildings"} {
		changed = append(changed, s.at(name))
	}
	s.write("buildings", []byte(key))
	state, err := ReviewNow(s.project, s.env(), "now", func() ([]string, error) { return slices.Clone(changed), nil })
	if err != nil {
		t.Fatal(err)
	}
	var places []string
	for _, place := range state.Clear {
		name, _, ok := strings.Cut(strings.TrimPrefix(place, s.at("")+"/"), ": ")
		if !ok || !strings.HasSuffix(place, " is here in clear") || strings.Contains(place, "PRIVATE") || strings.Contains(place, token) {
			t.Errorf("told: %s", place)
		}
		places = append(places, name[:strings.Index(name, ":")])
	}
	if want := []string{"notes", "seen", "largest", "buildings", "build/remote-cluster/values.yaml"}; !slices.Equal(places, want) || !strings.Contains(state.Clear[0], "notes:2: ") {
		t.Errorf("found %q", state.Clear)
	}
	gitFails := errors.New("git fails")
	if _, err := ReviewNow(s.project, s.env(), "now", func() ([]string, error) { return nil, gitFails }); !errors.Is(err, gitFails) {
		t.Errorf("git fails: %v", err)
	}
}

// TestAReviewSaysWhatIsYetToBeIssued changes the authority without compiling: the lockfile lacks a certificate, nothing is issued, and the
// build folder is not compared with something that was never compiled.
func TestAReviewSaysWhatIsYetToBeIssued(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	s.write("topology.yaml", []byte(strings.Replace(strings.Replace(testTopology, "%s", own(""), 1), "  ingress:", "  authority: relay.example.com\n  ingress:", 1)))
	s.write("build/remote-cluster/values.yaml", []byte("x: 1\n"))
	before := s.all()
	state, err := ReviewNow(s.project, s.env(), "now", nothingChanged)
	if err != nil || len(state.Lacks) != 1 || !strings.Contains(state.Lacks[0], "server") || state.Files != nil || len(state.Stale) > 0 {
		t.Errorf("lacks %q, stale %q: %v", state.Lacks, state.Stale, err)
	}
	if len(s.all()) != len(before) || s.all()["topology.lock.yaml"] != before["topology.lock.yaml"] {
		t.Error("something was written")
	}
	s.write("topology.yaml", []byte("kind: nothing\n"))
	var faults diag.List
	if _, err := ReviewNow(s.project, s.env(), "now", nothingChanged); !errors.As(err, &faults) {
		t.Errorf("a topology with faults: %v", err)
	}
}

// TestWhatWasThereBeforeIsReadAsFarAsItGoes has a previous state with missing or unreadable parts.
func TestWhatWasThereBeforeIsReadAsFarAsItGoes(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	now, err := ReviewNow(s.project, s.env(), "now", nothingChanged)
	if err != nil {
		t.Fatal(err)
	}
	files := s.all()
	const bad = "apiVersion: relayform/v0\nkind: Topology\n"
	for name, c := range map[string]struct {
		topology, lock string
		check          func(*review.State, error) bool
	}{
		"both": {files["topology.yaml"], files["topology.lock.yaml"], func(x *review.State, err error) bool {
			return err == nil && x.Blind == "" && len(x.Files) == len(now.Files) && len(x.Lacks) == 0
		}},
		"neither": {"", "", func(x *review.State, err error) bool { return err == nil && x == nil }},
		"the first state": {files["topology.yaml"], "", func(x *review.State, err error) bool {
			return err == nil && len(x.Lacks) == 4 && x.Files == nil && x.Blind == ""
		}},
		"no topology": {"", files["topology.lock.yaml"], func(x *review.State, err error) bool {
			return err == nil && strings.HasPrefix(x.Blind, "topology.yaml: no such file") && x.Plan == now.Plan && len(x.Lock.Certificates) == 3
		}},
		"a topology that is not understood": {bad, files["topology.lock.yaml"], func(x *review.State, err error) bool {
			return err == nil && strings.HasPrefix(x.Blind, "topology.yaml:1:") && !strings.Contains(x.Blind, "\n") && x.Plan == now.Plan && len(x.Lock.Certificates) == 3
		}},
		"a topology that is not understood, and no lockfile": {bad, "", func(x *review.State, err error) bool { return err == nil && x == nil }},
		"neither is understood": {bad, "certificates: 1\n", func(x *review.State, err error) bool {
			return err != nil && strings.HasPrefix(err.Error(), "the lockfile at HEAD cannot be read, so nothing can be compared with it: ")
		}},
	} {
		dir := t.TempDir()
		for file, text := range map[string]string{"topology.yaml": c.topology, "topology.lock.yaml": c.lock} {
			if text == "" {
				continue
			}
			if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		then := project.New(filepath.Join(dir, "topology.yaml"), "", "")
		state, err := ReviewThen(then, s.env(), "HEAD", now, nil)
		if !c.check(state, err) {
			t.Errorf("%s: %+v: %v", name, state, err)
		}
		if name != "both" {
			continue
		}
		state, err = ReviewThen(then, s.env(), "HEAD", now, func(name string, _ []byte) bool { return name != "remote-cluster/values.yaml" })
		if err != nil || !slices.Equal(state.Stale, []string{"remote-cluster/values.yaml"}) {
			t.Errorf("stale: %q: %v", state.Stale, err)
		}
	}
}

// TestAReviewProvesWhatWouldBeApplied changes a component after the compile, so that no overlay builds with it.
func TestAReviewProvesWhatWouldBeApplied(t *testing.T) {
	s := newRendered(t)
	s.write("own/kustomization.yaml", []byte("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: own-\n"))
	_, err := ReviewNow(s.project, s.env(), "now", nothingChanged)
	var faults diag.List
	if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Path != "remotes.west.components[0]" {
		t.Errorf("%v", err)
	}
}
