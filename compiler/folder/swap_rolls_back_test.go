package folder

import (
	"os"
	"path/filepath"
	"testing"
)

// TestSwapInTwoStepsTakesTheFirstBack fails the second step, on systems without an atomic exchange: the previous folder is restored.
func TestSwapInTwoStepsTakesTheFirstBack(t *testing.T) {
	f, err := Open(filepath.Join(t.TempDir(), "build"), Build, "demo")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Create(); err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string]string{"edge/x": "old", Staging + "/edge/x": "new"} {
		at := filepath.Join(f.Path, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	if err := f.swapInTwo(filepath.Join(Staging, "missing"), "edge"); err == nil {
		t.Error("what is not there took the folder's place")
	}
	if err := f.swapInTwo(filepath.Join(Staging, "edge"), "missing"); err == nil {
		t.Error("a folder took the place of one that is not there")
	}
	if have, err := f.Read("edge/x"); err != nil || string(have) != "old" {
		t.Errorf("the folder that was there holds %q: %v", have, err)
	}
	if err := f.swapInTwo(filepath.Join(Staging, "edge"), "edge"); err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]string{"edge/x": "new", Staging + "/edge/x": "old"} {
		if have, err := f.Read(name); err != nil || string(have) != want {
			t.Errorf("%s holds %q, want %q: %v", name, have, want, err)
		}
	}
	// Leftovers of an earlier run do not get in the way.
	if err := os.Mkdir(filepath.Join(f.Path, Staging, "edge.old"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := f.swapInTwo(filepath.Join(Staging, "edge"), "edge"); err != nil {
		t.Error(err)
	}
}
