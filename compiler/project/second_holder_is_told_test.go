package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestSecondHolderIsToldWhoHolds acquires a lock twice, then again after it is released.
func TestSecondHolderIsToldWhoHolds(t *testing.T) {
	path := filepath.Join(t.TempDir(), "topology.lock.yaml")
	release, err := TakeHold(path, "process 4711")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := TakeHold(path, "process 4712"); err == nil || !strings.Contains(err.Error(), "held by process 4711") {
		t.Errorf("the second holder got %v", err)
	}
	release()
	if _, err := TakeHold(filepath.Join(filepath.Dir(path), "missing", "topology.lock.yaml"), "process 4713"); err == nil ||
		!strings.Contains(err.Error(), "topology.lock.yaml.held: something must change") || strings.Contains(err.Error(), "open") {
		t.Errorf("in a folder that is missing: %v", err)
	}
	if entries, _ := os.ReadDir(filepath.Dir(path)); len(entries) > 0 {
		t.Errorf("%s was left behind", entries[0].Name())
	}
	release, err = TakeHold(path, "process 4712")
	if err != nil {
		t.Fatal(err)
	}
	release()
}
