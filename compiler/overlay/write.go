package overlay

import (
	"slices"

	"relayform/compiler/folder"
)

// Write makes the folder contain the tree, and nothing else from relayform. Unchanged files are not touched; each top-level folder is
// replaced atomically; an interrupted run leaves a marker, and the next one completes it.
func (t Tree) Write(f *folder.Folder) (Changes, error) {
	c, err := t.Compare(f)
	if err != nil {
		return c, err
	}
	return c, t.write(f, c, f.Unfinished())
}

// WriteUnit makes one top-level folder contain what the tree has there, and touches nothing else.
func (t Tree) WriteUnit(f *folder.Folder, name string) (Changes, error) {
	c, err := t.compareWith(f, name)
	if err != nil {
		return c, err
	}
	if f.Unfinished() && !c.None() { // the rest stays unfinished: the marker is neither set nor removed
		return c, t.Unit(name).replace(f, c)
	}
	return c, t.Unit(name).write(f, c, false)
}

// write changes what differs. An unfinished write is completed even if nothing differs.
func (t Tree) write(f *folder.Folder, c Changes, unfinished bool) error {
	if c.None() && !unfinished {
		return f.Sweep()
	}
	if err := f.Create(); err != nil {
		return err
	}
	if err := f.Begin(); err != nil {
		return err
	}
	if err := t.replace(f, c); err != nil {
		return err
	}
	if err := f.End(); err != nil {
		return err
	}
	return f.Sweep()
}

// replace replaces the units that differ.
func (t Tree) replace(f *folder.Folder, c Changes) error {
	touched := map[string]bool{}
	for _, name := range slices.Concat(c.Added, c.Changed, c.Removed) {
		touched[unit(name)] = true
	}
	var folders [][]folder.File
	for _, u := range t.units() {
		name := unit(u[0].Name)
		if !touched[name] {
			continue
		}
		delete(touched, name)
		if u[0].Name != name {
			folders = append(folders, u)
			continue
		}
		if err := f.Write(name, u[0].Data); err != nil {
			return err
		}
	}
	if err := f.Replace(folders); err != nil {
		return err
	}
	for name := range touched { // what remains has no file in the tree any more
		if err := f.Remove(name); err != nil {
			return err
		}
	}
	return nil
}
