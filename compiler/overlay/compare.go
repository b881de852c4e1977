package overlay

import (
	"bytes"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"golang.org/x/sync/errgroup"

	"relayform/compiler/folder"
)

// Changes lists the files in which a tree differs from the disk, sorted.
type Changes struct {
	Added, Changed, Removed []string
}

// None reports whether the tree and the disk are the same.
func (c Changes) None() bool { return len(c.Added)+len(c.Changed)+len(c.Removed) == 0 }

// difference describes how one unit differs.
type difference struct {
	Changes
	foreign []string // files not written by relayform
}

// Compare compares the tree with the folder, units in parallel. The error lists files in the folder that relayform did not write and that
// would be lost.
func (t Tree) Compare(f *folder.Folder) (Changes, error) { return t.compareWith(f, "") }

// compareWith compares one top-level folder, or all if only is empty.
func (t Tree) compareWith(f *folder.Folder, only string) (Changes, error) {
	var c Changes
	if only != "" {
		t = t.Unit(only)
	}
	if !f.Exists() {
		for _, file := range t {
			c.Added = append(c.Added, file.Name)
		}
		return c, nil
	}
	entries, err := f.Entries()
	if err != nil {
		return c, err
	}
	units := map[string]Tree{}
	for _, u := range t.units() {
		units[unit(u[0].Name)] = u
	}
	pairs := make([]Tree, len(entries))
	for i, e := range entries {
		pairs[i] = units[e.Name()]
		delete(units, e.Name())
	}
	found := make([]difference, len(entries))
	var group errgroup.Group
	var next atomic.Int64
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() error {
			content := f.Content()
			for i := next.Add(1) - 1; i < int64(len(entries)); i = next.Add(1) - 1 {
				e := entries[i]
				if e.Name() == folder.Marker || e.Name() == folder.Staging || only != "" && e.Name() != only {
					continue
				}
				there, err := content.Load(e)
				if err != nil {
					return err
				}
				found[i] = pairs[i].compare(e.Name(), there)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		return c, err
	}
	foreign := f.Foreign()
	for _, d := range found {
		c.Added, c.Changed, c.Removed = append(c.Added, d.Added...), append(c.Changed, d.Changed...), append(c.Removed, d.Removed...)
		foreign = append(foreign, d.foreign...)
	}
	for _, u := range units { // units that are not on disk at all
		for _, file := range u {
			c.Added = append(c.Added, file.Name)
		}
	}
	if len(foreign) > 0 {
		slices.Sort(foreign)
		return c, fmt.Errorf("%s: not written by relayform: %s; move it elsewhere (relayform owns this folder and would remove it)", f.Path, strings.Join(foreign, ", "))
	}
	for _, names := range [][]string{c.Added, c.Changed, c.Removed} {
		slices.Sort(names)
	}
	return c, nil
}

// compare compares a unit's files with what is at and below its entry in the folder.
func (t Tree) compare(name string, there []folder.Entry) difference {
	var d difference
	copies := copiesOf(name, there)
	seen := 0 // the unit's files that exist on disk, whatever their content
	for _, e := range there {
		file := t.below(name, e.Name)
		switch {
		case e.Other:
			d.foreign = append(d.foreign, path.Join(name, e.Name))
			continue
		case file == nil && generated(path.Join(name, e.Name), e.Data, copies):
			d.Removed = append(d.Removed, path.Join(name, e.Name))
			continue
		case file == nil:
			d.foreign = append(d.foreign, path.Join(name, e.Name))
			continue
		}
		seen++
		if !bytes.Equal(file.Data, e.Data) {
			d.Changed = append(d.Changed, file.Name)
		}
	}
	if seen == len(t) {
		return d
	}
	for _, file := range t {
		if !slices.ContainsFunc(there, func(e folder.Entry) bool { return !e.Other && path.Join(name, e.Name) == file.Name }) {
			d.Added = append(d.Added, file.Name)
		}
	}
	return d
}

// below returns a unit's file by its name within the unit, or nil.
func (t Tree) below(unit, name string) *folder.File {
	for i := range t { // a unit has only a few files
		if rest := t[i].Name[len(unit):]; rest == name || rest != "" && rest[1:] == name {
			return &t[i]
		}
	}
	return nil
}
