package policy

import (
	"slices"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
)

// comprehension reads a comprehension whose value is about a place, or about none if at is nil.
func (r *reader) comprehension(c *ast.Comprehension, at *place, env *scope) {
	if c.Fallback != nil {
		r.unsupported(c.Fallback)
		return
	}
	for _, clause := range c.Clauses {
		switch clause := clause.(type) {
		case *ast.ForClause:
			source := r.typed(clause.Source, env)
			clause.Source = source.expr
			names := map[string]binding{}
			if clause.Key != nil {
				names[clause.Key.Name] = binding{shape: key(source.shape)}
			}
			value := binding{}
			if s := source.shape; s != nil && (s.form == table || s.form == list) {
				value.shape = s.elem
			}
			names[clause.Value.Name] = value
			env = env.with(names)
		case *ast.IfClause:
			clause.Condition = r.expr(clause.Condition, env)
		case *ast.LetClause:
			env = env.with(map[string]binding{})
			clause.Expr, env.names[clause.Ident.Name] = r.binding(clause.Expr, env)
		default:
			r.unsupported(clause)
			return
		}
	}
	if at != nil {
		c.Value = r.value(c.Value, *at, env)
		return
	}
	c.Value = r.expr(c.Value, env)
}

// key returns the shape of the first variable in a two-variable comprehension.
func key(s *shape) *shape {
	if s == nil {
		return nil
	}
	if s.form == list {
		return &shape{kind: cue.NumberKind}
	}
	return &shape{kind: cue.StringKind}
}

// copied returns a function that copies an expression; nil if the expression is not a reference.
func copied(e ast.Expr) func() ast.Expr {
	var again func(e ast.Expr) ast.Expr
	again = func(e ast.Expr) ast.Expr {
		switch e := e.(type) {
		case *ast.Ident:
			return ast.NewIdent(e.Name)
		case *ast.BasicLit:
			return &ast.BasicLit{Kind: e.Kind, Value: e.Value}
		case *ast.SelectorExpr:
			x := again(e.X)
			sel, plain := label(e.Sel)
			if x == nil || !plain {
				return nil
			}
			return &ast.IndexExpr{X: x, Index: ast.NewString(sel)}
		case *ast.IndexExpr:
			x, index := again(e.X), again(e.Index)
			if x == nil || index == nil {
				return nil
			}
			return &ast.IndexExpr{X: x, Index: index}
		case *ast.ParenExpr:
			x := again(e.X)
			if x == nil {
				return nil
			}
			return &ast.ParenExpr{X: x}
		case *ast.UnaryExpr:
			x := again(e.X)
			if x == nil {
				return nil
			}
			return &ast.UnaryExpr{Op: e.Op, X: x}
		case *ast.BinaryExpr:
			x, y := again(e.X), again(e.Y)
			if x == nil || y == nil {
				return nil
			}
			return &ast.BinaryExpr{Op: e.Op, X: x, Y: y}
		case *ast.Interpolation:
			elts := make([]ast.Expr, len(e.Elts))
			for i, x := range e.Elts {
				elts[i] = again(x)
			}
			if slices.Contains(elts, nil) {
				return nil
			}
			return &ast.Interpolation{Elts: elts}
		}
		return nil
	}
	if again(e) == nil {
		return nil
	}
	return func() ast.Expr { return again(e) }
}
