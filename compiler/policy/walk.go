package policy

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/literal"
	"cuelang.org/go/cue/token"

	"relayform/schema/diag"
)

// asked is a rule's own messages.
type asked struct{ wanted, hint string }

// of returns the messages of a field, or those around it.
func (a asked) of(v cue.Value) asked {
	for name, text := range map[string]*string{"wanted": &a.wanted, "hint": &a.hint} {
		if at := v.Attribute(name); at.Err() == nil {
			if words, err := at.String(0); err == nil && words != "" {
				*text = plain(words)
			}
		}
	}
	return a
}

// plain returns a text on one line.
func plain(text string) string { return strings.Join(strings.Fields(text), " ") }

// fieldAt returns the input's field that the current rule constrains at a position, as far as it is literal, and the rule's messages there.
func (e *evaluator) fieldAt(at token.Pos) (path []string, words asked) {
	if !at.IsValid() || at.Filename() != "policy" {
		return nil, asked{}
	}
	written := true
	ast.Walk(e.rule, func(n ast.Node) bool {
		f, ok := n.(*ast.Field)
		if !ok || f.Pos().Offset() > at.Offset() || f.End().Offset() < at.Offset() {
			return true
		}
		name, plainly := label(f.Label)
		if written = written && plainly; written {
			path = append(path, name)
		}
		for _, a := range f.Attrs {
			name, body := a.Split()
			text, err := literal.Unquote(body)
			if err != nil {
				text = body
			}
			text = plain(text)
			switch name {
			case "wanted":
				words.wanted = text
			case "hint":
				words.hint = text
			}
		}
		return true
	}, nil)
	return path, words
}

// walk checks the input's value at a path against a rule.
func (e *evaluator) walk(c cue.Value, s *shape, data any, there bool, path []string, words asked) {
	if len(e.found) >= diag.MaxCounted {
		return
	}
	words = words.of(c)
	if err := c.Err(); err != nil {
		if c.Validate() != nil { // of several patterns that match the same key
			e.fail(path, c, s, words, data, there)
			return
		}
		e.incomplete(c, path)
		return
	}
	if (s.form == block || s.form == table) && c.IncompleteKind() == cue.StructKind {
		if e.whole(c, s, data, there, path, words, 0) {
			e.fields(c, s, data, path, words)
		}
		return
	}
	e.leaf(c, s, data, there, path, words)
}

// incomplete reports a rule that needs a value that the topology does not have.
func (e *evaluator) incomplete(c cue.Value, path []string) {
	at := c.Pos()
	if err, ok := c.Err().(interface{ Position() token.Pos }); ok && err.Position().IsValid() {
		at = err.Position()
	}
	e.once(at, dotted(path), "this cannot be evaluated: it needs a value that this topology does not have", "first test whether it is set, as in if topology.charts != _|_ {…}")
}

// leaf checks a value as a whole.
func (e *evaluator) leaf(c cue.Value, s *shape, data any, there bool, path []string, words asked) {
	if e.says(c, 0) {
		e.once(c.Pos(), dotted(path), "this constrains nothing: the name here has no value", "name the field from the top, such as plan.name")
		return
	}
	if !there {
		e.fail(path, c, s, words, nil, false)
		return
	}
	if kind := c.IncompleteKind(); kind&cue.NumberKind != 0 {
		if (kind|cue.NumberKind)&s.kinds() == 0 {
			e.mistyped(c, s, path)
			return
		}
	} else if kind&s.kinds() == 0 {
		e.mistyped(c, s, path)
		return
	}
	if c.Unify(e.context.Encode(data)).Validate(cue.Concrete(true)) != nil {
		e.fail(path, c, s, words, data, true)
	}
}

// says reports whether a value refers to an unconstrained one: a rule with it is always satisfied, which cannot be intended.
func (e *evaluator) says(c cue.Value, depth int) bool {
	op, args := c.Expr()
	switch {
	case depth > MaxDepth:
		return false
	case op == cue.AndOp:
		return slices.ContainsFunc(args, func(v cue.Value) bool { return e.says(v, depth+1) })
	case op == cue.SelectorOp || op == cue.IndexOp:
		return c.IncompleteKind() == cue.TopKind
	}
	_, path := c.ReferencePath()
	return len(path.Selectors()) > 0 && c.IncompleteKind() == cue.TopKind
}

func (e *evaluator) mistyped(c cue.Value, s *shape, path []string) {
	e.once(c.Pos(), dotted(path), "want "+s.noun()+", as "+dotted(path)+" is one; got "+noun(c.IncompleteKind()), "")
}

