package policy

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/parser"
	"cuelang.org/go/cue/token"

	"relayform/schema/diag"
)

// allowed are the packages that a policy may import: none of them accesses files, the network or a clock.
var allowed = []string{"list", "math", "regexp", "strconv", "strings", "struct", "time"}

// attributes are those that a policy may use.
var attributes = []string{"wanted", "hint"}

// reader reads one policy: it refuses what policies may not do and names that the input does not have, and rewrites every name of the input
// to refer to the input itself, whatever the policy says at the same place.
type reader struct {
	lines []string
	found []finding

	imports []*ast.ImportSpec
	defined map[string][]ast.Decl // the policy's own top-level definitions
	aliases int                   // number of aliases added
	rules   bool                  // whether the policy constrains the input at all
}

// read returns the policy's declarations that constrain the input.
func (r *reader) read(text string) (rules []ast.Decl) {
	r.lines = strings.Split(text, "\n")
	f, err := parser.ParseFile("policy", text)
	if err != nil {
		for _, e := range errors.Errors(err) {
			format, args := e.Msg()
			r.fault(e.Position(), 1, "", "this is not CUE: "+strings.Join(strings.Fields(fmt.Sprintf(format, args...)), " "), "")
		}
		return nil
	}
	r.attributesOf(f)
	r.defined = map[string][]ast.Decl{}
	var named []*ast.Field
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.ImportDecl:
			r.imports = append(r.imports, d.Specs...)
		case *ast.LetClause:
			r.defined[d.Ident.Name] = append(r.defined[d.Ident.Name], d)
		case *ast.Field:
			if name, ok := label(d.Label); ok && isHelper(name) {
				r.defined[name] = append(r.defined[name], d)
				named = append(named, d)
			}
		}
	}
	top := place{shape: input(), root: true}
	env := (*scope)(nil).with(map[string]binding{})
	for name, s := range top.shape.fields {
		env.names[name] = binding{shape: s, input: func() ast.Expr { return ast.NewIdent(inputName(name)) }}
	}
	for name := range r.defined {
		env.names[name] = binding{}
	}
	for _, d := range f.Decls {
		if let, ok := d.(*ast.LetClause); ok {
			let.Expr, env.names[let.Ident.Name] = r.binding(let.Expr, env)
		}
	}
	for _, d := range named {
		d.Value = r.expr(d.Value, env)
	}
	for _, d := range f.Decls {
		switch d := d.(type) {
		case *ast.Package, *ast.CommentGroup, *ast.Attribute, *ast.ImportDecl, *ast.LetClause:
			continue
		case *ast.Field:
			if name, ok := label(d.Label); ok && isHelper(name) {
				continue
			}
		}
		rules = append(rules, r.decl(d, top, env))
	}
	if !r.rules && len(r.found) == 0 {
		r.fault(token.NoPos, 1, "", "the policy constrains nothing", "write the fields that it is about, as plan: namespace: \"mesh\"")
	}
	return rules
}

// inputName returns the name of a top-level field of the input in a policy that was read.
func inputName(name string) string { return "input_" + name }

// isHelper reports whether a name is the policy's own: a definition, or a hidden field.
func isHelper(name string) bool { return strings.HasPrefix(name, "_") || strings.HasPrefix(name, "#") }

// attributesOf refuses imports and attributes that policies may not use, anywhere.
func (r *reader) attributesOf(f *ast.File) {
	fields := map[*ast.Attribute]bool{}
	ast.Walk(f, func(n ast.Node) bool {
		switch n := n.(type) {
		case *ast.ImportSpec:
			name, _ := strconv.Unquote(n.Path.Value)
			name, _, _ = strings.Cut(name, ":")
			if !slices.Contains(allowed, name) {
				r.fault(n.Path.Pos(), len(n.Path.Value), "", "a policy does not import "+diag.Quote(name)+"; want one of "+strings.Join(allowed, ", "), "policies reach no files, no network and no other modules")
			}
		case *ast.Field:
			for _, a := range n.Attrs {
				fields[a] = true
			}
		case *ast.Attribute:
			name, _ := n.Split()
			switch {
			case !slices.Contains(attributes, name):
				r.fault(n.Pos(), len("@"+name), "", "a policy has no attribute @"+diag.Shorten(name)+"; want @wanted(\"…\") or @hint(\"…\")"+diag.DidYouMean(name, attributes), "")
			case !fields[n]:
				r.fault(n.Pos(), len("@"+name), "", "@"+name+" belongs behind a field", "")
			}
		}
		return true
	}, nil)
}

// fault adds a fault of the policy. The width is in bytes.
func (r *reader) fault(at token.Pos, width int, field, message, hint string) {
	if len(r.found) >= diag.MaxCounted {
		return
	}
	f := finding{Code: diag.BadPolicy, Field: field, Wanted: message, Hint: hint}
	f.Line, f.Column, f.Width = r.position(at, width)
	r.found = append(r.found, f)
}

// position converts a CUE position to characters.
func (r *reader) position(at token.Pos, width int) (line, column, characters int) {
	if !at.IsValid() {
		return 1, 1, 1
	}
	p := at.Position()
	line = min(max(p.Line, 1), len(r.lines))
	text := r.lines[line-1]
	before := min(max(p.Column-1, 0), len(text))
	return line, utf8.RuneCountInString(text[:before]) + 1, utf8.RuneCountInString(text[before:min(before+max(width, 0), len(text))])
}

// label returns a field's literal name.
func label(l ast.Label) (string, bool) {
	switch l := l.(type) {
	case *ast.Alias:
		if of, ok := l.Expr.(ast.Label); ok {
			return label(of)
		}
	case *ast.Ident:
		return l.Name, true
	case *ast.BasicLit:
		if l.Kind == token.STRING {
			name, err := strconv.Unquote(l.Value)
			return name, err == nil
		}
	}
	return "", false
}

func dotted(path []string) string { return strings.Join(path, ".") }
