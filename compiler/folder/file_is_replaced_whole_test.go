package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// put writes files, by name, into a new folder.
func put(t *testing.T, files map[string]string) (dir string) {
	t.Helper()
	dir = t.TempDir()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o640); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func holds(t *testing.T, dir string, want map[string]string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if want, ok := want[e.Name()]; err != nil || !ok || string(data) != want {
			t.Errorf("%s holds %q: %v", e.Name(), data, err)
		}
	}
	if len(entries) != len(want) {
		t.Errorf("%d files, want %d", len(entries), len(want))
	}
}

// TestFileIsReplacedAsAWhole fails each change of a write: the file has the old or the new content, with the old mode, and there is no
// other file.
func TestFileIsReplacedAsAWhole(t *testing.T) {
	failure := errors.New("no")
	for at := 0; ; at++ {
		dir := put(t, map[string]string{"a.yaml": "old", ".a.yaml.tmp": "theirs"})
		path, n, ops := filepath.Join(dir, "a.yaml"), 0, ""
		err := WriteFile(func(op, _ string, change func() error) error {
			ops += " " + op
			if n++; n-1 == at {
				return failure
			}
			return change()
		}, path, []byte("new"))
		content := "old"
		if err == nil || strings.HasSuffix(ops, " rename sync") {
			content = "new"
		}
		holds(t, dir, map[string]string{"a.yaml": content, ".a.yaml.tmp": "theirs"})
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
			t.Errorf("mode %v: %v", info.Mode(), err)
		}
		if err == nil {
			if want := " create write chmod sync rename sync"; ops != want {
				t.Errorf("the changes are%s, want%s", ops, want)
			}
			return
		}
		if !errors.Is(err, failure) {
			t.Errorf("change %d: %v", at, err)
		}
	}
}

// TestNothingIsWrittenThroughLinks has a link where a file is replaced, and where one is created.
func TestNothingIsWrittenThroughLinks(t *testing.T) {
	dir := put(t, map[string]string{"victim": "precious"})
	link := filepath.Join(dir, "link")
	for _, to := range []string{"victim", "missing"} {
		if err := os.Symlink(to, link); err != nil {
			t.Skip(err)
		}
		if err := WriteFile(nil, link, []byte("new")); err == nil || !strings.Contains(err.Error(), "link: a symbolic link") {
			t.Errorf("to %s: replaced: %v", to, err)
		}
		if err := CreateFile(nil, link, []byte("new")); !errors.Is(err, fs.ErrExist) {
			t.Errorf("to %s: made: %v", to, err)
		}
		if err := os.Remove(link); err != nil {
			t.Fatal(err)
		}
		holds(t, dir, map[string]string{"victim": "precious"})
	}
}

// TestTidyKnowsItsOwn removes leftovers of an interrupted write, and no other file.
func TestTidyKnowsItsOwn(t *testing.T) {
	others := map[string]string{".a.yaml.tmp": "", ".a.yaml.relayform-.tmp": "", ".a.yaml.relayform-backup.tmp": "", ".b.yaml.relayform-ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp": "",
		"a.yaml": "", ".a.yaml.relayform-abcdefghijklmnopqrstuvwxyz.tmp": "", "a.yaml.relayform-ABCDEFGHIJKLMNOPQRSTUVWXYZ.tmp": ""}
	dir := put(t, others)
	for _, name := range []string{"a.yaml", "c.yaml"} {
		if err := os.WriteFile(temporary(filepath.Join(dir, name)), nil, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	folder := temporary(filepath.Join(dir, "a.yaml"))
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := Tidy(nil, filepath.Join(dir, "a.yaml"), filepath.Join(dir, "c.yaml")); err != nil {
		t.Fatal(err)
	}
	if err := os.Remove(folder); err != nil {
		t.Errorf("a folder: %v", err)
	}
	holds(t, dir, others)
}
