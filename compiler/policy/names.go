package policy

import (
	"errors"
	"regexp/syntax"
	"strings"

	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"

	"relayform/schema/diag"
)

// binding is the meaning of a name.
type binding struct {
	shape *shape          // its part of the input, if known
	input func() ast.Expr // its expression in the input; nil to keep the name
}

// scope is the names in scope.
type scope struct {
	outer *scope
	names map[string]binding
}

func (s *scope) with(names map[string]binding) *scope { return &scope{s, names} }

func (s *scope) find(name string) (binding, bool) {
	for ; s != nil; s = s.outer {
		if b, ok := s.names[name]; ok {
			return b, true
		}
	}
	return binding{}, false
}

// typed is an expression that was read, with its part of the input.
type typed struct {
	expr  ast.Expr
	shape *shape
}

func (r *reader) expr(e ast.Expr, env *scope) ast.Expr { return r.typed(e, env).expr }

// binding reads the value of a let clause.
func (r *reader) binding(e ast.Expr, env *scope) (ast.Expr, binding) {
	t := r.typed(e, env)
	return t.expr, binding{shape: t.shape}
}

func (r *reader) elements(all []ast.Expr, env *scope) {
	for i, e := range all {
		all[i] = r.expr(e, env)
	}
}

// typed reads an expression that is not a constraint.
func (r *reader) typed(e ast.Expr, env *scope) typed {
	switch e := e.(type) {
	case *ast.Ident:
		b, _ := env.find(e.Name)
		if b.input != nil {
			in := b.input()
			ast.SetPos(in, e.Pos())
			return typed{in, b.shape}
		}
		return typed{e, b.shape}
	case *ast.SelectorExpr, *ast.IndexExpr:
		t, absent := r.part(e, env)
		if absent {
			t.expr = orEmpty(t.expr)
		}
		return t
	case *ast.ParenExpr:
		t := r.typed(e.X, env)
		e.X = t.expr
		return typed{e, t.shape}
	case *ast.UnaryExpr:
		r.pattern(e.Op, e.X)
		e.X = r.expr(e.X, env)
	case *ast.BinaryExpr:
		r.pattern(e.Op, e.Y)
		e.X, e.Y = r.compared(e.X, e.Y, e.Op, env), r.compared(e.Y, e.X, e.Op, env)
	case *ast.CallExpr:
		e.Fun = r.expr(e.Fun, env)
		r.elements(e.Args, env)
	case *ast.Interpolation:
		r.elements(e.Elts, env)
	case *ast.ListLit:
		r.elements(e.Elts, env)
	case *ast.SliceExpr:
		e.X = r.expr(e.X, env)
		if e.Low != nil {
			e.Low = r.expr(e.Low, env)
		}
		if e.High != nil {
			e.High = r.expr(e.High, env)
		}
	case *ast.Ellipsis:
		if e.Type != nil {
			e.Type = r.expr(e.Type, env)
		}
	case *ast.Comprehension:
		r.comprehension(e, nil, env)
	case *ast.StructLit:
		r.own(e, env)
	case *ast.Alias:
		e.Expr = r.expr(e.Expr, env.with(map[string]binding{e.Ident.Name: {}}))
	case *ast.BasicLit, *ast.BottomLit:
	default:
		r.unsupported(e)
	}
	return typed{expr: e}
}

// compared reads one side of an operation. Whether a label exists is tested with == _|_ or != _|_: it must be seen as absent then.
func (r *reader) compared(e, other ast.Expr, op token.Token, env *scope) ast.Expr {
	_, bottom := other.(*ast.BottomLit)
	if bottom && (op == token.EQL || op == token.NEQ) {
		switch e.(type) {
		case *ast.SelectorExpr, *ast.IndexExpr:
			t, _ := r.part(e, env)
			return t.expr
		}
	}
	return r.expr(e, env)
}

// oneOf suggests the intended name, or lists all.
func oneOf(name string, names []string) string {
	if near := diag.DidYouMean(name, names); near != "" {
		return near
	}
	return "; want one of " + strings.Join(names, ", ")
}

