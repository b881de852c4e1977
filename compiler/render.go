package compiler

import (
	"bytes"
	"fmt"

	"relayform/compiler/delivery"
	"relayform/compiler/emit"
	"relayform/compiler/folder"
	"relayform/compiler/issue"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/overlay"
	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// RenderOptions are the parts of a cluster to render.
type RenderOptions struct {
	Public   bool // without private values: no keys are needed
	Register bool // the management cluster's second kustomization
}

// PrivateError means that the needed private values are not available.
type PrivateError struct{ error }

// Unwrap returns why they are not available.
func (e *PrivateError) Unwrap() error { return e.error }

// Render returns, for each named cluster, kustomize's output for its overlay, from the topology and the lockfile: the objects that kubectl
// would apply, as YAML documents. No names means every cluster.
func Render(project project.Project, env Env, clusters []string, o RenderOptions, visit func(cluster string, yaml []byte) error) error {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	plan, l, err := c.load()
	if err != nil {
		return err
	}
	store, err := c.openStore(plan)
	if err != nil {
		return err
	}
	if _, err := c.lacking(plan, l, store); err != nil {
		return err
	}
	if len(clusters) == 0 {
		clusters = plan.Clusters()
	}
	overlays := make([]string, len(clusters))
	for i, name := range clusters {
		if overlays[i], err = overlayOf(plan, name, o.Register); err != nil {
			return err
		}
	}
	open := closed
	if !o.Public {
		open = c.opener(plan, store, clusters)
	}
	parts, err := delivery.Opened(plan, l, open)
	if err != nil {
		return &PrivateError{err}
	}
	tree, err := c.emitAs(plan, l, parts)
	if err != nil {
		return err
	}
	if _, isFile := plan.Registration(); o.Register && isFile {
		return visit(clusters[0], bytes.TrimPrefix(tree.Find(overlays[0]), []byte(emit.Header)))
	}
	var private []folder.File
	if !o.Public {
		if private, err = c.privateFiles(plan, store, l); err != nil {
			return &PrivateError{err}
		}
	}
	w, err := c.workspace(plan, l, tree, private)
	if err != nil {
		return err
	}
	proof, err := c.newProof(plan, parts, w)
	if err != nil {
		return err
	}
	groups := tree.Alike(overlays)
	turn := func(i int, r *overlay.Rendered, err error) yamlOrError {
		if !o.Register {
			err = proof.judge(plan.Cluster(clusters[groups[i][0]]), r, err)
		}
		if err == nil && o.Public {
			err = public(proof.parts, plan, r)
		}
		return yamlOf(r, err)
	}
	texts, next := make([][]byte, len(overlays)), 0
	return overlay.RenderEach(w, firsts(overlays, groups), turn, func(i int, r yamlOrError) error {
		if r.err != nil {
			return r.err
		}
		for _, member := range groups[i] {
			texts[member] = r.yaml
		}
		for ; next < len(texts) && texts[next] != nil; next++ {
			if err := visit(clusters[next], texts[next]); err != nil {
				return err
			}
			texts[next] = nil
		}
		return nil
	})
}

// yamlOrError is an overlay's objects, or why it does not build.
type yamlOrError struct {
	yaml []byte
	err  error
}

func yamlOf(r *overlay.Rendered, err error) yamlOrError {
	if err != nil {
		return yamlOrError{err: err}
	}
	text, err := r.YAML()
	return yamlOrError{append([]byte{}, text...), err} // never nil
}

// overlayOf returns the folder of a cluster's overlay, relative to the build folder.
func overlayOf(p *plan.Plan, cluster string, register bool) (string, error) {
	switch {
	case cluster == p.Management.Name && register && len(p.Agents()) == 0:
		return "", fmt.Errorf("%s: no register overlay, as the topology has no agents", cluster)
	case cluster == p.Management.Name && register:
		registration, _ := p.Registration()
		return registration, nil
	case cluster == p.Management.Name:
		return cluster, nil
	case p.Known(cluster) != nil:
		return "", p.Known(cluster)
	case register:
		return "", fmt.Errorf("%s: only the management cluster, %s, has a register overlay", cluster, p.Management.Name)
	}
	return cluster, nil
}

// privateFiles returns the key store's components that the overlays use, with their values.
func (c *compile) privateFiles(p *plan.Plan, store *keystore.Store, l *lockfile.File) ([]folder.File, error) {
	parts := delivery.Of(p, l)
	if len(parts.Files) == 0 {
		return []folder.File{}, nil
	}
	if missing := store.Missing(l, p.Product.Has); len(missing) > 0 {
		return nil, fmt.Errorf("%w%s", missing[0], issue.Restore(missing[0]))
	}
	return parts.InMemory(store.Private)
}
