package schema

import (
	"fmt"
	"regexp"
	"slices"
	"unicode/utf8"

	"cuelang.org/go/cue"
)

// predicate returns a constraint on strings as a function; nil if it consists of more than
// patterns, lengths and words. Evaluating it in CUE takes fifty times as long, and a file may contain a
// hundred thousand strings. A test compares the two.
func (l *language) predicate(v cue.Value) func(string) bool {
	op, args := v.Expr()
	switch op {
	case cue.AndOp, cue.OrOp:
		var parts []func(string) bool
		for _, a := range args {
			p := l.predicate(a)
			if p == nil {
				return nil
			}
			if of, _ := a.Expr(); of == cue.CallOp { // checking a length is faster than a pattern
				parts = slices.Insert(parts, 0, p)
			} else {
				parts = append(parts, p)
			}
		}
		return func(s string) bool {
			for _, p := range parts {
				if p(s) == (op == cue.OrOp) {
					return op == cue.OrOp
				}
			}
			return op == cue.AndOp
		}
	case cue.SelectorOp:
		d := l.definition(v)
		if !d.Exists() {
			return nil
		}
		at := d.Path().String()
		if _, known := l.predicates[at]; !known {
			l.predicates[at] = l.predicate(d)
		}
		return l.predicates[at]
	case cue.RegexMatchOp:
		if pattern, err := args[0].String(); err == nil {
			if re, err := regexp.Compile(pattern); err == nil {
				return re.MatchString
			}
		}
	case cue.CallOp:
		if len(args) == 2 && fmt.Sprint(args[0]) == "strings.MaxRunes" {
			if n, err := args[1].Int64(); err == nil {
				return func(s string) bool { return int64(utf8.RuneCountInString(s)) <= n }
			}
		}
	case cue.NoOp:
		if word, err := v.String(); err == nil {
			return func(s string) bool { return s == word }
		}
		if fmt.Sprint(v) == "string" {
			return func(string) bool { return true }
		}
	}
	return nil
}
