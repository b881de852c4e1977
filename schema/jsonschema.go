package schema

import (
	"encoding/json"
	"regexp"
	"strings"

	"cuelang.org/go/cue"
)

// JSONSchema returns the language as JSON Schema (draft 2020-12), for editors. It is made from the same shapes that documents are checked
// with, so it has the descriptions, defaults and bounds of topology.cue.
func JSONSchema() string {
	s := compiled().topology().jsonSchema()
	s["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	s["title"] = "relayform topology"
	text, err := json.MarshalIndent(s, "", "  ")
	if err != nil {
		panic(err) // strings, numbers and maps always marshal
	}
	return string(text) + "\n"
}

func (s *shape) jsonSchema() map[string]any {
	out := map[string]any{}
	if s.wanted != "" {
		out["description"] = sentence("Want " + s.wanted)
	}
	switch s.form {
	case structForm:
		properties, required := map[string]any{}, []string{}
		for _, f := range s.fields {
			p := f.shape().jsonSchema()
			if f.doc != "" {
				p["description"] = f.doc
			}
			if f.fallback.IsValid() {
				p["default"] = f.fallback.Interface()
			}
			inBlock(p, s.typed+"."+f.name)
			properties[f.name] = p
			if f.required {
				required = append(required, f.name)
			}
		}
		out["type"], out["properties"], out["additionalProperties"] = "object", properties, false
		if len(required) > 0 {
			out["required"] = required
		}
		if s.oneOf {
			one := map[string]any{"minProperties": 1, "maxProperties": 1}
			forbid(out, never{"want exactly one of " + strings.Join(s.fieldNames(), ", "), map[string]any{"not": one}})
		}
		forbid(out, neverBlocks[s.typed]...)
	case mapForm:
		out["type"], out["additionalProperties"], out["propertyNames"] = "object", s.elem.jsonSchema(), s.key.jsonSchema()
		if s.some {
			forbid(out, never{"want " + s.wanted, map[string]any{"maxProperties": 0}})
		}
	case eitherForm:
		block := map[string]any{"type": "object", "additionalProperties": s.elem.jsonSchema(), "propertyNames": s.key.jsonSchema()}
		out["anyOf"] = []any{s.text.jsonSchema(), block}
	case listForm:
		out["type"], out["items"] = "array", s.elem.jsonSchema()
	default:
		s.jsonScalar(out)
	}
	return out
}

func (s *shape) jsonScalar(out map[string]any) {
	switch {
	case len(s.options()) > 0:
		out["enum"] = s.options()
		return
	case s.kind == cue.BoolKind:
		out["type"] = "boolean"
	case s.kind == cue.IntKind:
		out["type"] = "integer"
	default:
		out["type"] = "string"
	}
	s.constraints(s.value, out)
	if s.local {
		forbid(out, neverPath)
	}
	if examples := s.examples(); len(examples) > 0 && s.kind == cue.StringKind {
		out["examples"] = examples
	}
	if s.wanted != "" && out["pattern"] != nil {
		out["patternErrorMessage"] = "want " + s.wanted // editors show this instead of the pattern
	}
}

// constraints adds the bounds and patterns of a scalar's constraint.
func (s *shape) constraints(v cue.Value, out map[string]any) {
	op, args := v.Expr()
	switch op {
	case cue.AndOp, cue.OrOp:
		for _, a := range args {
			s.constraints(a, out)
		}
	case cue.SelectorOp:
		s.constraints(compiled().definition(v), out)
	case cue.RegexMatchOp:
		if pattern, err := args[0].String(); err == nil {
			if _, err := regexp.Compile(pattern); err == nil {
				addPattern(out, pattern)
			}
		}
	case cue.GreaterThanEqualOp:
		out["minimum"], _ = args[0].Int64()
	case cue.LessThanEqualOp:
		out["maximum"], _ = args[0].Int64()
	case cue.CallOp: // strings.MaxRunes(n)
		if len(args) == 2 {
			if n, err := args[1].Int64(); err == nil {
				out["maxLength"] = n
			}
		}
	}
}

// addPattern adds a pattern to the existing ones. A schema can have only one; further patterns go into schemas under allOf.
func addPattern(out map[string]any, pattern string) {
	if out["pattern"] == nil {
		out["pattern"] = pattern
		return
	}
	others, _ := out["allOf"].([]map[string]any)
	out["allOf"] = append(others, map[string]any{"pattern": pattern})
}

// sentence ends a text with a period, unless it already has an end.
func sentence(text string) string {
	if strings.HasSuffix(text, ".") || strings.HasSuffix(text, "…") {
		return text
	}
	return text + "."
}
