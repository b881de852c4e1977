// Package schema is relayform's language: its constraints (topology.cue), the Go types made from
// them, and Parse, which reads a topology file and says everything that is wrong with its form.
package schema

import (
	_ "embed"
	"reflect"
	"strings"
	"sync"

	"cuelang.org/go/cue"
	"cuelang.org/go/cue/build"
	"cuelang.org/go/cue/parser"
	_ "cuelang.org/go/pkg/strings"
	_ "cuelang.org/go/pkg/struct"
)

// CUE is the text of the constraints.
//
//go:embed topology.cue
var CUE string

//go:embed lock.cue
var lockCUE string

type language struct {
	context  *cue.Context
	file     cue.Value // all definitions
	topology func() *shape
	lock     func() *shape
	homes    func() map[string][]string // the blocks of a topology that have a key of a name

	asking     sync.Mutex                   // held by who asks CUE: one at a time
	predicates map[string]func(string) bool // of the definitions that were asked for
}

// compiled is the language, made from CUE once in a process.
var compiled = sync.OnceValue(func() *language {
	l := &language{context: NewContext(), predicates: map[string]func(string) bool{}}
	in := build.NewContext().NewInstance("schema", nil)
	for _, f := range []struct{ name, text string }{{"topology.cue", CUE}, {"lock.cue", lockCUE}} {
		syntax, err := parser.ParseFile(f.name, f.text, parser.ParseComments)
		if err == nil {
			err = in.AddSyntax(syntax)
		}
		if err != nil {
			panic(err) // both are part of the program
		}
	}
	if err := in.Complete(); err != nil {
		panic(err)
	}
	l.file = l.context.BuildInstance(in)
	if err := l.file.Err(); err != nil {
		panic(err)
	}
	l.topology = l.shapeOf("#Topology", reflect.TypeFor[Topology]())
	l.lock = l.shapeOf("#Lock", reflect.TypeFor[Lock]())
	l.homes = sync.OnceValue(func() map[string][]string {
		homes := map[string][]string{}
		l.topology().register(homes)
		return homes
	})
	return l
})

// shapeOf lays out a definition, whose values are of the Go type t.
func (l *language) shapeOf(definition string, t reflect.Type) func() *shape {
	return late(l, func() *shape { return l.newShape(l.file.LookupPath(cue.ParsePath(definition)), "", t) })
}

// NewContext is what cuecontext.New makes, with those of CUE's packages alone that the language imports.
// All of them, 88 with what they need, would be linked and set up at every start: protocol buffers, TOML, an
// HTTP client.
func NewContext() *cue.Context {
	//lint:ignore SA1019 it is the one way to a context that does not import them
	r := new(cue.Runtime)
	//lint:ignore SA1019 it sets the runtime up
	if _, err := r.Compile("", ""); err != nil {
		panic(err)
	}
	return (*cue.Context)(r)
}

// home is the one block that a key of this name belongs in; empty where it is the top of the file,
// or not one block alone.
func (l *language) home(name string) string {
	if homes := l.homes()[name]; len(homes) == 1 && !strings.Contains(homes[0], "[]") {
		return homes[0]
	}
	return ""
}
