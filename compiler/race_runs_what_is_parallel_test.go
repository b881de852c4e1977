package compiler

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestRaceRunsWhatIsParallel finds each package below compiler/ and schema/ that starts goroutines or synchronizes them: make race runs its
// tests.
func TestRaceRunsWhatIsParallel(t *testing.T) {
	raced := strings.Fields(inMakefile(t, "PARALLEL"))
	var files []string
	for _, pattern := range []string{"*/*.go", "../schema/*.go", "../schema/*/*.go"} {
		found, err := filepath.Glob(pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	parallel := map[string]bool{}
	for _, file := range files {
		if !strings.HasSuffix(file, "_test.go") && runsInParallel(t, file) {
			parallel[filepath.ToSlash(filepath.Join("compiler", filepath.Dir(file)))] = true
		}
	}
	if len(parallel) < 5 {
		t.Errorf("found %d parallel packages, which cannot be all", len(parallel))
	}
	for dir := range parallel {
		if !slices.Contains(raced, dir) {
			t.Errorf("%s runs in parallel; name it in PARALLEL, in the Makefile", dir)
		}
	}
	for _, dir := range raced {
		if !parallel[dir] {
			t.Errorf("nothing in %s runs in parallel; leave it out of PARALLEL, in the Makefile", dir)
		}
	}
}

// runsInParallel reports whether a file starts a goroutine, or imports a package that synchronizes them.
func runsInParallel(t *testing.T, file string) bool {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	found := false
	ast.Inspect(parsed, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.GoStmt:
			found = true
		case *ast.ImportSpec:
			path, _ := strconv.Unquote(n.Path.Value)
			found = found || slices.Contains([]string{"sync", "sync/atomic", "golang.org/x/sync/errgroup"}, path)
		}
		return true
	})
	return found
}
