package policy

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"sync"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/ast"
	"cuelang.org/go/cue/errors"
	"cuelang.org/go/cue/token"

	// The packages that a policy may import: see allowed.
	_ "cuelang.org/go/pkg/list"
	_ "cuelang.org/go/pkg/math"
	_ "cuelang.org/go/pkg/regexp"
	_ "cuelang.org/go/pkg/strconv"
	_ "cuelang.org/go/pkg/strings"
	_ "cuelang.org/go/pkg/struct"
	_ "cuelang.org/go/pkg/time"

	"relayform/schema"
	"relayform/schema/diag"
)

// evaluator evaluates the rules of one policy.
type evaluator struct {
	*reader
	context *cue.Context
	shape   *shape                // of the input
	input   func() cue.Value      // the input, for names; created when a rule needs it
	uses    map[ast.Decl][]string // the names used in what the policy defines
	data    map[string]any
	rule    ast.Decl // the current rule
	told    map[string]bool
}

// judge returns the findings of a policy.
func judge(text string, in Input) (found []finding) {
	r := &reader{}
	defer func() {
		if fault := recover(); fault != nil { // a panic in CUE's evaluator must not crash us
			r.fault(token.NoPos, 1, "", "CUE cannot evaluate this policy", "write it more simply")
			found = r.found
		}
	}()
	rules := r.read(text)
	if len(r.found) > 0 {
		return r.found
	}
	e := evaluator{reader: r, context: schema.NewContext(), shape: input(), uses: map[ast.Decl][]string{}, data: map[string]any{"topology": in.Topology, "plan": in.Plan}, told: map[string]bool{}}
	for _, own := range r.defined {
		for _, d := range own {
			e.uses[d] = used(d)
		}
	}
	e.input = sync.OnceValue(func() cue.Value {
		all := map[string]any{}
		for name, v := range e.data {
			all[inputName(name)] = v
		}
		return e.context.Encode(all)
	})
	for _, d := range rules {
		for _, one := range apart(d) {
			e.each(one)
		}
	}
	return e.found
}

// UnmarshalJSON parses numbers as CUE does: a number with a period is not an integer.
func (in *Input) UnmarshalJSON(text []byte) error {
	var raw struct {
		Topology, Plan map[string]any
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	if err := dec.Decode(&raw); err != nil {
		return err
	}
	for _, m := range []map[string]any{raw.Topology, raw.Plan} {
		numbers(m)
	}
	in.Topology, in.Plan = raw.Topology, raw.Plan
	return nil
}

func numbers(v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, x := range v {
			v[k] = numbers(x)
		}
	case []any:
		for i, x := range v {
			v[i] = numbers(x)
		}
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	}
	return v
}

// judge checks one rule.
func (e *evaluator) judge(d ast.Decl) { e.within(e.input, d) }

func (e *evaluator) within(scope func() cue.Value, d ast.Decl) {
	if len(e.found) >= diag.MaxCounted {
		return
	}
	e.rule = d
	v := e.build(d, scope)
	if err := v.Validate(); err != nil {
		for _, one := range errors.Errors(err) {
			e.contradiction(v, one)
		}
		return
	}
	e.walk(v, e.shape, e.data, true, nil, asked{})
}

// contradiction reports what nothing can satisfy: a rule that forbids with _|_, or that has two values for a field. With a message of its
// own, it is reported at the topology's line.
func (e *evaluator) contradiction(v cue.Value, err errors.Error) {
	path, position := err.Path(), err.Position()
	if !position.IsValid() && len(err.InputPositions()) > 0 {
		position = err.InputPositions()[0]
	}
	field, words := e.fieldAt(position)
	if len(path) == 0 {
		path = field
	}
	at := v.LookupPath(cue.MakePath(selectors(path)...))
	if of := (asked{}).of(at); of.wanted != "" {
		words = of
	}
	s := e.shape
	for _, name := range path {
		s = s.child(name)
	}
	format, args := err.Msg()
	name, undefined := missing(fmt.Sprintf(format, args...))
	switch {
	case undefined:
		e.once(position, dotted(field), "no such name: "+name, "a policy knows plan, topology, and what it defines itself")
	case s != nil && len(path) > 0 && words.wanted != "":
		data, there := e.at(path)
		e.fail(path, at, s, words, data, there)
	default:
		e.once(position, dotted(path), "no value satisfies what this policy asks of "+cmp.Or(dotted(path), "the input"), "if that is intended, describe it in words: @wanted(\"…\") behind the field")
	}
}

// missing returns the name that CUE did not find.
func missing(message string) (string, bool) {
	rest, ok := strings.CutPrefix(message, "reference ")
	name, _, found := strings.Cut(strings.TrimPrefix(rest, `"`), `" not found`)
	return name, ok && found
}

// once is fault without duplicates.
func (e *evaluator) once(at token.Pos, field, message, hint string) {
	if !at.IsValid() || at.Filename() != "policy" {
		at = e.rule.Pos()
	}
	key := fmt.Sprint(at.Line(), ":", at.Column(), message)
	if !e.told[key] {
		e.told[key] = true
		e.fault(at, 1, field, message, hint)
	}
}

// at returns the input's value at a path.
func (e *evaluator) at(path []string) (data any, there bool) {
	data, there = e.data, true
	for _, name := range path {
		switch v := data.(type) {
		case map[string]any:
			data, there = v[name]
		case []any:
			i, err := strconv.Atoi(name)
			if err != nil || i < 0 || i >= len(v) {
				return nil, false
			}
			data = v[i]
		default:
			return nil, false
		}
		if !there {
			return nil, false
		}
	}
	return data, there
}

func selectors(path []string) []cue.Selector {
	all := make([]cue.Selector, len(path))
	for i, name := range path {
		if n, err := strconv.Atoi(name); err == nil {
			all[i] = cue.Index(n)
			continue
		}
		all[i] = cue.Str(name)
	}
	return all
}
