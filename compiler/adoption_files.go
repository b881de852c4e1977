package compiler

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"

	"relayform/compiler/folder"
	"relayform/schema"
)

// adoptedFile is a file to write next to the topology.
type adoptedFile struct {
	path string
	text []byte
	any  bool // an existing file may stay, whatever its content
}

// files returns the files that are written after the keys, the topology last: without it there is no project.
func (a *adoption) files() ([]adoptedFile, error) {
	var all []adoptedFile
	of := a.mesh.Files()
	for _, name := range slices.Sorted(maps.Keys(of)) {
		all = append(all, adoptedFile{path: filepath.Join(a.project.Dir(), filepath.FromSlash(name)), text: of[name]})
	}
	lock, err := a.lock.Marshal()
	if err != nil {
		return nil, err
	}
	all = append(all, adoptedFile{path: a.project.Lock, text: lock})
	if a.of.Schema != "" {
		all = append(all, adoptedFile{filepath.Join(a.project.Dir(), a.of.Schema), []byte(schema.JSONSchema()), true})
	}
	return append(all, adoptedFile{path: a.project.Topology, text: a.text}), nil
}

// names returns the paths of what is written, including the key store.
func (a *adoption) names() []string {
	names := []string{a.project.Keys + string(filepath.Separator)}
	for _, name := range slices.Sorted(maps.Keys(a.mesh.Files())) {
		names = append(names, filepath.Join(a.project.Dir(), filepath.FromSlash(name)))
	}
	if names = append(names, a.project.Lock); a.of.Schema != "" {
		names = append(names, filepath.Join(a.project.Dir(), a.of.Schema))
	}
	return append(names, a.project.Topology)
}

// write writes keys first, then certificates and lockfile, then the topology. The next run completes an interrupted one, accepting existing
// files with the same bytes.
func (a *adoption) write() error {
	files, err := a.files()
	if err != nil {
		return err
	}
	for _, f := range files {
		if _, err := os.Lstat(f.path); err == nil && !f.any && !sameFile(f.path, f.text) {
			return isThere(f.path)
		}
	}
	if err := a.keep(); err != nil {
		return err
	}
	for _, f := range files {
		if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil {
			return err
		}
		if err := folder.CreateFile(a.disk, f.path, f.text); err != nil && !(errors.Is(err, fs.ErrExist) && (f.any || sameFile(f.path, f.text))) {
			return err
		}
	}
	store, err := a.store(a.plan.Name)
	if err != nil {
		return err
	}
	return errors.Join(store.Finish(), store.Sweep())
}

// keep stores private keys and token, byte for byte.
func (a *adoption) keep() error {
	store, err := a.store(a.plan.Name)
	if err != nil {
		return err
	}
	a.askGit()
	if err := a.untracked(); err != nil {
		return err
	}
	for _, step := range []func() error{store.Claim, store.Prepare, store.Settle} {
		if err := step(); err != nil {
			return err
		}
	}
	for _, spki := range slices.Sorted(maps.Keys(a.mesh.Trust.Keys)) {
		if err := store.PutKeyText(a.mesh.Trust.Keys[spki]); err != nil {
			return err
		}
	}
	for _, cluster := range slices.Sorted(maps.Keys(a.mesh.Trust.Clients)) {
		if err := store.PutAgentKeyText(cluster, a.mesh.Trust.Clients[cluster].Key); err != nil {
			return err
		}
	}
	if a.token != nil {
		return store.PutToken(a.token)
	}
	return nil
}
