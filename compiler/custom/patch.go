package custom

import (
	"strings"

	"relayform/schema/diag"
	"relayform/schema/source"
)

// Patch checks the text of a patch in a file. With a target, it may apply to every object.
func Patch(file, text string, target bool) (Cost, *diag.Fault) {
	if len(text) > MaxPatch {
		return Cost{}, limit("", "%s: a patch of %d bytes; the limit is 1 MiB", file, len(text))
	}
	docs, fault := documents(file, text)
	if fault != nil {
		return Cost{}, fault
	}
	w, copies := work{Text: len(text)}, 0
	for _, doc := range docs {
		if doc.Kind != source.List {
			shape := measure(doc)
			w.Entries, w.Keys = sum(w.Entries, shape.entries), sum(w.Keys, shape.keys)
			continue
		}
		w.Operations = sum(w.Operations, len(doc.Items))
		for _, operation := range doc.Items {
			if isCopy(operation) {
				copies++
			}
		}
	}
	c := Cost{Bytes: len(text), Copies: copies}
	if target {
		c.Each, c.Passes = w, 1
	} else {
		c.Once = w
	}
	return c, nil
}

// isCopy reports whether an operation of a JSON patch copies. Of duplicate keys, any counts.
func isCopy(operation *source.Node) bool {
	for _, k := range operation.Keys {
		if strings.EqualFold(k.Name, "op") && strings.EqualFold(k.Value.Value, "copy") {
			return true
		}
	}
	return false
}

// shape is the size of an object's parts.
type shape struct {
	entries, keys int // of all lists, of all maps
	list, block   int // of the largest list and map
	squares       int // of the number of keys of each map
	text, long    int // bytes of all strings, and of the longest
}

func measure(n *source.Node) shape {
	s := shape{entries: len(n.Items), keys: len(n.Keys), list: len(n.Items), block: len(n.Keys), squares: len(n.Keys) * len(n.Keys), text: len(n.Value), long: len(n.Value)}
	include := func(below *source.Node) {
		b := measure(below)
		s.entries, s.keys = sum(s.entries, b.entries), sum(s.keys, b.keys)
		s.squares = sum(s.squares, b.squares)
		s.long = max(s.long, b.long)
		s.list, s.block, s.text = max(s.list, b.list), max(s.block, b.block), sum(s.text, b.text)
	}
	for _, item := range n.Items {
		include(item)
	}
	for _, k := range n.Keys {
		s.text = sum(s.text, len(k.Name))
		include(k.Value)
	}
	return s
}

// objects counts the objects in a file of resources, including those in lists.
func objects(docs []*source.Node) (count int) {
	for _, doc := range docs {
		if items := doc.Get("items"); items != nil && items.Kind == source.List {
			count += len(items.Items)
		}
		count++
	}
	return count
}
