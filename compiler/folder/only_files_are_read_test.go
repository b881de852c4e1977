package folder

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestOnlyFilesAreRead reads things that are not files, and files of all sizes around a limit, without blocking.
func TestOnlyFilesAreRead(t *testing.T) {
	const limit = 100
	dir := put(t, map[string]string{"empty": "", "small": "text", "full": strings.Repeat("x", limit), "over": strings.Repeat("x", limit+1)})
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for name, to := range map[string]string{"link": "small", "out": os.DevNull} {
		if err := os.Symlink(to, filepath.Join(dir, name)); err != nil {
			t.Skip(err)
		}
	}
	if err := os.Mkdir(filepath.Join(dir, "folder"), 0o755); err != nil {
		t.Fatal(err)
	}
	var kind *KindError
	var size *SizeError
	isKind := func(err error) bool { return errors.As(err, &kind) }
	isSize := func(err error) bool { return errors.As(err, &size) && size.Limit == limit }
	isMissing := func(err error) bool { return errors.Is(err, fs.ErrNotExist) }
	read := func(err error) bool { return err == nil }
	refused := func(err error) bool { return err != nil }
	for name, want := range map[string]struct{ file, own, below func(error) bool }{
		"empty":   {read, read, read},
		"small":   {read, read, read},
		"full":    {read, read, read},
		"over":    {isSize, isSize, isSize},
		"folder":  {isKind, isKind, isKind},
		"missing": {isMissing, isMissing, isMissing},
		"link":    {read, isKind, read},
		"out":     {isKind, isKind, refused},
	} {
		path := filepath.Join(dir, name)
		data, err := ReadFile(path, limit)
		if !want.file(err) || err == nil && name != "link" && len(data) != len(mustRead(t, path)) {
			t.Errorf("%s: ReadFile: %d bytes, %v", name, len(data), err)
		}
		if _, err := ReadOwn(path, limit); !want.own(err) {
			t.Errorf("%s: ReadOwn: %v", name, err)
		}
		if _, err := ReadBelow(root, name, limit); !want.below(err) {
			t.Errorf("%s: ReadBelow: %v", name, err)
		}
	}
}

func mustRead(t *testing.T, path string) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestFilesThatTellNoSizeHaveAnEnd reads a system file whose size is reported as 0.
func TestFilesThatTellNoSizeHaveAnEnd(t *testing.T) {
	const path = "/proc/self/maps"
	if info, err := os.Stat(path); err != nil || info.Size() != 0 {
		t.Skip("there is no such file here")
	}
	var size *SizeError
	if _, err := ReadFile(path, 64); !errors.As(err, &size) {
		t.Errorf("got %v", err)
	}
}
