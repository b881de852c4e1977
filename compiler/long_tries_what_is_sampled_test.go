package compiler

import (
	"go/ast"
	"go/parser"
	"go/token"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// TestLongTriesWhatIsSampled finds each test that tries a sample of its cases, itself or through what it calls: make long runs it.
func TestLongTriesWhatIsSampled(t *testing.T) {
	inLong := regexp.MustCompile(`^Test(` + inMakefile(t, "LONG") + `)$`)
	found := 0
	for _, dir := range []string{".", "issue", "../cmd/relayform", "../schema", "../schema/secrecy"} {
		for name := range samplers(t, dir) {
			if !strings.HasPrefix(name, "Test") || name == "TestLongTriesWhatIsSampled" {
				continue
			}
			if found++; !inLong.MatchString(name) {
				t.Errorf("%s in %s tries a sample; name it in LONG, in the Makefile", name, dir)
			}
		}
	}
	if found < 10 {
		t.Errorf("found %d tests that try a sample, which cannot be all", found)
	}
}

// inMakefile returns the value of a variable of the Makefile.
func inMakefile(t *testing.T, variable string) string {
	t.Helper()
	stated := regexp.MustCompile(`(?m)^` + variable + ` = (.*)$`).FindStringSubmatch(string(read(t, "../Makefile")))
	if stated == nil {
		t.Fatalf("the Makefile has no %s", variable)
	}
	return stated[1]
}

// samplers are the test functions of a folder that ask for RELAYFORM_LONG, and all that call them, by name.
func samplers(t *testing.T, dir string) map[string]bool {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(dir, "*_test.go"))
	if err != nil {
		t.Fatal(err)
	}
	uses := map[string][]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				ast.Inspect(f, func(n ast.Node) bool {
					switch n := n.(type) {
					case *ast.Ident:
						uses[f.Name.Name] = append(uses[f.Name.Name], n.Name)
					case *ast.BasicLit:
						uses[f.Name.Name] = append(uses[f.Name.Name], n.Value)
					}
					return true
				})
			}
		}
	}
	all := map[string]bool{}
	for more := true; more; {
		more = false
		for name, used := range uses {
			if !all[name] && slices.ContainsFunc(used, func(u string) bool { return all[u] || strings.Contains(u, "RELAYFORM_LONG") }) {
				all[name], more = true, true
			}
		}
	}
	return all
}
