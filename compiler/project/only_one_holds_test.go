package project_test

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"relayform/compiler/project"
)

// TestReleasingRemovesNobodyElsesFile replaces a held hold file with a foreign one.
func TestReleasingRemovesNobodyElsesFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "topology.lock.yaml")
	held := path + ".held"
	release, err := project.TakeHold(path, "a test")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(held); err != nil {
		t.Skip(err) // Windows does not remove open files
	}
	if err := os.WriteFile(held, []byte("precious"), 0o644); err != nil {
		t.Fatal(err)
	}
	release()
	if text, err := os.ReadFile(held); err != nil || string(text) != "precious" {
		t.Errorf("%q is left: %v", text, err)
	}
}

// TestNoTwoHoldAtOnce has many processes acquire a project repeatedly: if two held it, the second would overwrite the first's lockfile.
func TestNoTwoHoldAtOnce(t *testing.T) {
	path := filepath.Join(t.TempDir(), "topology.lock.yaml")
	var holders, had atomic.Int32
	var all sync.WaitGroup
	for range 12 {
		all.Go(func() {
			for range 60 {
				release, err := project.TakeHold(path, "a test")
				if err != nil { // the wait is bounded
					if !strings.Contains(err.Error(), "held by ") {
						t.Error(err)
					}
					continue
				}
				had.Add(1)
				if n := holders.Add(1); n > 1 {
					t.Errorf("%d hold it", n)
				}
				holders.Add(-1)
				release()
			}
		})
	}
	all.Wait()
	if had.Load() == 0 {
		t.Error("nobody got it")
	}
	if _, err := os.Lstat(path + ".held"); err == nil {
		t.Error("a file is left behind")
	}
}
