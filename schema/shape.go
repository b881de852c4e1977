package schema

import (
	"fmt"
	"reflect"
	"strings"
	"sync"

	"cuelang.org/go/cue"

	"relayform/schema/source"
)

// form is the kind of YAML that a shape wants.
type form uint8

const (
	scalarForm form = iota
	structForm      // a block with known keys
	mapForm         // a block whose keys the user chooses
	listForm
	eitherForm // a text, or a block whose keys the user chooses
)

// shape is one type of the language, prepared for walking a document in parallel.
type shape struct {
	form   form
	fields []field // structForm, in the order of the language
	oneOf  bool    // structForm: exactly one of its fields
	some   bool    // mapForm: at least one key
	key    *shape  // mapForm, eitherForm
	elem   *shape  // mapForm, listForm, eitherForm
	text   *shape  // eitherForm

	value cue.Value       // scalarForm: the constraint
	kind  cue.Kind        // scalarForm: the type of values
	words func() []string // scalarForm: all accepted words, if there is such a list
	// predicate is the constraint on a text; nil if only CUE can check it.
	predicate func() func(string) bool
	verdict   sync.Map // scalarForm: CUE's verdicts, by value

	at     string // its path in the language, such as remotes.*.labels
	typed  string // the name of its Go type
	wanted string
	// required means that the field must be written.
	required bool
	local    bool // scalarForm: a path inside the topology's folder
}

type field struct {
	name     string
	doc      string
	required bool
	always   bool          // a block that has its defaults if it is left out
	fallback reflect.Value // the default; the zero Value if there is none
	index    int           // index in the Go type
	shape    func() *shape // built when a document first has the field
}

func (s *shape) field(name string) *field {
	for i := range s.fields {
		if s.fields[i].name == name {
			return &s.fields[i]
		}
	}
	return nil
}

func (s *shape) fieldNames() []string {
	names := make([]string, len(s.fields))
	for i, f := range s.fields {
		names[i] = f.name
	}
	return names
}

// register adds to homes the blocks that have each key, from the top down. It skips the telemetry gateway's ingress, which has the same
// fields as the relay's: a misplaced key is never meant for it.
func (s *shape) register(homes map[string][]string) {
	if s.at == "management.telemetry" {
		return
	}
	for _, f := range s.fields {
		homes[f.name] = append(homes[f.name], s.at)
	}
	for _, f := range s.fields {
		f.shape().register(homes)
	}
	if s.elem != nil {
		s.elem.register(homes)
	}
}

// newShape returns the shape of v, whose values have the Go type t. An attribute of the field takes precedence over one of its definition.
func (l *language) newShape(v cue.Value, at string, t reflect.Type) *shape {
	if t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	def := l.definition(v)
	attribute := func(name string) (string, bool) {
		for _, of := range []cue.Value{v, def} {
			if a := of.Attribute(name); a.Err() == nil {
				text, _ := a.String(0)
				return text, true
			}
		}
		return "", false
	}
	s := &shape{value: v, kind: v.IncompleteKind(), at: at, typed: t.Name()}
	s.wanted, _ = attribute("wanted")
	_, s.oneOf = attribute("oneOf")
	_, s.some = attribute("some")
	_, s.local = attribute("local")
	if s.kind == cue.BottomKind { // a minimum number of keys, which an empty block does not have
		v, s.kind = def, def.IncompleteKind()
	}
	switch s.kind {
	case cue.StringKind | cue.StructKind:
		l.either(s, v, t)
	case cue.StructKind:
		l.layOut(s, v, t)
	case cue.ListKind:
		s.form = listForm
		s.elem = l.newShape(v.LookupPath(cue.MakePath(cue.AnyIndex)), at+"[]", t.Elem())
		s.elem.local = s.elem.local || s.local
	default:
		s.words = late(l, func() []string { return wordsOf(v) })
		if s.kind == cue.StringKind {
			s.predicate = late(l, func() func(string) bool { return l.predicate(v) })
		}
	}
	return s
}

// late delays a question about the language until the answer is first needed, because most documents use only a part of the language.
func late[T any](l *language, ask func() T) func() T {
	return sync.OnceValue(func() T {
		l.asking.Lock()
		defer l.asking.Unlock()
		return ask()
	})
}