// pattern refuses an invalid regular expression: nothing would match it.
func (r *reader) pattern(op token.Token, e ast.Expr) {
	l, ok := e.(*ast.BasicLit)
	if !ok || op != token.MAT && op != token.NMAT {
		return
	}
	text, err := literal.Unquote(l.Value)
	if err != nil {
		return // CUE reports it
	}
	var wrong *syntax.Error
	if _, err := syntax.Parse(text, syntax.Perl); errors.As(err, &wrong) {
		r.fault(l.Pos(), len(l.Value), "", "this is not a regular expression: "+wrong.Code.String(), "Go's, as in https://pkg.go.dev/regexp/syntax")
	}
}

// part reads a selection, X.name or X["name"]. It may be absent in a table of strings: a key that does not exist reads as the empty string.
func (r *reader) part(e ast.Expr, env *scope) (t typed, absent bool) {
	var x *ast.Expr
	var name string
	var plain bool
	var at ast.Node
	switch e := e.(type) {
	case *ast.SelectorExpr:
		x, at = &e.X, e.Sel
		name, plain = label(e.Sel)
	case *ast.IndexExpr:
		x, at = &e.X, e.Index
		if l, ok := e.Index.(*ast.BasicLit); ok {
			name, plain = label(l)
		}
		e.Index = r.expr(e.Index, env)
	}
	of := r.typed(*x, env)
	*x = of.expr
	s := of.shape
	switch {
	case s == nil:
		return typed{expr: e}, false
	case s.texts():
		return typed{e, s.elem}, true
	case s.form == table || s.form == list:
		return typed{e, s.elem}, false
	case !plain:
		return typed{expr: e}, false
	case s.child(name) == nil && s.form == block:
		r.fault(at.Pos(), len(name), "", "the input has no "+diag.Shorten(name)+" here"+oneOf(name, s.names()), "")
	case s.child(name) == nil:
		r.fault(at.Pos(), len(name), "", "no "+diag.Shorten(name)+" here: what comes before it is "+s.noun()+" and has no fields", "")
	}
	return typed{e, s.child(name)}, false
}

// orEmpty returns a string that may be absent, with the empty string as default: "\(*X | "")".
func orEmpty(x ast.Expr) ast.Expr {
	choice := &ast.BinaryExpr{X: &ast.UnaryExpr{Op: token.MUL, X: x}, Op: token.OR, Y: ast.NewString("")}
	quote := func(text string) *ast.BasicLit { return &ast.BasicLit{Kind: token.STRING, Value: text} }
	return &ast.Interpolation{Elts: []ast.Expr{quote(`"\(`), choice, quote(`)"`)}}
}

// own reads a struct that is the policy's own.
func (r *reader) own(s *ast.StructLit, env *scope) {
	env = env.with(map[string]binding{})
	for _, d := range s.Elts {
		switch d := d.(type) {
		case *ast.Field:
			if name, ok := label(d.Label); ok {
				env.names[name] = binding{}
			}
			if a, ok := d.Label.(*ast.Alias); ok {
				env.names[a.Ident.Name] = binding{}
			}
		case *ast.LetClause:
			env.names[d.Ident.Name] = binding{}
		}
	}
	for _, d := range s.Elts {
		switch d := d.(type) {
		case *ast.Field:
			within := env
			switch l := d.Label.(type) {
			case *ast.ParenExpr:
				l.X = r.expr(l.X, env)
			case *ast.Interpolation:
				r.elements(l.Elts, env)
			case *ast.ListLit:
				if len(l.Elts) == 1 {
					if a, ok := l.Elts[0].(*ast.Alias); ok {
						within = env.with(map[string]binding{a.Ident.Name: {}})
					}
				}
				r.elements(l.Elts, env)
			}
			d.Value = r.expr(d.Value, within)
		case *ast.Comprehension:
			r.comprehension(d, nil, env)
		case *ast.EmbedDecl:
			d.Expr = r.expr(d.Expr, env)
		case *ast.LetClause:
			d.Expr, env.names[d.Ident.Name] = r.binding(d.Expr, env)
		case *ast.Ellipsis, *ast.CommentGroup, *ast.Attribute:
		default:
			r.unsupported(d)
		}
	}
}
