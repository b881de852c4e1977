package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestForeignHoldFilesStay holds a project whose hold file is foreign, in each way: it is neither written, nor followed, nor removed.
func TestForeignHoldFilesStay(t *testing.T) {
	for name, make := range map[string]func(held, victim string) error{
		"text":   func(held, _ string) error { return os.WriteFile(held, []byte("precious"), 0o644) },
		"a line": func(held, _ string) error { return os.WriteFile(held, []byte("process 4711\n"), 0o644) },
		"large": func(held, _ string) error {
			return os.WriteFile(held, []byte(holdMark+strings.Repeat("x", maxHoldFile)), 0o644)
		},
		"link":       func(held, victim string) error { return os.Symlink(victim, held) },
		"loose link": func(held, victim string) error { return os.Symlink(victim+".missing", held) },
		"hard link":  func(held, victim string) error { return os.Link(victim, held) },
		"folder":     func(held, _ string) error { return os.Mkdir(held, 0o755) },
	} {
		dir := t.TempDir()
		path, victim := filepath.Join(dir, "topology.lock.yaml"), filepath.Join(dir, "victim")
		if err := os.WriteFile(victim, []byte("precious"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := make(path+holdSuffix, victim); err != nil {
			t.Skip(err)
		}
		before, err := os.Lstat(path + holdSuffix)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := TakeHold(path, "a test"); err == nil || !strings.Contains(err.Error(), "topology.lock.yaml.held: ") || !strings.HasSuffix(err.Error(), "; move it elsewhere") {
			t.Errorf("%s: held: %v", name, err)
		}
		SweepHold(path)
		if after, err := os.Lstat(path + holdSuffix); err != nil || !os.SameFile(before, after) || before.Size() != after.Size() {
			t.Errorf("%s: changed: %v", name, err)
		}
		if text, err := os.ReadFile(victim); err != nil || string(text) != "precious" {
			t.Errorf("%s: the victim holds %q: %v", name, text, err)
		}
		if _, err := os.Lstat(victim + ".missing"); err == nil {
			t.Errorf("%s: a file was made through it", name)
		}
	}
}

// TestKilledHolderLeavesNoTrace acquires and sweeps the hold file of a process that was killed while it wrote its name.
func TestKilledHolderLeavesNoTrace(t *testing.T) {
	for _, text := range []string{"", holdMark[:10], holdMark, holdMark + "process 4711", holdMark + "process 4711 on host since today\n"} {
		path := filepath.Join(t.TempDir(), "topology.lock.yaml")
		leave := func() {
			if err := os.WriteFile(path+holdSuffix, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		gone := func(what string) {
			if _, err := os.Lstat(path + holdSuffix); err == nil {
				t.Errorf("%q is left after %s", text, what)
			}
		}
		leave()
		SweepHold(path)
		gone("a sweep")
		leave()
		release, err := TakeHold(path, "process 4712")
		if err != nil {
			t.Fatal(err)
		}
		if _, err := TakeHold(path, "process 4713"); err == nil || !strings.Contains(err.Error(), "held by process 4712;") {
			t.Errorf("%q: a second holder got %v", text, err)
		}
		SweepHold(path)
		if _, err := os.Lstat(path + holdSuffix); err != nil {
			t.Errorf("%q: swept while it is held", text)
		}
		release()
		gone("a release")
	}
}
