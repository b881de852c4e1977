package compiler

import (
	"fmt"
	"path"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"relayform/compiler/emit"
	"relayform/compiler/folder"
	"relayform/compiler/overlay"
	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// linksOf returns the paths from the clusters' folders in build/ to keys and topology. Symbolic links above them are resolved first, as
// kustomize does.
func linksOf(p project.Project) (emit.Links, error) {
	build, err := folder.Real(p.Build)
	if err != nil {
		return emit.Links{}, err
	}
	var l emit.Links
	for _, to := range []struct {
		path string
		into *string
	}{{p.Keys, &l.Keys}, {p.Dir(), &l.Topology}} {
		target, err := folder.Real(to.path)
		if err != nil {
			return l, err
		}
		rel, err := filepath.Rel(filepath.Join(build, "cluster"), target)
		if err != nil {
			return l, fmt.Errorf("there is no relative path from %s to %s", p.Build, to.path)
		}
		*to.into = filepath.ToSlash(rel)
		if to.into == &l.Topology {
			if rel, err = filepath.Rel(target, build); err != nil {
				return l, fmt.Errorf("there is no relative path from %s to %s", to.path, p.Build)
			}
			l.Build = filepath.ToSlash(rel)
		}
		if why := unfit(*to.into); why != "" {
			return l, fmt.Errorf("%s: overlays have to name the folder, and it %s; choose another with --keys or --out, or move the project", to.path, why)
		}
	}
	return l, nil
}

// unfit says why a kustomization cannot refer to a folder by such a link; empty if it can.
func unfit(link string) string {
	if !utf8.ValidString(link) {
		return "is not UTF-8"
	}
	for part := range strings.SplitSeq(link, "/") {
		if part != ".." && strings.Contains(part, "..") { // kustomize treats it as two joined paths
			return "has .. in its name"
		}
	}
	return ""
}

// places are the paths of a project's folders in memory: absolute, slash-separated, and with the same relative positions as on disk.
type places struct{ build, keys, topology string }

// layoutOf lays out the folders below their common parent, so that the project's location on disk does not affect kustomize.
func layoutOf(p project.Project) (places, error) {
	var paths []string
	for _, name := range []string{p.Build, p.Keys, p.Dir()} {
		at, err := folder.Real(name)
		if err != nil {
			return places{}, err
		}
		paths = append(paths, at)
	}
	above := paths[0]
	for _, at := range paths {
		for !folder.Inside(above, at) {
			if above == filepath.Dir(above) {
				return places{}, fmt.Errorf("no folder is above both %s and %s", p.Build, at)
			}
			above = filepath.Dir(above)
		}
	}
	for i, at := range paths {
		rel, err := filepath.Rel(above, at)
		if err != nil {
			return places{}, err
		}
		paths[i] = path.Join(overlay.Root, filepath.ToSlash(rel))
	}
	return places{paths[0], paths[1], paths[2]}, nil
}

// runbookPathsOf returns the paths in a runbook's commands.
func runbookPathsOf(p project.Project, plan *plan.Plan) (emit.RunbookPaths, error) {
	dir, err := folder.Real(p.Dir())
	if err != nil {
		return emit.RunbookPaths{}, err
	}
	build, err := folder.Real(p.Build)
	if err != nil {
		return emit.RunbookPaths{}, err
	}
	rel, err := filepath.Rel(dir, build)
	if err != nil {
		return emit.RunbookPaths{}, err
	}
	keys, err := folder.Real(p.Keys)
	if err != nil {
		return emit.RunbookPaths{}, err
	}
	keys, err = filepath.Rel(dir, keys)
	at := strings.TrimSuffix(overlay.Local(filepath.ToSlash(rel)+"/"), "/") // files in it are named
	here := project.New(filepath.Base(p.Topology), rel, keys)
	return emit.RunbookPaths{Topology: here.Topology, Build: at, Flags: here.Flags(), Address: here.Command("address --write"), Commit: here.Committed(plan)}, err
}
