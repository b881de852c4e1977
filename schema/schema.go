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
	topology *shape
	lock     *shape
	homes    map[string][]string // the blocks of a topology that have a key of a name
}

// compiled is the language, made from CUE once in a process.
var compiled = sync.OnceValue(func() *language {
	l := &language{context: newContext()}
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
	l.topology = l.newShape(l.file.LookupPath(cue.ParsePath("#Topology")), "", reflect.TypeFor[Topology]())
	l.homes = map[string][]string{}
	l.topology.register(l.homes)
	l.lock = l.newShape(l.file.LookupPath(cue.ParsePath("#Lock")), "", reflect.TypeFor[Lock]())
	return l
})

// newContext is what cuecontext.New makes, with those of CUE's packages alone that the language imports.
// All of them, 88 with what they need, would be linked and set up at every start: protocol buffers, TOML, an
// HTTP client.
func newContext() *cue.Context {
	//lint:ignore SA1019 it is the one way to a context that does not import them
	r := new(cue.Runtime)
	//lint:ignore SA1019 it sets the runtime up
	if _, err := r.Compile("", ""); err != nil {
		panic(err)
	}
	return (*cue.Context)(r)
}

// home is the one block that a key of this name belongs into; empty where it is the top of the file,
// or not one block alone.
func (l *language) home(name string) string {
	if homes := l.homes[name]; len(homes) == 1 && !strings.Contains(homes[0], "[]") {
		return homes[0]
	}
	return ""
}
