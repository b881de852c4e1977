package compiler

import (
	"crypto"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"relayform/compiler/folder"
	"relayform/compiler/manifest"
	"relayform/compiler/overlay"
	"relayform/compiler/pki"
)

// TestSecondOfTwoFirstCompilesKeepsTheFirstsLockfile has another first compile run between reading and writing: the second uses the first's
// lockfile, rather than issuing a second root.
func TestSecondOfTwoFirstCompilesKeepsTheFirstsLockfile(t *testing.T) {
	s := newTestProject(t)
	s.write("topology.yaml", []byte(strings.Replace(testTopology, "%s", own(""), 1)))
	c := &compile{project: s.project, env: s.env()}
	runs := 0
	var first *Result
	second, err := c.exclusively(func() (*Result, error) {
		if runs++; runs > 1 {
			return c.run()
		}
		var err error
		if first, err = Compile(s.project, s.env(), Options{}); err != nil {
			t.Fatal(err)
		}
		// This run has read the earlier state: it would write its own root.
		return nil, c.disk("write", s.project.Lock, func() error { t.Error("wrote over the first's lockfile"); return nil })
	})
	if err != nil || runs != 2 {
		t.Fatalf("%d runs: %v", runs, err)
	}
	if len(second.Issued) > 0 || first.Lock.Newest(pki.Root).SHA256 != second.Lock.Newest(pki.Root).SHA256 {
		t.Errorf("the second compile issued %v", second.Issued)
	}
}

// TestEverythingDurableIsFlushedBeforeItCounts watches the disk: keys and lockfile are flushed before they are renamed into place, and keys
// before the lockfile that refers to them. After a loss of power every certificate has its key.
func TestEverythingDurableIsFlushedBeforeItCounts(t *testing.T) {
	s := newTestProject(t)
	type change struct{ op, path string }
	var seen []change
	var mutex sync.Mutex // the build's folders are written in parallel
	env := s.env()
	env.Disk = func(op, path string, do func() error) error {
		rel, err := filepath.Rel(filepath.Dir(s.project.Topology), path)
		if err != nil {
			return err
		}
		mutex.Lock()
		seen = append(seen, change{op, filepath.ToSlash(rel)})
		mutex.Unlock()
		return do()
	}
	s.write("topology.yaml", []byte(strings.Replace(testTopology, "%s", own(""), 1)))
	if _, err := Compile(s.project, env, Options{}); err != nil {
		t.Fatal(err)
	}
	lockfile, keys := -1, 0
	for i, c := range seen {
		if c.op != "rename" || !strings.HasPrefix(c.path, "keys/") && c.path != "topology.lock.yaml" {
			continue
		}
		// Backwards from the rename: the file was created, written and flushed.
		j := i - 1
		for j >= 0 && seen[j].op != "create" {
			j--
		}
		ops := []string{}
		for _, b := range seen[max(j, 0):i] {
			ops = append(ops, b.op)
		}
		if !slices.Equal(ops, []string{"create", "write", "sync"}) {
			t.Errorf("%s counts after %v; want create, write, sync", c.path, ops)
		}
		if i+1 >= len(seen) || seen[i+1].op != "sync" {
			t.Errorf("the folder of %s is not flushed after the rename", c.path)
		}
		switch {
		case c.path == "topology.lock.yaml":
			lockfile = i
		case strings.HasSuffix(c.path, ".key") || strings.HasSuffix(c.path, ".token"):
			keys++
			if lockfile >= 0 {
				t.Errorf("%s is written after the lockfile that names it", c.path)
			}
		}
	}
	if lockfile < 0 || keys != 4 {
		t.Errorf("saw %d keys and tokens, lockfile at %d", keys, lockfile)
	}
}

// TestComponentsAreWithheldUntilOverlaysFit interrupts a renewal between the lockfile and the overlays, at each disk change: everything
// that kubectl could build then has the key of its certificate.
func TestComponentsAreWithheldUntilOverlaysFit(t *testing.T) {
	for _, what := range []string{"server", "signing"} {
		s := newTestProject(t)
		s.compile(own(""))
		env, looked := s.env(), 0
		var mutex sync.Mutex // one change at a time, so that each is checked
		env.Disk = func(op, path string, do func() error) error {
			mutex.Lock()
			defer mutex.Unlock()
			err := do()
			if at := s.pairs(); at != "" {
				t.Errorf("renew %s, after %s %s: %s", what, op, filepath.Base(path), at)
			}
			looked++
			return err
		}
		if _, err := Renew(s.project, env, RenewOptions{What: what}); err != nil {
			t.Fatal(err)
		}
		if looked < 5 {
			t.Errorf("looked at %d changes", looked)
		}
	}
}

// pairs builds the management overlay from disk, as kubectl would at this moment, and reports certificates with the wrong key; empty if it
// does not build.
func (s *testProject) pairs() string {
	s.Helper()
	dir := filepath.Dir(s.project.Topology)
	w := overlay.NewWorkspace(s.project.Build, overlay.NewTree(filesBelow(s, s.project.Build)))
	w.Add(s.project.Keys, filesBelow(s, filepath.Join(dir, "keys")))
	rendered, err := w.Render("mgmt-cluster")
	if err != nil {
		return ""
	}
	text, err := rendered.YAML()
	if err != nil {
		s.Fatal(err)
	}
	secrets, err := manifest.ReadSecrets(text)
	if err != nil {
		s.Fatal(err)
	}
	for _, secret := range secrets {
		if len(secret.Data[relay.Keys.Key]) == 0 {
			continue
		}
		key, err := pki.ParseKey(secret.Data[relay.Keys.Key])
		if err != nil {
			s.Fatal(err)
		}
		certs, err := pki.ParseCertificates(secret.Data[relay.Keys.Cert])
		if err != nil {
			s.Fatal(err)
		}
		if public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool }); !ok || !public.Equal(certs[0].PublicKey) {
			return secret.Name + " pairs a certificate with another one's key"
		}
	}
	return ""
}

func filesBelow(s *testProject, dir string) []folder.File {
	s.Helper()
	var files []folder.File
	for _, name := range filesIn(s.TB.(*testing.T), os.DirFS(dir)) {
		data, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			s.Fatal(err)
		}
		files = append(files, folder.File{Name: name, Data: data})
	}
	return files
}
