package compiler

import (
	"fmt"
	"os"
	"path/filepath"

	"relayform/compiler/folder"
	"relayform/compiler/lock"
	"relayform/compiler/secret"
	"relayform/schema/diag"
)

// RenderOptions choose what of a cluster is rendered.
type RenderOptions struct {
	Public   bool // without the private half: no keys are needed
	Register bool // the management cluster's second kustomization
}

// Render is what kustomize makes of a cluster's overlay, from the topology and the lockfile: the
// objects that kubectl would apply, as YAML documents.
func Render(project Project, env Env, cluster string, o RenderOptions) ([]byte, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	plan, l, err := c.load()
	if err != nil {
		return nil, err
	}
	store, err := lock.OpenStore(project.Keys, plan.Name)
	if err != nil {
		return nil, err
	}
	if _, err := c.issue(plan, l, c.authority(plan, store)); err != nil {
		return nil, err
	}
	at, err := overlayOf(plan, cluster, o.Register)
	if err != nil {
		return nil, err
	}
	c.public = o.Public
	tree, err := c.emit(plan, l)
	if err != nil {
		return nil, err
	}
	private := c.placeholders
	if !o.Public {
		private = func(l *lock.Lock) ([]folder.File, error) { return c.privateFiles(store, l) }
	}
	w, err := c.workspace(plan, l, tree, private)
	if err != nil {
		return nil, err
	}
	rendered, err := w.Render(at)
	if err != nil {
		return nil, err
	}
	return rendered.YAML()
}

// overlayOf is the folder of a cluster's overlay, below the build folder.
func overlayOf(p *Plan, cluster string, register bool) (string, error) {
	names := p.Clusters()
	for _, name := range names {
		switch {
		case name != cluster:
		case !register:
			return cluster, nil
		case name == p.Management.Name:
			return cluster + "/" + registerFolder, nil
		default:
			return "", fmt.Errorf("%s: only the management cluster, %s, has a register overlay", cluster, p.Management.Name)
		}
	}
	hint := ""
	if near := diag.Nearest(cluster, names); near != "" {
		hint = "; did you mean " + near + "?"
	}
	return "", fmt.Errorf("%s: no such cluster in the topology%s", cluster, hint)
}

// placeholders are words in the place of what is private.
func (c *compile) placeholders(l *lock.Lock) ([]folder.File, error) {
	var files []folder.File
	for _, name := range secret.Files(l) {
		files = append(files, folder.File{Name: name, Data: []byte("private\n")})
	}
	return files, nil
}

// privateFiles are the files of the store that the overlays reach.
func (c *compile) privateFiles(store *lock.Store, l *lock.Lock) ([]folder.File, error) {
	if missing := store.Missing(l); len(missing) > 0 {
		return nil, fmt.Errorf("%s: not here; restore the keys from where they are kept, or render with --public", missing[0])
	}
	var files []folder.File
	for _, name := range secret.Files(l) {
		data, err := os.ReadFile(filepath.Join(c.project.Keys, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		files = append(files, folder.File{Name: name, Data: data})
	}
	return files, nil
}

// Clusters are the names of every cluster, the management cluster first.
func (p *Plan) Clusters() []string {
	names := make([]string, 0, len(p.Remotes)+1)
	names = append(names, p.Management.Name)
	for _, c := range p.Remotes {
		names = append(names, c.Name)
	}
	return names
}
