package compiler

import (
	"io/fs"
	"path/filepath"
	"slices"
	"testing"
)

// TestGolden compiles every fixture and compares it with golden/<case>: build/ is what a compile writes, rendered/ what kubectl would
// apply, with placeholders for private values.
func TestGolden(t *testing.T) {
	for name, project := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			c := compileFixture(t, project)
			files := map[string][]byte{}
			for _, f := range c.tree {
				files["build/"+f.Name] = f.Data
			}
			for name, data := range c.rendered(t, false) {
				files["rendered/"+name] = data
			}
			golden(t, "../golden/"+name, files)
		})
	}
}

// others are goldens that do not belong to a fixture: errors for broken inputs, results of rotations, and schemas of commands' output.
var others = []string{"hostile", "certs", "matrix", "story", "schemas"}

// TestEveryGoldenHasItsFixture finds goldens whose fixture is gone.
func TestEveryGoldenHasItsFixture(t *testing.T) {
	dirs, err := filepath.Glob("../golden/*")
	if err != nil {
		t.Fatal(err)
	}
	cases := fixtures(t)
	for _, dir := range dirs {
		if _, ok := cases[filepath.Base(dir)]; !ok && !slices.Contains(others, filepath.Base(dir)) {
			t.Errorf("%s has no fixture", dir)
		}
	}
}

func filesIn(t *testing.T, fsys fs.FS) []string {
	t.Helper()
	var names []string
	err := fs.WalkDir(fsys, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, name)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	return names
}
