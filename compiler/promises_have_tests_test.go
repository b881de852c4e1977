package compiler

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestEveryPromiseHasItsTest reads the maintainers' table: each promise names a test, and each named test exists. A promise whose test was
// renamed or removed is no longer tested.
func TestEveryPromiseHasItsTest(t *testing.T) {
	tests := everyTest(t)
	_, section, found := strings.Cut(string(read(t, "README.md")), "\n## What holds, and which test holds it\n")
	if !found {
		t.Fatal("README.md has no such section")
	}
	section, _, _ = strings.Cut(section, "\n## ")
	name := regexp.MustCompile("`([^`]+)`")
	promises := 0
	for line := range strings.Lines(section) {
		cells := strings.Split(strings.TrimSpace(line), "|")
		if len(cells) != 4 || strings.HasPrefix(cells[1], "---") || cells[1] == " promise " {
			continue
		}
		promises++
		names := name.FindAllStringSubmatch(cells[2], -1)
		if len(names) == 0 {
			t.Errorf("no test: %s", cells[1])
		}
		for _, n := range names {
			if !tests[n[1]] {
				t.Errorf("%s does not exist, and is to hold this: %s", n[1], cells[1])
			}
		}
	}
	if promises < 50 {
		t.Errorf("found %d promises; is the table still one?", promises)
	}
}

// everyTest returns the names of the module's tests, and its scripts below fixtures/.
func everyTest(t *testing.T) map[string]bool {
	t.Helper()
	tests := map[string]bool{}
	err := filepath.WalkDir("..", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return err
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, decl := range file.Decls {
			if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil {
				tests[f.Name.Name] = strings.HasPrefix(f.Name.Name, "Test") || strings.HasPrefix(f.Name.Name, "Fuzz")
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	scripts, err := fs.Glob(os.DirFS("../fixtures"), "*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, script := range scripts {
		tests[script] = true
	}
	return tests
}
