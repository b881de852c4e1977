package schema

import (
	"bytes"
	"fmt"
	"reflect"

	"relayform/schema/diag"
	"relayform/schema/source"
)

// MaxClusters is the number of remotes that a topology may have.
const MaxClusters = 50000

// MaxIssuedAgents is the number of agents that relayform issues certificates for: each is an entry of the lockfile.
const MaxIssuedAgents = 10000

// Document is a file that could be read. Where Faults is empty its form is right: every value is of
// its type and within its constraint, and every default is filled in. What the values mean together
// is judged later.
type Document struct {
	file   *source.File
	faults diag.List
}

// ParseTopology reads a topology. The name is what diagnostics call the file. The error is a
// diag.List with every fault of the form. With an error there is a Document still where the file
// could be read: the values that are refused then have their defaults, or none. Private material is
// refused, and tokens with these digests, which no diagnostic quotes.
func ParseTopology(name string, text []byte, tokens ...string) (*Topology, *Document, error) {
	t := new(Topology)
	doc, err := parse(name, text, tokens, compiled().topology(), t)
	return t, doc, err
}

// ParseLock reads a lockfile, as ParseTopology does a topology, but for the section of agents: see SplitLock.
func ParseLock(name string, text []byte, tokens ...string) (*Lock, *Document, error) {
	l := new(Lock)
	head, _ := SplitLock(text)
	doc, err := parse(name, head, tokens, compiled().lock(), l)
	return l, doc, err
}

// SplitLock cuts a lockfile before the section of agents' certificates, which comes last and has one record a line: there may be
// thousands, and git merges them line by line.
func SplitLock(text []byte) (head, agents []byte) {
	for start := 0; start < len(text); {
		end := start + bytes.IndexByte(text[start:], '\n') + 1
		if end <= start {
			end = len(text)
		}
		if string(bytes.TrimRight(text[start:end], "\r\n")) == "agents:" {
			return text[:start], text[start:]
		}
		start = end
	}
	return text, nil
}

func parse(name string, text []byte, tokens []string, s *shape, into any) (*Document, error) {
	file, faults := source.Parse(name, text, tokens...)
	if file == nil {
		if s == compiled().topology() && faults[0].Message == source.Empty {
			faults[0].Hint = "relayform init writes a first topology"
		}
		return nil, append(source.Private(name, text, tokens...), faults...).Err()
	}
	c := checker{language: compiled(), file: file, faults: append(faults, file.Private()...)}
	if s == compiled().topology() && (c.notTopology(file.Root) || c.tooMany(file.Root.Key("remotes"))) {
		return nil, c.faults.Err()
	}
	c.value(s, file.Root, nil, "", reflect.ValueOf(into).Elem())
	if file.Root.Kind != source.Map {
		return nil, c.faults.Err()
	}
	return &Document{file: file, faults: c.faults}, c.faults.Err()
}

// tooMany refuses more remotes than MaxClusters.
func (c *checker) tooMany(remotes *source.Key) bool {
	if remotes == nil || len(remotes.Value.Keys)+len(remotes.Value.Items) <= MaxClusters {
		return false
	}
	c.atKey(remotes, "remotes", diag.LimitExceeded.Fault(fmt.Sprintf("%d remotes; the limit is %d clusters", len(remotes.Value.Keys)+len(remotes.Value.Items), MaxClusters), "split the mesh into several topologies"))
	return true
}

// Faults is what is wrong with the form.
func (d *Document) Faults() diag.List { return d.faults }

// Refused reports whether a fault is known already at a field, above it, or at its key: what
// follows from its value is no news.
func (d *Document) Refused(path ...string) bool {
	node := d.file.Root
	for _, name := range path {
		if node.Refused {
			return true
		}
		if k := node.Key(name); k != nil {
			if k.Refused {
				return true
			}
			node = k.Value
		} else if node = node.Item(name); node == nil {
			return false
		}
	}
	return node.Refused
}

// Name is the file's name as diagnostics give it.
func (d *Document) Name() string { return d.file.Name }

// Fault is a diagnostic at the value of a field; where the field is not written out, at the
// nearest block that is.
func (d *Document) Fault(path []string, fault *diag.Fault) diag.Diagnostic {
	return d.fault(path, fault, false)
}

// FaultAtKey is Fault under the field's key rather than its value.
func (d *Document) FaultAtKey(path []string, fault *diag.Fault) diag.Diagnostic {
	return d.fault(path, fault, true)
}

func (d *Document) fault(path []string, fault *diag.Fault, atKey bool) diag.Diagnostic {
	var key *source.Key
	node, at := d.file.Root, ""
	for i, name := range path {
		next := node.Key(name)
		if next == nil {
			if item := node.Item(name); item != nil {
				node, key = item, nil
				at += "[" + name + "]"
				continue
			}
			for _, rest := range path[i:] {
				at = source.Join(at, rest)
			}
			break
		}
		node, key = next.Value, next
		at = source.Join(at, name)
	}
	if key != nil && (atKey || node.Kind != source.Scalar) {
		return d.file.AtKey(key, at, fault)
	}
	return d.file.AtNode(node, at, fault)
}

// Line is where a field's key stands, 0 where it is not written out.
func (d *Document) Line(path ...string) int {
	node, line := d.file.Root, 0
	for _, name := range path {
		k := node.Key(name)
		if k == nil {
			return 0
		}
		node, line = k.Value, k.Line
	}
	return line
}
