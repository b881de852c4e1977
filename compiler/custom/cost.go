package custom

import (
	"fmt"
	"relayform/schema/diag"
)

// Limits of what users add to one cluster. A file or a folder counts as often as it is named.
const (
	MaxPatch    = 1 << 20   // bytes of a patch or a kustomization
	MaxSelector = 1024      // bytes of a string in a target
	MaxContent  = 16 << 20  // bytes of all files
	MaxFolders  = 256       // nested component folders
	MaxObjects  = 1000      // objects
	MaxGrowth   = 64 << 20  // bytes that patches, labels and the like may add to the objects
	MaxSteps    = 5_000_000 // merge steps; kustomize takes about a microsecond for each
)

// Cost is an upper bound on what kustomize does with patches and components. Numbers saturate at most.
type Cost struct {
	Folders, Bytes, Objects int
	List, Map               int // the longest list and the largest map in the objects
	Squares                 int // of the number of keys of each map: kustomize scans all keys for each
	Copies                  int // JSON patch operations that may double their target

	Once   work // applied to one object
	Each   work // applied to each object
	Passes int  // scans over all objects
}

// work is what is done to an object.
type work struct {
	Text       int // bytes that may be written into it
	Entries    int // list entries to merge
	Keys       int // map keys to merge
	Operations int // JSON patch operations
}

// most exceeds every limit, and is so small that the product of two does not overflow.
const most = 1 << 30

func sum(a, b int) int     { return min(a+b, most) }
func product(a, b int) int { return min(a*b, most*most) }

func (w *work) add(o work) {
	w.Text, w.Entries = sum(w.Text, o.Text), sum(w.Entries, o.Entries)
	w.Keys, w.Operations = sum(w.Keys, o.Keys), sum(w.Operations, o.Operations)
}

// Add adds another cost.
func (c *Cost) Add(o Cost) {
	c.Folders, c.Bytes, c.Objects = sum(c.Folders, o.Folders), sum(c.Bytes, o.Bytes), sum(c.Objects, o.Objects)
	c.List, c.Map = max(c.List, o.List), max(c.Map, o.Map)
	c.Squares = sum(c.Squares, o.Squares)
	c.Copies, c.Passes = sum(c.Copies, o.Copies), sum(c.Passes, o.Passes)
	c.Once.add(o.Once)
	c.Each.add(o.Each)
}

// own is a generous estimate of what relayform itself adds to a cluster.
var own = Cost{Bytes: 64 << 10, Objects: 12, List: 16, Map: 16}

// Check refuses a total for one cluster that exceeds a limit.
func (c Cost) Check() *diag.Fault {
	switch {
	case c.Folders > MaxFolders:
		return limit("", "a build reads more than %d folders of components, each as often as it is named; the limit is %d", MaxFolders, MaxFolders)
	case c.Bytes > MaxContent:
		return limit("", "the files have more than 16 MiB, each counted as often as it is named; the limit is 16 MiB")
	case c.Objects > MaxObjects:
		return limit("", "the components have %s objects; the limit is %d", count(c.Objects), MaxObjects)
	}
	c.Add(own)
	switch grown := product(c.Bytes, 1<<min(c.Copies, 30)); {
	case c.Copies > 0 && grown > MaxGrowth:
		return limit("write the values out, as add operations", "%s copy operations may double what they are applied to each time, from %s bytes to more than 64 MiB; the limit is 64 MiB", count(c.Copies), count(c.Bytes))
	case product(c.Each.Text, c.Objects) > MaxGrowth:
		return limit("name one object in a patch's target, and move large values into files of their own", "%s bytes of patches, labels and the like go into each of %d objects; the limit is 64 MiB in all", count(c.Each.Text), c.Objects)
	}
	for _, part := range c.steps() {
		if part.steps > MaxSteps {
			return limit("split it, or name fewer objects in the target", "%s: about %s million steps; the limit is 5 million", part.what, count(part.steps/1_000_000))
		}
	}
	return nil
}

type part struct {
	what  string
	steps int
}

// steps returns the steps of a build, with measured weights.
func (c Cost) steps() []part {
	all := func(once, each int) int { return min(product(each, c.Objects)+once, most) }
	entries, keys, operations := all(c.Once.Entries, c.Each.Entries), all(c.Once.Keys, c.Each.Keys), all(c.Once.Operations, c.Each.Operations)
	return []part{
		{fmt.Sprintf("merging %s entries of lists in patches into lists of up to %s", count(entries), count(c.List+entries)), product(min(product(entries, sum(c.List, sum(c.Once.Entries, c.Each.Entries))), most), 4)},
		{fmt.Sprintf("merging %s keys of patches into blocks of up to %s", count(keys), count(c.Map+keys)), product(keys, sum(c.Map, sum(c.Once.Keys, c.Each.Keys))) / 30},
		{fmt.Sprintf("reading blocks of up to %s keys", count(c.Map)), c.Squares / 80},
		{fmt.Sprintf("applying JSON patches of %s operations", count(operations)), product(operations, 10)},
		{fmt.Sprintf("going %s times through %s bytes of objects", count(c.Passes), count(c.Bytes)), product(c.Passes, c.Bytes) / 64},
	}
}

// Steps returns the approximate duration of a build, in microseconds.
func (c Cost) Steps() int {
	c.Add(own)
	total := 0
	for _, part := range c.steps() {
		total = sum(total, part.steps)
	}
	return total
}

// count formats a number for people.
func count(n int) string {
	if n >= most {
		return "more than a billion"
	}
	return fmt.Sprint(n)
}
