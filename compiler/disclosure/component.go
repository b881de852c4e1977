package disclosure

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/manifest"
	"relayform/schema/pattern"
	"relayform/schema/secrecy"
	"relayform/schema/source"
)

// Component checks the files of a component, named relative to the topology's directory.
func (m Mesh) Component(files []folder.File) []Finding {
	values := generated(files)
	var found []Finding
	for _, f := range files {
		secret := secretLines(f, values[f.Name])
		places := few(secrecy.Find(f.Data, m.Digests...))
		for _, p := range places {
			here := at(f.Name, p.Line) + string(p.Kind)
			switch {
			case m.owns(p):
				found = append(found, Finding{Message: here + " of this mesh is here; it is committed", Hint: replaced})
			case secret(p.Line):
				found = append(found, Finding{Warning: true, Message: here + " is here, in a Secret of your own; it is committed as it is"})
			default:
				found = append(found, Finding{Message: here + " is here, outside of a Secret; it is committed", Hint: replaced})
			}
		}
		if len(places) == 0 && (values[f.Name] && open(f.Data) || slices.ContainsFunc(secretsIn(f.Data), readable) || literals(f)) {
			found = append(found, Finding{Warning: true, Message: f.Name + ": the values of a Secret are here; they are committed as they are"})
		}
	}
	return found
}

// few returns the first places in a file: one would be enough.
func few(places []secrecy.Place) []secrecy.Place { return places[:min(len(places), 10)] }

// generators returns the Secret generators of a kustomization, and their lines; nil for any other file.
func generators(f folder.File) (entries []*source.Node, first, last int) {
	if !slices.Contains(manifest.KustomizationFiles, path.Base(f.Name)) {
		return nil, 0, 0
	}
	parsed, _ := source.Parse(f.Name, f.Data)
	if parsed == nil || parsed.Root.Kind != source.Map {
		return nil, 0, 0
	}
	last = bytes.Count(f.Data, []byte("\n")) + 1
	for _, k := range parsed.Root.Keys {
		switch {
		case strings.EqualFold(k.Name, "secretGenerator"):
			entries, first = k.Value.Items, k.Line
		case first > 0 && k.Line > first:
			return entries, first, k.Line - 1
		}
	}
	return entries, first, last
}

// generated returns the files that become values of Secrets.
func generated(files []folder.File) map[string]bool {
	values := map[string]bool{}
	for _, f := range files {
		entries, _, _ := generators(f)
		for _, entry := range entries {
			for _, field := range []string{"files", "envs"} {
				list := entry.Get(field)
				if list == nil {
					continue
				}
				for _, item := range list.Items {
					name := item.Value[strings.IndexByte(item.Value, '=')+1:]
					values[path.Join(path.Dir(f.Name), name)] = true
				}
			}
			if env := entry.Get("env"); env != nil {
				values[path.Join(path.Dir(f.Name), env.Value)] = true
			}
		}
	}
	return values
}

// literals reports whether a kustomization contains literal values for Secrets.
func literals(f folder.File) bool {
	entries, _, _ := generators(f)
	return slices.ContainsFunc(entries, func(entry *source.Node) bool {
		list := entry.Get("literals")
		return list != nil && len(list.Items) > 0
	})
}

// kind matches the kind of an object.
var kind = pattern.Late(`(?m)(?:^|[\s{,"'-])kind["']?\s*:\s*["']?([A-Za-z]+)`)

// secretLines returns a predicate for lines that belong to a Secret: all, if the file is a value of one.
func secretLines(f folder.File, value bool) func(line int) bool {
	if value {
		return func(int) bool { return true }
	}
	if entries, first, last := generators(f); entries != nil {
		return func(line int) bool { return line >= first && line <= last }
	}
	return func(line int) bool {
		kinds := kind().FindAllSubmatch(document(f.Data, line), -1)
		return len(kinds) > 0 && !slices.ContainsFunc(kinds, func(m [][]byte) bool {
			return !slices.Contains([]string{"Secret", "List", "SecretList"}, string(m[1]))
		})
	}
}

// document returns the YAML document that contains a line.
func document(text []byte, line int) []byte {
	start, end, n := 0, len(text), 0
	at := 0
	for l := range bytes.Lines(text) {
		n++
		if bytes.HasPrefix(l, []byte("---")) && !bytes.HasPrefix(l, []byte("-----")) {
			if n > line {
				end = at
				break
			}
			start = at
		}
		at += len(l)
	}
	return text[start:end]
}
