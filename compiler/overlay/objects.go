package overlay

import (
	"relayform/compiler/manifest"
)

// Object identifies an object of an overlay.
type Object struct {
	manifest.Identity
	Labels map[string]string
}

// Identities lists the overlay's objects, in kustomize's order.
func (r *Rendered) Identities() []Object {
	all := r.resources.Resources()
	objects := make([]Object, len(all))
	for i, o := range all {
		objects[i] = Object{
			Identity: manifest.Identity{Group: o.GetGvk().Group, Kind: o.GetKind(), Namespace: o.GetNamespace(), Name: o.GetName()},
			Labels:   o.GetLabels(),
		}
	}
	return objects
}
