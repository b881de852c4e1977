// Package overlay combines the compiled files: it checks with kustomize that every overlay builds, compares them with the disk, and writes
// what changed.
package overlay

import (
	"crypto/sha256"
	"slices"
	"strings"

	"relayform/compiler/folder"
)

// Tree is the files of a build folder, sorted by slash-separated name.
type Tree []folder.File

// NewTree sorts the files.
func NewTree(files []folder.File) Tree {
	t := Tree(files)
	slices.SortFunc(t, func(a, b folder.File) int { return strings.Compare(a.Name, b.Name) })
	return t
}

// unit returns the part of a tree that is written atomically: the top-level folder or file.
func unit(name string) string {
	first, _, _ := strings.Cut(name, "/")
	return first
}

// units splits the tree into its units, in order.
func (t Tree) units() []Tree {
	var units []Tree
	for start := 0; start < len(t); {
		end := start + 1
		for end < len(t) && unit(t[end].Name) == unit(t[start].Name) {
			end++
		}
		units = append(units, t[start:end])
		start = end
	}
	slices.SortFunc(units, func(a, b Tree) int { return strings.Compare(unit(a[0].Name), unit(b[0].Name)) })
	return units
}

// Find returns a file's content, or nil if the tree has no such file.
func (t Tree) Find(name string) []byte {
	if i, ok := t.find(name); ok {
		return t[i].Data
	}
	return nil
}

func (t Tree) find(name string) (int, bool) {
	return slices.BinarySearchFunc(t, name, func(f folder.File, name string) int { return strings.Compare(f.Name, name) })
}

// Alike groups overlays for which kustomize produces the same output. Each group contains indices in order; groups are ordered by their
// first.
func (t Tree) Alike(overlays []string) [][]int {
	return t.group(overlays, publicFolder, privateFolder, clientFolder)
}

// InForm groups overlays that differ only in ciphertexts and agents' certificates: those with the same kustomization and public part, since
// everything else they read in their own folders is one of these.
func (t Tree) InForm(overlays []string) [][]int { return t.group(overlays, publicFolder) }

// The parts of an overlay's own folder: public files, ciphertexts, and the certificate of the cluster's agent.
const (
	publicFolder  = "public"
	privateFolder = "private"
	clientFolder  = "client"
)

// group groups overlays with the same kustomization and the same given parts of their folders. Contents that share memory are read once.
func (t Tree) group(overlays []string, parts ...string) [][]int {
	digests := map[*byte][sha256.Size]byte{}
	return groups(overlays, func(name string) string {
		key := t.Find(name + "/kustomization.yaml")
		key = key[:len(key):len(key)]
		for _, part := range parts {
			at := name + "/" + part + "/"
			start, _ := t.find(at)
			for ; start < len(t) && strings.HasPrefix(t[start].Name, at); start++ {
				data := t[start].Data
				if len(data) == 0 {
					continue
				}
				digest, ok := digests[&data[0]]
				if !ok {
					digest = sha256.Sum256(data)
					digests[&data[0]] = digest
				}
				key = append(append(append(key, "\n---\n"...), t[start].Name[len(name):]...), digest[:]...)
			}
		}
		return string(key)
	})
}

func groups(names []string, of func(name string) string) [][]int {
	var all [][]int
	byText := map[string]int{}
	for i, name := range names {
		text := of(name)
		g, ok := byText[text]
		if !ok {
			g = len(all)
			byText[text] = g
			all = append(all, nil)
		}
		all[g] = append(all[g], i)
	}
	return all
}

// Unit returns the files of a top-level folder.
func (t Tree) Unit(name string) Tree {
	start, _ := t.find(name + "/")
	end := start
	for end < len(t) && unit(t[end].Name) == name {
		end++
	}
	return t[start:end]
}
