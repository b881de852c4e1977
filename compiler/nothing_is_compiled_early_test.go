package compiler

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// TestNoPatternIsCompiledBeforeItIsNeeded finds regular expressions that every start of the program would compile, and invalid ones.
func TestNoPatternIsCompiledBeforeItIsNeeded(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{range .GoFiles}}{{$.Dir}}/{{.}}\n{{end}}", "relayform/cmd/...", "relayform/compiler/...", "relayform/schema/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	late := 0
	for _, path := range strings.Fields(string(out)) {
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range file.Decls {
			if _, ok := d.(*ast.GenDecl); !ok {
				continue
			}
			ast.Inspect(d, func(n ast.Node) bool {
				call, ok := n.(*ast.CallExpr)
				if !ok {
					_, later := n.(*ast.FuncLit)
					return !later
				}
				of, ok := call.Fun.(*ast.SelectorExpr)
				if !ok {
					return true
				}
				switch from, _ := of.X.(*ast.Ident); {
				case from == nil:
				case from.Name == "regexp":
					t.Errorf("%s: regexp.%s at the start of the program; want pattern.Late", path, of.Sel.Name)
				case from.Name == "pattern" && of.Sel.Name == "Late":
					late++
					compiles(t, path, call.Args[0])
				}
				return true
			})
		}
	}
	if late < 20 {
		t.Errorf("only %d patterns found", late)
	}
}

// compiles reports a literal that is not a regular expression.
func compiles(t *testing.T, path string, e ast.Expr) {
	literal, ok := e.(*ast.BasicLit)
	if !ok {
		t.Errorf("%s: want a pattern written out", path)
		return
	}
	text, err := strconv.Unquote(literal.Value)
	if err == nil {
		_, err = regexp.Compile(text)
	}
	if err != nil {
		t.Errorf("%s: %v", path, err)
	}
}
