package custom

import (
	"bytes"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"unicode"

	"relayform/compiler/overlay"
	"relayform/schema/diag"
	"relayform/schema/source"
)

// locate resolves a path in a kustomization, relative to the topology's directory.
func (k *kustomization) locate(n *source.Node, to string) (string, *diag.Fault) {
	name := path.Join(k.dir, to)
	_, err := fs.Stat(k.reader.root, name)
	switch said := diag.Shorten(to); {
	case to == "":
		return "", k.fault(n, "an empty path; want one relative to "+k.file, "")
	case overlay.Address(to) && fs.ValidPath(name) && err == nil:
		return "", k.fault(n, said+": kustomize may take the path for a remote address", "write ./"+said)
	case overlay.Address(to):
		return "", k.fault(n, said+" is a remote address; nothing is fetched", "copy it into the component")
	case strings.ContainsFunc(to, unicode.IsControl):
		return "", k.fault(n, "a path with a control character; want plain text", "")
	case path.IsAbs(to) || filepath.IsAbs(to) || strings.HasPrefix(to, "~"):
		return "", k.fault(n, said+": an absolute path; want one relative to "+k.file, "copy the file into the component")
	case strings.Contains(to, "\\"):
		return "", k.fault(n, said+": want / between folders, got \\", "")
	case !fs.ValidPath(name) || !filepath.IsLocal(filepath.FromSlash(name)):
		return "", k.fault(n, said+": the path leaves the topology's directory; nothing is read there", "move it below the directory of the topology")
	case err != nil && Escapes(err):
		return "", k.fault(n, said+": "+Reason(err), "copy it below the directory of the topology")
	case err != nil:
		return "", k.fault(n, said+": no such file or folder below the topology's directory; nothing is fetched", "")
	}
	return name, nil
}

// open returns the content of a file that a kustomization names.
func (k *kustomization) open(n *source.Node, to string, size int64) (string, *diag.Fault) {
	name, fault := k.locate(n, to)
	if fault != nil {
		return "", fault
	}
	if k.dir != "." && !strings.HasPrefix(name, k.dir+"/") {
		return "", k.fault(n, diag.Shorten(to)+" is outside "+k.dir+"; kustomize reads the files of a folder only from there", "copy it into the component")
	}
	text, fault := k.reader.read(name, size)
	if fault != nil {
		return "", k.at(n, fault)
	}
	k.folder.files = append(k.folder.files, name)
	k.folder.cost.Add(Cost{Bytes: len(text)})
	return string(text), nil
}

// at adds where a kustomization names what is at fault.
func (k *kustomization) at(n *source.Node, fault *diag.Fault) *diag.Fault {
	return fault.At(fmt.Sprintf("%s:%d", k.file, n.Line))
}

// below reads the folder that a kustomization names.
func (k *kustomization) below(n *source.Node) *diag.Fault {
	name, fault := k.locate(n, n.Value)
	if fault != nil {
		return fault
	}
	if fault := ambiguous(n.Value); fault != nil {
		return k.at(n, fault)
	}
	f := k.reader.folder(name)
	if f.fault != nil {
		return f.fault
	}
	k.folder.below = append(k.folder.below, f)
	k.folder.cost.Add(f.cost)
	return nil
}

// resource reads a file of objects, or a folder.
func (k *kustomization) resource(n *source.Node) *diag.Fault {
	name, fault := k.locate(n, n.Value)
	if fault != nil {
		return fault
	}
	if info, err := fs.Stat(k.reader.root, name); err == nil && info.IsDir() {
		return k.below(n)
	}
	text, fault := k.open(n, n.Value, MaxContent)
	if fault != nil {
		return fault
	}
	docs, fault := documents(name, text)
	if fault != nil {
		return fault
	}
	c := Cost{Objects: objects(docs)}
	for _, doc := range docs {
		s := measure(doc)
		c.List, c.Map, c.Squares = max(c.List, s.list), max(c.Map, s.block), sum(c.Squares, s.squares)
	}
	k.folder.cost.Add(c)
	return nil
}

// source reads a file of a generator; a key and = may precede its path.
func (k *kustomization) source(n *source.Node) *diag.Fault {
	to := n.Value
	if key, rest, ok := strings.Cut(to, "="); ok && !overlay.Address(key) {
		to = rest
	}
	if _, fault := k.open(n, to, MaxContent); fault != nil {
		return fault
	}
	k.folder.cost.Add(Cost{Map: 1, Once: work{Keys: 1}})
	return nil
}

// variables reads a file with one variable per line.
func (k *kustomization) variables(n *source.Node) *diag.Fault {
	text, fault := k.open(n, n.Value, MaxContent)
	lines := 1 + bytes.Count([]byte(text), []byte("\n"))
	k.folder.cost.Add(Cost{Map: lines, Once: work{Keys: lines}})
	return fault
}

// patch checks the text of a patch in the kustomization.
func (k *kustomization) patch(n *source.Node, text string, block *source.Node) *diag.Fault {
	c, fault := Patch(fmt.Sprintf("%s:%d", k.file, n.Line), text, block.Get("target") != nil)
	c.Bytes = 0 // they are counted where the text is
	k.folder.cost.Add(c)
	return fault
}

// patchFile reads the file of a patch.
func (k *kustomization) patchFile(n, block *source.Node) *diag.Fault {
	text, fault := k.open(n, n.Value, MaxPatch)
	if fault != nil {
		return fault
	}
	c, fault := Patch(path.Join(k.dir, n.Value), text, block.Get("target") != nil)
	c.Bytes = 0
	k.folder.cost.Add(c)
	return fault
}

// replacements reads a file of replacements.
func (k *kustomization) replacements(n *source.Node) *diag.Fault {
	text, fault := k.open(n, n.Value, MaxPatch)
	if fault != nil {
		return fault
	}
	docs, fault := documents(path.Join(k.dir, n.Value), text)
	for _, doc := range docs {
		k.folder.cost.Add(Cost{Passes: 1 + measure(doc).entries})
	}
	return fault
}

// patchOrFile checks a patch, or the file of one, distinguished as kustomize does.
func (k *kustomization) patchOrFile(n, block *source.Node) *diag.Fault {
	if inline(n.Value) {
		return k.patch(n, n.Value, block)
	}
	return k.patchFile(n, block)
}

// inline reports whether a text is objects that kustomize could not interpret as a path.
func inline(text string) bool {
	docs, fault := documents("", text)
	if fault != nil || len(docs) == 0 || overlay.Fetches(text) {
		return false
	}
	for _, doc := range docs {
		if doc.Get("apiVersion") == nil || doc.Get("kind") == nil {
			return false
		}
	}
	return true
}
