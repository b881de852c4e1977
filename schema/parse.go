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

// MaxIssuedAgents is the number of agents that relayform can issue certificates for: each is an entry of the lockfile.
const MaxIssuedAgents = 10000

// Document is a file that could be read. If Faults is empty, its form is right: every value has its type and meets its constraint, and
// every default is filled in. Other code checks what the values mean together.
type Document struct {
	file   *source.File
	faults diag.List
}

// ParseTopology reads a topology. Diagnostics use the name for the file. The error is a diag.List with every fault of the form. Even with
// an error there is a Document if the file could be read; refused values then have their defaults, or none. Private material is refused,
// and so are the tokens with these digests; no diagnostic quotes them.
func ParseTopology(name string, text []byte, tokens ...string) (*Topology, *Document, error) {
	t := new(Topology)
	doc, err := parse(name, text, tokens, compiled().topology(), t)
	return t, doc, err
}

// ParseLock reads a lockfile as ParseTopology reads a topology, but without the section of agents: see SplitLock.
func ParseLock(name string, text []byte, tokens ...string) (*Lock, *Document, error) {
	l := new(Lock)
	head, _ := SplitLock(text)
	doc, err := parse(name, head, tokens, compiled().lock(), l)
	return l, doc, err
}

// SplitLock cuts a lockfile before the section of agents' certificates. It is the last section and has one record a line, because there may
// be thousands, which git merges line by line.
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

// Faults returns the faults of the form.
func (d *Document) Faults() diag.List { return d.faults }

// Refused reports whether a fault has already been reported at a field, above it, or at its key, so that nothing that follows from its
// value is reported.
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

// Name returns the file's name, as diagnostics show it.
func (d *Document) Name() string { return d.file.Name }

// Fault returns a diagnostic at the value of a field, or at the nearest block in the file if the field is not written.
func (d *Document) Fault(path []string, fault *diag.Fault) diag.Diagnostic {
	return d.fault(path, fault, false)
}

// FaultAtKey is like Fault, but points at the field's key, not its value.
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

// Line returns the line of a field's key; 0 if the field is not written.
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
