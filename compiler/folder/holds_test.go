package folder

import (
	"path/filepath"
	"strings"
	"testing"
)

// TestHoldsSeesEveryDifference holds files against contents that are shorter, longer and other.
func TestHoldsSeesEveryDifference(t *testing.T) {
	f, err := Open(filepath.Join(t.TempDir(), "build"), Build, "demo")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Create(); err != nil {
		t.Fatal(err)
	}
	contents := []string{"", "a", "ab", "abc", "abd", strings.Repeat("x", 100_000), strings.Repeat("x", 99_999) + "y"}
	for _, have := range contents {
		if err := f.Write("file", []byte(have)); err != nil {
			t.Fatal(err)
		}
		for _, want := range contents {
			if same, err := f.Holds("file", []byte(want)); err != nil || same != (have == want) {
				t.Errorf("%d bytes against %d: %v, %v", len(have), len(want), same, err)
			}
		}
	}
	if _, err := f.Holds("missing", nil); err == nil {
		t.Error("a missing file is no error")
	}
}
