package overlay

import (
	"slices"

	"relayform/compiler/folder"
)

// Write makes the folder hold the tree, and nothing else of relayform's. What is the same is not
// touched; each folder at the top is old or new as a whole; a run that is cut short leaves a marker
// that says so, and the next one finishes.
func (t Tree) Write(f *folder.Folder) (Changes, error) {
	c, err := t.Compare(f)
	if err != nil {
		return c, err
	}
	if c.None() && !f.Unfinished() {
		return c, f.Sweep()
	}
	if err := f.Create(); err != nil {
		return c, err
	}
	if err := f.Begin(); err != nil {
		return c, err
	}
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
			return c, err
		}
	}
	if err := f.Replace(folders); err != nil {
		return c, err
	}
	for name := range touched { // what is left has no file in the tree any more
		if err := f.Remove(name); err != nil {
			return c, err
		}
	}
	if err := f.End(); err != nil {
		return c, err
	}
	return c, f.Sweep()
}