// either sets both sides of a choice between a text and a block.
func (l *language) either(s *shape, v cue.Value, t reflect.Type) {
	_, sides := v.Expr()
	for _, side := range sides {
		if side.IncompleteKind() == cue.StringKind {
			s.text = l.newShape(side, s.at, reflect.TypeFor[Path]())
			s.text.local = s.text.local || s.local
			s.text.wanted = s.wanted
			continue
		}
		l.layOut(s, side, reflect.TypeFor[map[Name]KeyPair]())
	}
	s.form = eitherForm
}

// layOut sets the keys of a block.
func (l *language) layOut(s *shape, v cue.Value, t reflect.Type) {
	fields, err := v.Fields(cue.Optional(true), cue.Patterns(true))
	if err != nil {
		panic(fmt.Sprintf("topology.cue: %v", err))
	}
	s.form = structForm
	for fields.Next() {
		sel := fields.Selector()
		if sel.ConstraintType() == cue.PatternConstraint {
			s.form, s.elem = mapForm, l.newShape(fields.Value(), s.at+".*", t.Elem())
			s.key = l.newShape(sel.Pattern(), s.at+".*.name", t.Key())
			continue
		}
		value, typed := fields.Value(), fieldOf(t, sel.Unquoted())
		f := field{
			name:     sel.Unquoted(),
			index:    typed.Index[0],
			required: sel.ConstraintType() == cue.RequiredConstraint,
			always:   sel.ConstraintType() == 0,
		}
		f.shape = late(l, func() *shape {
			of := l.newShape(value, source.Join(s.at, f.name), typed.Type)
			of.required = f.required
			return of
		})
		for _, c := range value.Doc() {
			if f.doc == "" {
				f.doc = strings.TrimSpace(c.Text())
			}
		}
		if d, ok := value.Default(); ok && d.IncompleteKind()&(cue.StructKind|cue.ListKind|cue.BottomKind) == 0 {
			f.fallback = reflect.New(typed.Type).Elem()
			if err := d.Decode(f.fallback.Addr().Interface()); err != nil {
				panic(fmt.Sprintf("topology.cue: %s: %v", f.name, err))
			}
		}
		s.fields = append(s.fields, f)
	}
}

// fieldOf returns the field of a generated type that has this name in YAML.
func fieldOf(t reflect.Type, name string) reflect.StructField {
	for i := range t.NumField() {
		if tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ","); tag == name {
			return t.Field(i)
		}
	}
	panic(fmt.Sprintf("topology.cue: %s: not in the generated type %s; run make generate", name, t))
}

// definition returns the first definition that v refers to; the zero Value if there is none.
func (l *language) definition(v cue.Value) cue.Value {
	if root, path := v.ReferencePath(); root.Exists() && len(path.Selectors()) > 0 {
		return l.file.LookupPath(path)
	}
	if op, args := v.Expr(); op == cue.AndOp || op == cue.OrOp {
		for _, a := range args {
			if d := l.definition(a); d.Exists() {
				return d
			}
		}
	}
	return cue.Value{}
}

// wordsOf returns the words that v accepts, if it is a choice of words.
func wordsOf(v cue.Value) []string {
	if word, err := v.String(); err == nil && v.IsConcrete() {
		if op, _ := v.Expr(); op != cue.OrOp {
			return []string{word}
		}
	}
	op, args := v.Expr()
	if op != cue.OrOp {
		return nil
	}
	var words []string
	for _, a := range args {
		word, err := a.String()
		if err != nil {
			return nil
		}
		words = append(words, word)
	}
	return words
}

// options returns all words that a scalar accepts, if there is such a list.
func (s *shape) options() []string {
	if s.words == nil {
		return nil
	}
	return s.words()
}

// takes reports whether the language accepts a text.
func (l *language) takes(s *shape, text string) bool {
	if s.predicate != nil {
		if p := s.predicate(); p != nil {
			return p(text)
		}
	}
	return l.takesValue(s, text)
}

// takesValue asks CUE whether it accepts a scalar, once for each distinct value.
func (l *language) takesValue(s *shape, v any) bool {
	if ok, found := s.verdict.Load(v); found {
		return ok.(bool)
	}
	l.asking.Lock()
	defer l.asking.Unlock()
	ok := s.value.Unify(l.context.Encode(v)).Validate(cue.Concrete(true)) == nil
	s.verdict.Store(v, ok)
	return ok
}
