package policy

import (
	"fmt"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/token"
)

// place is a position in the input that a policy constrains.
type place struct {
	shape *shape
	path  string
	root  bool
	// input returns the expression for it; nil if there is none, as for list items.
	input func() ast.Expr
}

// below returns the place of a field, whose name key returns as an expression.
func (p place) below(name string, s *shape, key func() ast.Expr) place {
	next := place{shape: s, path: name}
	if p.path != "" {
		next.path = p.path + "." + name
	}
	switch {
	case p.root:
		next.input = func() ast.Expr { return ast.NewIdent(inputName(name)) }
	case p.input != nil && key != nil:
		next.input = func() ast.Expr { return &ast.IndexExpr{X: p.input(), Index: key()} }
	}
	return next
}

// decls reads a struct's declarations about a place.
func (r *reader) decls(all []ast.Decl, at place, env *scope) []ast.Decl {
	env = env.with(map[string]binding{})
	for _, d := range all {
		switch d := d.(type) {
		case *ast.LetClause:
			env.names[d.Ident.Name] = binding{}
		case *ast.Field:
			name, ok := label(d.Label)
			if !ok {
				continue
			}
			b := binding{}
			if child := at.shape.child(name); child != nil && !isHelper(name) {
				b = binding{child, at.below(name, child, func() ast.Expr { return ast.NewString(name) }).input}
			}
			if _, quoted := d.Label.(*ast.BasicLit); !quoted {
				env.names[name] = b
			}
		}
	}
	for i, d := range all {
		all[i] = r.decl(d, at, env)
	}
	return all
}

// decl reads one declaration.
func (r *reader) decl(d ast.Decl, at place, env *scope) ast.Decl {
	switch d := d.(type) {
	case *ast.Field:
		r.field(d, at, env)
	case *ast.Comprehension:
		r.comprehension(d, &at, env)
	case *ast.EmbedDecl:
		d.Expr = r.value(d.Expr, at, env)
		if _, further := d.Expr.(*ast.StructLit); !further {
			r.rules = true
		}
	case *ast.LetClause:
		d.Expr, env.names[d.Ident.Name] = r.binding(d.Expr, env)
	case *ast.Ellipsis, *ast.CommentGroup, *ast.Attribute:
	default:
		r.unsupported(d)
	}
	return d
}

func (r *reader) unsupported(n ast.Node) {
	r.fault(n.Pos(), 1, "", "a policy cannot be written with this form of CUE", "write it with fields, if, for and let")
}

// field reads a field, which the place must have.
func (r *reader) field(f *ast.Field, at place, env *scope) {
	if f.Alias != nil {
		r.unsupported(f.Alias)
		return
	}
	var alias *ast.Ident
	if a, ok := f.Label.(*ast.Alias); ok {
		if l, ok := a.Expr.(ast.Label); ok {
			alias, f.Label = a.Ident, l
		}
	}
	name, plain := label(f.Label)
	if plain && isHelper(name) {
		if _, quoted := f.Label.(*ast.BasicLit); !quoted {
			f.Value = r.expr(f.Value, env)
			return
		}
	}
	var next place
	within := env
	var added *ast.Ident
	switch l := f.Label.(type) {
	case *ast.Ident, *ast.BasicLit:
		child := at.shape.child(name)
		if child == nil {
			r.unknown(f.Label.Pos(), f.Label.End().Offset()-f.Label.Pos().Offset(), name, at)
			return
		}
		next = at.below(name, child, func() ast.Expr { return ast.NewString(name) })
	case *ast.ListLit:
		if at.shape.form != table || len(l.Elts) != 1 {
			r.fault(l.Pos(), 1, at.path, "a pattern instead of a field's name; want one of "+strings.Join(at.shape.names(), ", "), "")
			return
		}
		name, given := l.Elts[0].(*ast.Alias)
		if given {
			name.Expr = r.expr(name.Expr, env)
			within = env.with(map[string]binding{name.Ident.Name: {shape: &shape{kind: cue.StringKind}}})
			added = name.Ident
		} else {
			r.aliases++
			added = ast.NewIdent(fmt.Sprintf("key_%d", r.aliases))
			l.Elts[0] = r.expr(l.Elts[0], env)
		}
		used := false
		next = at.below("[…]", at.shape.elem, func() ast.Expr { used = true; return ast.NewIdent(added.Name) })
		defer func() {
			if used && !given {
				l.Elts[0] = &ast.Alias{Ident: added, Expr: l.Elts[0]}
			}
		}()
	case *ast.ParenExpr:
		l.X = r.expr(l.X, env)
		next = at.below("(…)", at.elem(), copied(l.X))
	case *ast.Interpolation:
		r.elements(l.Elts, env)
		next = at.below("(…)", at.elem(), copied(l))
	default:
		r.unsupported(f.Label)
		return
	}
	if alias != nil {
		within = within.with(map[string]binding{alias.Name: {next.shape, next.input}})
	}
	f.Value = r.value(f.Value, next, within)
	if _, further := f.Value.(*ast.StructLit); !further {
		r.rules = true
	}
}

// elem is the shape below a name that is not known yet: whatever it turns out to be, it is checked then.
func (p place) elem() *shape {
	if p.shape == nil || p.shape.form == block {
		return nil
	}
	return p.shape.elem
}

// unknown refuses a field that the input does not have: the policy would always be satisfied.
func (r *reader) unknown(at token.Pos, width int, name string, in place) {
	field := name
	if in.path != "" {
		field = in.path + "." + name
	}
	switch {
	case in.shape == nil:
	case in.shape.form != block:
		r.fault(at, width, field, in.path+" is "+in.shape.noun()+" and has no fields", "")
	case in.root:
		hint := "a name that a policy defines begins with _ or #"
		r.fault(at, width, field, "no such field"+oneOf(name, in.shape.names()), hint)
	default:
		r.fault(at, width, field, "no such field, so nothing could break this"+oneOf(name, in.shape.names()), "")
	}
}

// value reads the constraint on a place.
func (r *reader) value(e ast.Expr, at place, env *scope) ast.Expr {
	if at.shape == nil {
		return r.expr(e, env)
	}
	switch e := e.(type) {
	case *ast.Alias:
		return r.value(e.Expr, at, env.with(map[string]binding{e.Ident.Name: {at.shape, at.input}}))
	case *ast.StructLit:
		e.Elts = r.decls(e.Elts, at, env)
		return e
	case *ast.ParenExpr:
		e.X = r.value(e.X, at, env)
		return e
	case *ast.BinaryExpr:
		if e.Op == token.AND || e.Op == token.OR {
			e.X, e.Y = r.value(e.X, at, env), r.value(e.Y, at, env)
			return e
		}
	case *ast.UnaryExpr:
		if e.Op == token.MUL {
			e.X = r.value(e.X, at, env)
			return e
		}
	case *ast.ListLit:
		if at.shape.form != list {
			break
		}
		item := place{shape: at.shape.elem, path: at.path + "[…]"}
		for i, x := range e.Elts {
			switch x := x.(type) {
			case *ast.Ellipsis:
				if x.Type != nil {
					x.Type = r.value(x.Type, item, env)
				}
			case *ast.Comprehension:
				r.comprehension(x, &item, env)
			default:
				e.Elts[i] = r.value(x, item, env)
			}
		}
		return e
	}
	return r.expr(e, env)
}
