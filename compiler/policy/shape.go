package policy

import (
	"maps"
	"reflect"
	"slices"

	"cuelang.org/go/cue"

	"relayform/schema"
)

// form is the kind of a part of the input.
type form uint8

const (
	scalar form = iota
	block       // with known fields
	table       // with keys that users choose
	list
)

// shape is a part of the input: what a policy may refer to below it.
type shape struct {
	form   form
	fields map[string]*shape // for block
	elem   *shape            // for table and list
	kind   cue.Kind          // for scalar
}

// input returns the shape of everything that a policy can constrain.
func input() *shape {
	return &shape{form: block, fields: map[string]*shape{
		"topology": shapeOf(reflect.TypeFor[schema.Topology]()),
		"plan":     shapeOf(reflect.TypeFor[resolved]()),
	}}
}

func shapeOf(t reflect.Type) *shape {
	switch t.Kind() {
	case reflect.Pointer:
		return shapeOf(t.Elem())
	case reflect.Struct:
		if t == reflect.TypeFor[schema.Clients]() {
			return shapeOf(reflect.TypeFor[map[string]schema.KeyPair]())
		}
		s := &shape{form: block, fields: map[string]*shape{}}
		for i := range t.NumField() {
			s.fields[nameOf(t.Field(i))] = shapeOf(t.Field(i).Type)
		}
		return s
	case reflect.Map:
		return &shape{form: table, elem: shapeOf(t.Elem())}
	case reflect.Slice:
		return &shape{form: list, elem: shapeOf(t.Elem())}
	case reflect.Bool:
		return &shape{kind: cue.BoolKind}
	case reflect.Int64, reflect.Float64:
		return &shape{kind: cue.NumberKind}
	}
	return &shape{kind: cue.StringKind}
}

// child returns the shape of a field; nil if there is none, or s is nil.
func (s *shape) child(name string) *shape {
	switch {
	case s == nil:
		return nil
	case s.form == block:
		return s.fields[name]
	case s.form == table:
		return s.elem
	}
	return nil
}

// texts reports whether s is a table of strings, such as labels: a missing key reads as the empty string.
func (s *shape) texts() bool {
	return s != nil && s.form == table && s.elem.form == scalar && s.elem.kind == cue.StringKind
}

func (s *shape) names() []string { return slices.Sorted(maps.Keys(s.fields)) }

// kinds returns the CUE kinds that fit.
func (s *shape) kinds() cue.Kind {
	switch s.form {
	case block, table:
		return cue.StructKind
	case list:
		return cue.ListKind
	}
	return s.kind
}

// noun names the kind of value in a sentence.
func (s *shape) noun() string { return noun(s.kinds()) }

func noun(k cue.Kind) string {
	switch {
	case k&cue.StructKind != 0:
		return "a block of fields"
	case k&cue.ListKind != 0:
		return "a list"
	case k&cue.StringKind != 0:
		return "a text"
	case k&cue.NumberKind != 0:
		return "a number"
	case k&cue.BoolKind != 0:
		return "true or false"
	case k&cue.NullKind != 0:
		return "null"
	}
	return "something else"
}
