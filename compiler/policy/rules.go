package policy

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"

	"relayform/schema/diag"
)

// apart splits a declaration into rules for one field each: the violation of one says nothing about another. A name refers to the input,
// not to neighbouring fields, so nothing is lost.
func apart(d ast.Decl) []ast.Decl {
	f, ok := d.(*ast.Field)
	if !ok {
		return []ast.Decl{d}
	}
	s, ok := f.Value.(*ast.StructLit)
	if _, plain := label(f.Label); !ok || !plain || len(s.Elts) == 0 || slices.ContainsFunc(s.Elts, func(d ast.Decl) bool {
		f, ok := d.(*ast.Field)
		if !ok {
			return true
		}
		name, plain := label(f.Label)
		return plain && isHelper(name)
	}) {
		return []ast.Decl{d}
	}
	var all []ast.Decl
	for _, part := range s.Elts {
		for _, one := range apart(part) {
			outer := *f
			outer.Value = &ast.StructLit{Elts: []ast.Decl{one}}
			all = append(all, &outer)
		}
	}
	return all
}

// used returns the names that occur in a declaration.
func used(d ast.Decl) []string {
	names := map[string]bool{}
	ast.Walk(d, func(n ast.Node) bool {
		if i, ok := n.(*ast.Ident); ok {
			names[i.Name] = true
		}
		return true
	}, nil)
	return slices.Sorted(maps.Keys(names))
}

// file returns a rule with what it needs from the policy: CUE refuses unused imports and names. The second result reports whether it refers
// to the input.
func (e *evaluator) file(d ast.Decl) (f *ast.File, ofInput bool) {
	names := map[string]bool{}
	var need []ast.Decl
	var take func([]string)
	take = func(some []string) {
		for _, name := range some {
			if names[name] {
				continue
			}
			names[name] = true
			for _, own := range e.defined[name] {
				need = append(need, own)
				take(e.uses[own])
			}
		}
	}
	take(used(d))
	f = &ast.File{}
	for _, i := range e.imports {
		path, _ := strconv.Unquote(i.Path.Value)
		path, name, _ := strings.Cut(path, ":")
		if i.Name != nil {
			name = i.Name.Name
		}
		if names[cmp.Or(name, path)] {
			f.Decls = append(f.Decls, &ast.ImportDecl{Specs: []*ast.ImportSpec{i}})
		}
	}
	f.Decls = append(append(f.Decls, need...), d)
	ast.Walk(f, func(n ast.Node) bool { // names are resolved again
		if i, ok := n.(*ast.Ident); ok {
			i.Node, i.Scope = nil, nil
		}
		return true
	}, nil)
	for name := range names {
		ofInput = ofInput || strings.HasPrefix(name, inputName(""))
	}
	return f, ofInput
}

// each checks a rule; one with a comprehension, as for every cluster, entry by entry: the violation of one says nothing about the next, and
// the work grows linearly.
func (e *evaluator) each(d ast.Decl) {
	c, ok := d.(*ast.Comprehension)
	if !ok {
		e.judge(d)
		return
	}
	loop, ok := c.Clauses[0].(*ast.ForClause)
	if !ok {
		e.judge(d)
		return
	}
	keys, values, ok := e.entries(loop.Source)
	if !ok {
		e.judge(d) // it reports what is wrong with the rule
		return
	}
	names := used(&ast.Comprehension{Clauses: c.Clauses[1:], Value: c.Value})
	for i, key := range keys {
		if len(e.found) >= diag.MaxCounted {
			return
		}
		value := ast.Expr(&ast.IndexExpr{X: &ast.ParenExpr{X: loop.Source}, Index: key})
		scope := e.input
		if !slices.ContainsFunc(names, e.ofInput) {
			value = ast.NewIdent(inputName("value"))
			scope = func() cue.Value { return e.context.Encode(map[string]any{inputName("value"): values[i]}) }
		}
		clauses := []ast.Clause{&ast.IfClause{If: loop.For, Condition: ast.NewBool(true)}}
		if loop.Key != nil && slices.Contains(names, loop.Key.Name) {
			clauses = append(clauses, &ast.LetClause{Ident: ast.NewIdent(loop.Key.Name), Expr: key})
		}
		if slices.Contains(names, loop.Value.Name) {
			clauses = append(clauses, &ast.LetClause{Ident: ast.NewIdent(loop.Value.Name), Expr: value})
		}
		e.within(scope, &ast.Comprehension{Clauses: append(clauses, c.Clauses[1:]...), Value: c.Value})
	}
}

// entries returns what a comprehension iterates over, with keys as expressions; false if unknown.
func (e *evaluator) entries(source ast.Expr) (keys []ast.Expr, values []any, ok bool) {
	data, ok := e.direct(source)
	if !ok {
		v := e.build(&ast.Field{Label: ast.NewIdent("_source"), Value: source}, e.input).LookupPath(cue.MakePath(cue.Hid("_source", "_")))
		if v.Validate(cue.Concrete(true)) != nil || v.Decode(&data) != nil {
			return nil, nil, false
		}
	}
	switch data := data.(type) {
	case map[string]any:
		for _, name := range slices.Sorted(maps.Keys(data)) {
			keys, values = append(keys, ast.NewString(name)), append(values, data[name])
		}
	case []any:
		for i, v := range data {
			keys, values = append(keys, ast.NewLit(token.INT, strconv.Itoa(i))), append(values, v)
		}
	default:
		return nil, nil, false
	}
	return keys, values, true
}

// direct returns the input's value for a name without CUE, which is slow with thousands of fields.
func (e *evaluator) direct(source ast.Expr) (any, bool) {
	switch x := source.(type) {
	case *ast.Ident:
		data, ok := e.data[strings.TrimPrefix(x.Name, inputName(""))]
		return data, ok && strings.HasPrefix(x.Name, inputName(""))
	case *ast.ParenExpr:
		return e.direct(x.X)
	case *ast.SelectorExpr:
		of, ok := e.direct(x.X)
		name, plain := label(x.Sel)
		m, isMap := of.(map[string]any)
		data, there := m[name]
		return data, ok && plain && isMap && there
	}
	return nil, false
}

// build evaluates a declaration.
func (e *evaluator) build(d ast.Decl, scope func() cue.Value) cue.Value {
	f, names := e.file(d)
	if !names {
		return e.context.BuildFile(f)
	}
	return e.context.BuildFile(f, cue.Scope(scope()))
}

// ofInput reports whether a name is the input's, or one by which the policy may refer to it.
func (e *evaluator) ofInput(name string) bool {
	return e.defined[name] != nil || strings.HasPrefix(name, inputName(""))
}
