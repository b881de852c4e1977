package schema

import (
	"fmt"
	"math"
	"reflect"
	"strconv"
	"strings"

	"cuelang.org/go/cue"

	"relayform/schema/diag"
	"relayform/schema/source"
)

// scalar checks a single value. Its YAML type must be the type that the language wants: a number or a yes in place of text is refused, not
// converted.
func (c *checker) scalar(s *shape, n *source.Node, key *source.Key, path string, into reflect.Value) bool {
	if n.Kind != source.Scalar || n.Null() {
		hint := ""
		switch {
		case !n.Null():
		case s.kind == cue.StringKind && c.takesText(s, ""):
			hint = `write "" for a text that is empty`
		case !s.required:
			hint = "give it a value, or leave the key out"
		}
		c.wrongType(n, key, path, s.want(), hint)
		return false
	}
	if s.kind == cue.StringKind && n.Tag == "!!str" {
		if !c.language.takes(s, n.Value) {
			c.refuse(s, n, path)
			return false
		}
		into.SetString(n.Value)
		return true
	}
	v, ok := decode(s.kind, n)
	if !ok {
		c.mistyped(s, n, path)
		return false
	}
	if !c.language.takesValue(s, v) {
		c.refuse(s, n, path)
		return false
	}
	into.Set(reflect.ValueOf(v).Convert(into.Type()))
	return true
}

// refuse reports a value of the right type that the language does not take.
func (c *checker) refuse(s *shape, n *source.Node, path string) {
	if n.Refused = true; len(c.faults) >= maxKept {
		return
	}
	message := fmt.Sprintf("want %s, got %s", s.want(), n.Reading())
	why, hint := c.hint(s, n.Value)
	if near := s.nearOption(n.Value); why == "" && near != "" {
		why, hint = near, ""
	}
	c.atNode(n, path, s.code().Fault(message+why, hint))
}

// code returns the code for a value that the shape does not accept.
func (s *shape) code() diag.Code {
	switch {
	case strings.HasSuffix(s.at, ".relayAddress"):
		return diag.BadAddress
	case strings.HasSuffix(s.at, ".authority"):
		return diag.BadAuthority
	case strings.HasPrefix(s.at, "pki.selfSigned.validity."):
		return diag.Validity
	}
	return diag.BadValue
}

// decode reads a scalar as the kind that the language wants, if that is not text.
func decode(kind cue.Kind, n *source.Node) (any, bool) {
	switch {
	case kind == cue.BoolKind && n.Tag == "!!bool":
		return strings.EqualFold(n.Value, "true"), strings.EqualFold(n.Value, "true") || strings.EqualFold(n.Value, "false")
	case kind == cue.IntKind && n.Tag == "!!int":
		i, err := strconv.ParseInt(n.Value, 10, 64)
		return i, err == nil && strconv.FormatInt(i, 10) == n.Value && i < math.MaxInt32
	}
	return nil, false
}

// mistyped reports a value that YAML reads as a type other than the schema wants.
func (c *checker) mistyped(s *shape, n *source.Node, path string) {
	hint := ""
	switch {
	case s.kind == cue.StringKind && c.takesText(s, n.Value):
		hint = "put it into quotes: " + diag.Quote(n.Value)
	case s.kind == cue.StringKind:
		c.refuse(s, n, path) // quotes would not help
		return
	case n.Quoted && s.kind == cue.IntKind && strings.Trim(n.Value, "0123456789") == "":
		hint = "write the number without quotes"
	case s.kind == cue.IntKind && (n.Tag == "!!int" || n.Tag == "!!float") && len(n.Value) < 10:
		hint = "write it as a plain decimal number"
	case s.kind == cue.BoolKind:
		switch strings.ToLower(n.Value) {
		case "true", "yes", "on", "y", "1", "enabled":
			hint = "write true, without quotes"
		case "false", "no", "off", "n", "0", "disabled":
			hint = "write false, without quotes"
		}
	}
	c.atNode(n, path, diag.WrongType.Fault(fmt.Sprintf("want %s, got %s", s.want(), n.Reading()), hint))
}
