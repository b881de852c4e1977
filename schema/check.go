package schema

import (
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"relayform/schema/diag"
	"relayform/schema/source"
)

// checker walks a document in parallel with the language and the Go types: it collects faults, and sets the values that it accepts, with
// defaults filled in.
type checker struct {
	language *language
	file     *source.File
	faults   diag.List
}

// maxKept is the maximum number of faults kept for one file.
const maxKept = diag.MaxCounted

// atNode reports a fault at n, and marks n as refused, so that nothing that follows from the fault is reported.
func (c *checker) atNode(n *source.Node, path string, fault *diag.Fault) {
	n.Refused = true
	if len(c.faults) < maxKept {
		c.faults = append(c.faults, c.file.AtNode(n, path, fault))
	}
}

func (c *checker) atKey(k *source.Key, path string, fault *diag.Fault) {
	if len(c.faults) < maxKept {
		c.faults = append(c.faults, c.file.AtKey(k, path, fault))
	}
}

// value checks n, and sets into to it. If n is refused, value leaves into unchanged and returns false. The key is the one that n belongs
// to, for faults about missing fields; nil at the top.
func (c *checker) value(s *shape, n *source.Node, key *source.Key, path string, into reflect.Value) bool {
	if n.Refused {
		return false
	}
	switch s.form {
	case structForm:
		if !c.block(s, n, key, path) {
			return false
		}
		c.structure(s, n, key, path, settable(into))
	case mapForm:
		if !c.block(s, n, key, path) {
			return false
		}
		c.mapping(s, n, key, path, into)
	case listForm:
		if n.Kind != source.List {
			c.wrongType(n, key, path, "a list", "write each entry on a line of its own, with - in front")
			return false
		}
		c.list(s, n, path, into)
	case eitherForm:
		of := settable(into)
		if n.Kind == source.Scalar && !n.Null() {
			return c.scalar(s.text, n, key, path, of.FieldByName("Folder"))
		}
		if n.Kind != source.Map {
			c.wrongType(n, key, path, s.want(), "")
			return false
		}
		c.mapping(s, n, key, path, of.FieldByName("Each"))
	default:
		return c.scalar(s, n, key, path, into)
	}
	return true
}

// settable returns a new value for a pointer's target; any other value unchanged.
func settable(v reflect.Value) reflect.Value {
	if v.Kind() != reflect.Pointer {
		return v
	}
	v.Set(reflect.New(v.Type().Elem()))
	return v.Elem()
}

// block reports whether n is a block of keys.
func (c *checker) block(s *shape, n *source.Node, key *source.Key, path string) bool {
	if n.Kind == source.Map {
		return true
	}
	want, hint := "a block of keys", misshapen(s, n)
	if len(s.fields) > 0 {
		want += " (" + strings.Join(s.fieldNames(), ", ") + ")"
	}
	c.wrongType(n, key, path, want, hint)
	return false
}

func (c *checker) wrongType(n *source.Node, key *source.Key, path, want, hint string) {
	fault := diag.WrongType.Fault(fmt.Sprintf("want %s, got %s", want, n.Reading()), hint)
	if n.Null() && key != nil {
		n.Refused = true
		c.atKey(key, path, fault)
		return
	}
	c.atNode(n, path, fault)
}

func (c *checker) structure(s *shape, n *source.Node, key *source.Key, path string, into reflect.Value) {
	for i := range n.Keys {
		k := &n.Keys[i]
		f, at := s.field(k.Name), source.Join(path, k.Name)
		if f == nil {
			if f = c.unknown(s, n, k, path); f == nil {
				continue
			}
			n.Rename(k, f.name) // later faults of the field are reported at this key
		}
		if !c.value(f.shape(), k.Value, k, at, into.Field(f.index)) && f.fallback.IsValid() {
			into.Field(f.index).Set(f.fallback)
		}
	}
	if s.oneOf {
		c.one(s, n, key, path)
	}
	for i := range s.fields {
		f := &s.fields[i]
		if !f.required && !f.always && !f.fallback.IsValid() || n.Key(f.name) != nil {
			continue
		}
		switch {
		case f.required && n.Partial: // one of the refused keys may be this one
		case f.required:
			c.missing(f, n, key, path)
		case f.always:
			c.structure(f.shape(), &source.Node{Kind: source.Map}, nil, path, into.Field(f.index))
		default:
			into.Field(f.index).Set(f.fallback)
		}
	}
}

// one checks that a block has exactly one of its keys. An unknown key counts, because it has already been reported.
func (c *checker) one(s *shape, n *source.Node, key *source.Key, path string) {
	want := "want exactly one of " + strings.Join(s.fieldNames(), ", ")
	if len(n.Keys) == 0 {
		if key != nil && !n.Partial {
			c.atKey(key, path, diag.OneOf.Fault(want, ""))
		}
		return
	}
	first := &n.Keys[0]
	for i := 1; i < len(n.Keys); i++ {
		if k := &n.Keys[i]; s.field(k.Name) != nil {
			c.atKey(k, source.Join(path, k.Name), diag.OneOf.Fault(fmt.Sprintf("%s; %s is already at line %d", want, first.Name, first.Line), ""))
		}
	}
}

func (c *checker) missing(f *field, n *source.Node, key *source.Key, path string) {
	fault := diag.MissingKey.Fault("missing; want "+f.shape().want(), "")
	at := source.Join(path, f.name)
	switch {
	case key != nil:
		c.atKey(key, at, fault)
	case len(n.Keys) > 0:
		c.atKey(&n.Keys[0], at, fault)
	default:
		c.atNode(n, at, fault)
	}
}

func (c *checker) mapping(s *shape, n *source.Node, key *source.Key, path string, into reflect.Value) {
	if s.some && len(n.Keys) == 0 {
		c.atKey(key, path, diag.MissingKey.Fault("empty; want "+s.wanted, ""))
	}
	into.Set(reflect.MakeMapWithSize(into.Type(), len(n.Keys)))
	elem := reflect.New(into.Type().Elem()).Elem()
	for i := range n.Keys {
		k := &n.Keys[i]
		at := source.Join(path, k.Name)
		if s.key != nil && !c.language.takes(s.key, k.Name) && (!k.Refused || c.retract(k)) {
			c.badName(s.key, n, k, at)
		}
		elem.SetZero()
		c.value(s.elem, k.Value, k, at, elem)
		into.SetMapIndex(reflect.ValueOf(k.Name), elem)
	}
}

func (c *checker) list(s *shape, n *source.Node, path string, into reflect.Value) {
	into.Set(reflect.MakeSlice(into.Type(), len(n.Items), len(n.Items)))
	for i, item := range n.Items {
		c.value(s.elem, item, nil, path+"["+strconv.Itoa(i)+"]", into.Index(i))
	}
}
