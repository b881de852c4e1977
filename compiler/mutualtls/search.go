package mutualtls

import (
	"slices"
	"strings"

	"relayform/schema/pattern"
	"relayform/schema/source"
)

// search collects findings.
type search struct {
	found  []Finding
	values bool // the texts are Helm values
	depth  int  // nesting depth of this text
}

// maxTexts is the maximum depth of nested texts that are parsed as YAML.
const maxTexts = 4

func (s *search) add(line int, what, why string) {
	s.found = append(s.found, Finding{line, what, why})
}

// variable adds a variable that is set to something.
func (s *search) variable(line int, name string, set bool) {
	if !set {
		return
	}
	for _, r := range reasons {
		if strings.Contains(name, r.part) {
			s.add(line, name, r.why)
			return
		}
	}
}

func (s *search) node(n *source.Node, path []string) {
	switch n.Kind {
	case source.Map:
		s.named(n)
		s.operation(n)
		for _, k := range n.Keys {
			here := append(path[:len(path):len(path)], k.Name)
			switch {
			case isVariable(k.Name):
				s.variable(k.Line, k.Name, sets(k.Name, k.Value))
				continue
			case (len(here) > 1 || s.values) && insecure(here) && truthy(k.Value):
				s.add(k.Line, strings.Join(here, "."), plain)
			}
			s.node(k.Value, here)
		}
	case source.List:
		for _, item := range n.Items {
			if item.Kind == source.Scalar {
				s.argument(item, path)
			}
			s.node(item, path)
		}
	default:
		s.text(n)
	}
}

// named checks a list item with a name and a value: a container's variable, or a Helm value in a parameter of Argo CD.
func (s *search) named(n *source.Node) {
	name := n.Get("name")
	if name == nil || name.Kind != source.Scalar || deleted(n) {
		return
	}
	parts := strings.Split(name.Value, ".")
	for _, part := range parts {
		if isVariable(part) {
			s.variable(name.Line, part, sets(part, n))
			return
		}
	}
	if value := n.Get("value"); len(parts) > 1 && insecure(parts) && value != nil && !off(value.Value) {
		s.add(name.Line, name.Value, plain)
	}
}

// operation checks an operation of a JSON patch, by its path (RFC 6902).
func (s *search) operation(n *source.Node) {
	at, value, op := n.Get("path"), n.Get("value"), n.Get("op")
	if at == nil || value == nil || at.Kind != source.Scalar || op != nil && (op.Value == "test" || op.Value == "remove") {
		return
	}
	parts := strings.Split(strings.TrimPrefix(at.Value, "/"), "/")
	for _, part := range parts {
		if isVariable(part) {
			s.variable(at.Line, part, sets(part, value))
			return
		}
	}
	switch last := parts[len(parts)-1]; {
	case last == "name" && isVariable(value.Value):
		s.variable(value.Line, value.Value, true)
	case insecure(parts) && truthy(value):
		s.add(at.Line, strings.Join(parts, "."), plain)
	}
}

// argument checks an item in a list of arguments.
func (s *search) argument(n *source.Node, path []string) {
	m := flag().FindStringSubmatch(n.Value)
	if m == nil || off(m[2]) && m[2] != "" {
		return
	}
	if (m[1] == "insecure" || m[1] == "plaintext") && !slices.ContainsFunc(path, func(p string) bool { return slices.Contains(blocks, p) }) {
		return // another program's
	}
	s.add(n.Line, n.Value, argument)
}

// text checks a string that may contain other texts: a file in a ConfigMap, values in a GitOps engine's object, a shell command.
func (s *search) text(n *source.Node) {
	if strings.Contains(n.Value, "\n") {
		if docs, fault := source.Documents("", []byte(n.Value)); s.depth < maxTexts && fault == nil && slices.ContainsFunc(docs, isBlock) {
			inner := &search{depth: s.depth + 1}
			for _, d := range docs {
				inner.node(d, nil)
			}
			for _, f := range inner.found {
				s.add(n.Line+f.Line, f.What, f.Why)
			}
			return
		}
		s.lines(n.Value, n.Line+1)
		return
	}
	s.lines(n.Value, n.Line)
}

// lines checks lines with assignments such as NAME=value.
func (s *search) lines(text string, first int) {
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(strings.TrimSpace(line), "#") {
			for _, m := range variable().FindAllStringSubmatchIndex(line, -1) {
				name := line[m[2]:m[3]]
				rest := strings.TrimLeft(line[m[3]:], `"' `)
				value, assigned := strings.CutPrefix(rest, "=")
				if !assigned && strings.Trim(line[:m[2]], ` -"'{`) == "" { // a key
					value, assigned = strings.CutPrefix(rest, ":")
				}
				word := strings.Trim(firstWord().FindString(value), `"'`)
				s.variable(first, name, assigned && !harmless(name, word))
			}
		}
		first++
	}
}

// firstWord matches a value up to its delimiter.
var firstWord = pattern.Late(`^\s*("[^"]*"|'[^']*'|[^\s;,&|]*)`)
