package compiler

import (
	"relayform/compiler/manifest"
	"relayform/compiler/overlay"
	"relayform/compiler/project"
)

// ObjectsOf returns the function that lists the objects in the overlay of each named cluster. It renders in memory, from the topology and
// the lockfile, without a private key; clusters with identical overlays share their list.
func ObjectsOf(project project.Project, env Env) func(clusters []string) (map[string][]overlay.Object, error) {
	return func(clusters []string) (map[string][]overlay.Object, error) { return objects(project, env, clusters) }
}

func objects(project project.Project, env Env, clusters []string) (map[string][]overlay.Object, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	plan, l, err := c.complete()
	if err != nil {
		return nil, err
	}
	tree, err := c.emit(plan, l)
	if err != nil {
		return nil, err
	}
	w, err := c.workspace(plan, l, tree, nil)
	if err != nil {
		return nil, err
	}
	groups := tree.InForm(clusters)
	firsts := make([]string, len(groups))
	for i, group := range groups {
		firsts[i] = clusters[group[0]]
	}
	all := make(map[string][]overlay.Object, len(clusters))
	err = overlay.RenderEach(w, firsts, objectsOf, func(i int, made objectsOrError) error {
		for _, member := range groups[i] {
			all[clusters[member]] = made.objects
		}
		return made.err
	})
	return all, err
}

// objectsOrError is an overlay's objects, or why it does not build.
type objectsOrError struct {
	objects []overlay.Object
	err     error
}

func objectsOf(_ int, r *overlay.Rendered, err error) objectsOrError {
	if err != nil {
		return objectsOrError{err: err}
	}
	made := r.Identities()
	for _, o := range made {
		if o.Is(manifest.ExternalSecret) || o.Is(manifest.SealedSecret) || o.Is(manifest.Certificate) { // the operator creates the Secret with this name
			o.Group, o.Kind, o.Labels = "", "Secret", nil // without relayform's label
			made = append(made, o)
		}
	}
	return objectsOrError{objects: made}
}
