package schema

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"

	"cuelang.org/go/cue"

	"relayform/schema/diag"
	"relayform/schema/source"
)

// scalar checks a single value. YAML's own reading of it must agree with what the language wants:
// a number or a yes where text is wanted is refused rather than converted.
func (c *checker) scalar(s *shape, n *source.Node, key *source.Key, path string) {
	c.json = append(c.json, "null"...)
	if n.Kind != source.Scalar || n.Null() {
		c.wrongType(n, key, path, s.want(), "")
		return
	}
	v, ok := decode(s.kind, n)
	if !ok {
		c.mistyped(s, n, path)
		return
	}
	text := appendJSON(nil, v)
	if !c.language.takes(s, string(text), v) {
		message := fmt.Sprintf("want %s, got %s", s.want(), strconv.Quote(n.Value))
		if near := diag.Nearest(n.Value, s.options); near != "" {
			message += "; did you mean " + near + "?"
		}
		c.atNode(n, diag.BadValue, path, message, "")
		return
	}
	c.json = append(c.json[:len(c.json)-len("null")], text...)
}

// decode reads a scalar as the kind that the language wants.
func decode(kind cue.Kind, n *source.Node) (any, bool) {
	switch {
	case kind == cue.StringKind && n.Tag == "!!str":
		return n.Value, true
	case kind == cue.BoolKind && n.Tag == "!!bool":
		return n.Value == "true" || n.Value == "True" || n.Value == "TRUE", true
	case kind == cue.IntKind && n.Tag == "!!int":
		i, err := strconv.ParseInt(n.Value, 10, 64)
		return i, err == nil && strconv.FormatInt(i, 10) == n.Value && i < math.MaxInt32
	}
	return nil, false
}

func (c *checker) mistyped(s *shape, n *source.Node, path string) {
	hint := ""
	switch {
	case s.kind == cue.StringKind:
		hint = fmt.Sprintf("quote it: %q", n.Value)
	case n.Quoted && s.kind == cue.IntKind:
		hint = "write the number without quotes"
	case s.kind == cue.IntKind && n.Tag == "!!int":
		hint = "write it as a plain decimal number"
	case s.kind == cue.BoolKind:
		hint = "write true or false, without quotes"
	}
	c.atNode(n, diag.WrongType, path, fmt.Sprintf("want %s, got %s", s.want(), source.TagName(n.Tag)), hint)
}

// appendJSON appends v, which is a string, an integer or a bool.
func appendJSON(b []byte, v any) []byte {
	text, err := json.Marshal(v)
	if err != nil {
		panic(err) // no other type gets here
	}
	return append(b, text...)
}
