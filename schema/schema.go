// Package schema is relayform's language: its constraints (topology.cue), the Go types generated from them, and ParseTopology, which reads
// a topology file and reports everything that is wrong with its form.
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
	homes    func() map[string][]string // the blocks of a topology that have a key, by the key's name

	asking     sync.Mutex                   // held while using CUE: by one goroutine at a time
	predicates map[string]func(string) bool // of definitions used so far
}

// compiled is the language, built from CUE once per process.
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

// shapeOf returns the shape of a definition, whose values have the Go type t.
func (l *language) shapeOf(definition string, t reflect.Type) func() *shape {
	return late(l, func() *shape { return l.newShape(l.file.LookupPath(cue.ParsePath(definition)), "", t) })
}

// NewContext returns what cuecontext.New would, but only with the CUE packages that the language imports. All of them, 88 with their
// dependencies (protocol buffers, TOML, an HTTP client), would be linked, and set up at every start.
func NewContext() *cue.Context {
	//lint:ignore SA1019 it is the one way to a context that does not import them
	r := new(cue.Runtime)
	//lint:ignore SA1019 it sets the runtime up
	if _, err := r.Compile("", ""); err != nil {
		panic(err)
	}
	return (*cue.Context)(r)
}

// home returns the only block that a key of this name belongs in; empty if it belongs at the top of the file, or in more than one block.
func (l *language) home(name string) string {
	if homes := l.homes()[name]; len(homes) == 1 && !strings.Contains(homes[0], "[]") {
		return homes[0]
	}
	return ""
}