// whole checks a struct against a constraint on all of it: the number of fields, or a disjunction of structs. It reports whether its fields
// must be checked, too.
func (e *evaluator) whole(c cue.Value, s *shape, data any, there bool, path []string, words asked, depth int) bool {
	if depth > MaxDepth {
		return true
	}
	op, args := c.Expr()
	switch op {
	case cue.NoOp:
		return true
	case cue.SelectorOp, cue.IndexOp:
		if d := cue.Dereference(c); d != c && d.IncompleteKind() == cue.StructKind {
			return e.whole(d, s, data, there, path, words, depth+1)
		}
		return true
	case cue.AndOp:
		fields := true
		for _, arg := range args {
			if !e.whole(arg, s, data, there, path, words, depth+1) {
				fields = false
			}
		}
		return fields
	}
	e.leaf(c, s, data, there, path, words)
	return op != cue.OrOp
}

// fields checks the fields of a struct.
func (e *evaluator) fields(c cue.Value, s *shape, data any, path []string, words asked) {
	have, _ := data.(map[string]any)
	fields, err := c.Fields(cue.Optional(true), cue.Patterns(true))
	if err != nil {
		e.incomplete(c, path)
		return
	}
	named := map[string]bool{}
	var patterns []cue.Value
	around := words
	for fields.Next() {
		sel, v := fields.Selector(), fields.Value()
		if sel.ConstraintType() == cue.PatternConstraint {
			patterns = append(patterns, sel.Pattern())
			around = around.of(v)
			continue
		}
		name := sel.Unquoted()
		named[name] = sel.ConstraintType() != cue.OptionalConstraint
		at := append(slices.Clip(path), name)
		child := s.child(name)
		if child == nil {
			e.unknownAt(v, s, name, path)
			continue
		}
		value, there := have[name]
		if !there && sel.ConstraintType() == cue.OptionalConstraint {
			continue
		}
		e.walk(v, child, value, there, at, words)
	}
	if len(patterns) > 0 {
		e.patterns(c, s, have, path, around, patterns, named)
	}
}

// patterns checks the keys that match pattern constraints, in addition to named ones.
func (e *evaluator) patterns(c cue.Value, s *shape, have map[string]any, path []string, words asked, patterns []cue.Value, named map[string]bool) {
	fits := slices.DeleteFunc(slices.Sorted(maps.Keys(have)), func(key string) bool {
		text := e.context.Encode(key)
		return named[key] || !slices.ContainsFunc(patterns, func(p cue.Value) bool { return p.Unify(text).Validate(cue.Concrete(true)) == nil })
	})
	for keys := range slices.Chunk(fits, 100) { // CUE searches all keys for each
		block := &ast.StructLit{}
		for _, key := range keys {
			block.Elts = append(block.Elts, &ast.Field{Label: ast.NewString(key), Value: ast.NewIdent("_")})
		}
		all := c.Unify(e.context.BuildExpr(block))
		for _, key := range keys {
			e.walk(all.LookupPath(cue.MakePath(cue.Str(key))), s.elem, have[key], true, append(slices.Clip(path), key), words)
		}
	}
}

// unknownAt refuses an unknown field that only evaluation reveals.
func (e *evaluator) unknownAt(v cue.Value, s *shape, name string, path []string) {
	message := "no such field, so nothing could break this"
	if s.form == block {
		message += oneOf(name, s.names())
	}
	e.once(v.Pos(), dotted(append(slices.Clip(path), name)), message, "")
}

// fail reports that the input violates a rule.
func (e *evaluator) fail(path []string, c cue.Value, s *shape, words asked, data any, there bool) {
	key := fmt.Sprintf("%q", append(slices.Clip(path), words.wanted))
	if e.told[key] {
		return // by another iteration of the same comprehension
	}
	e.told[key] = true
	at := c.Pos()
	if !at.IsValid() || at.Filename() != "policy" {
		at = e.rule.Pos()
	}
	f := finding{Path: path, Wanted: words.wanted, Hint: words.hint, Absent: !there}
	f.Line, f.Column, f.Width = e.position(at, 1)
	f.Got = shown(data)
	if m, ok := data.(map[string]any); ok && s.form == table {
		f.Got = fmt.Sprintf("%d entries", len(m))
	}
	e.found = append(e.found, f)
}

// shown formats a value for people; empty if that would not help.
func shown(data any) string {
	switch data := data.(type) {
	case string:
		if data == "" {
			return "nothing"
		}
		return data
	case map[string]any:
		return ""
	case []any:
		items := make([]string, len(data))
		for i, v := range data {
			if items[i] = shown(v); items[i] == "" {
				return fmt.Sprintf("%d entries", len(data))
			}
		}
		return cmp.Or(strings.Join(items, ", "), "nothing")
	}
	return fmt.Sprint(data)
}
