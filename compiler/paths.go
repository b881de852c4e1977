package compiler

import (
	"fmt"
	"path/filepath"
	"relayform/compiler/folder"
)

// linksOf finds how the clusters' folders in build/ reach keys and topology. Symbolic links above them
// are followed first, as kustomize does.
func linksOf(p Project) (links, error) {
	build, err := folder.Real(p.Build)
	if err != nil {
		return links{}, err
	}
	var l links
	for _, to := range []struct {
		path string
		into *string
	}{{p.Keys, &l.keys}, {p.dir(), &l.topology}} {
		target, err := folder.Real(to.path)
		if err != nil {
			return l, err
		}
		rel, err := filepath.Rel(filepath.Join(build, "cluster"), target)
		if err != nil {
			return l, fmt.Errorf("no relative path leads from %s to %s", p.Build, to.path)
		}
		*to.into = filepath.ToSlash(rel)
	}
	return l, nil
}

// runbookPathsOf finds the paths in a runbook's commands.
func runbookPathsOf(p Project) (runbookPaths, error) {
	dir, err := folder.Real(p.dir())
	if err != nil {
		return runbookPaths{}, err
	}
	build, err := folder.Real(p.Build)
	if err != nil {
		return runbookPaths{}, err
	}
	rel, err := filepath.Rel(dir, build)
	if err != nil {
		return runbookPaths{}, err
	}
	keys, err := folder.Real(p.Keys)
	if err != nil {
		return runbookPaths{}, err
	}
	keys, err = filepath.Rel(dir, keys)
	here := Project{Topology: filepath.Base(p.Topology), Build: rel, Keys: keys}
	return runbookPaths{topology: here.Topology, build: filepath.ToSlash(rel), flags: here.Flags()}, err
}
