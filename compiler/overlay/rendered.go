package overlay

import (
	"fmt"

	"sigs.k8s.io/kustomize/api/resmap"
	"sigs.k8s.io/kustomize/api/resource"
	"sigs.k8s.io/kustomize/kyaml/yaml"
)

// Rendered is kustomize's output for an overlay.
type Rendered struct{ resources resmap.ResMap }

// YAML returns the objects as YAML documents, in kustomize's order.
func (r *Rendered) YAML() ([]byte, error) { return r.resources.AsYaml() }

// Objects returns the objects as decoded YAML.
func (r *Rendered) Objects() ([]map[string]any, error) {
	objects := make([]map[string]any, r.resources.Size())
	for i, o := range r.resources.Resources() {
		var err error
		if objects[i], err = o.Map(); err != nil {
			return nil, fmt.Errorf("%s %s: not an object in YAML", o.GetKind(), o.GetName()) // the decoder's message quotes all of it
		}
	}
	return objects, nil
}

// Drop removes an object, if it exists.
func (r *Rendered) Drop(kind, namespace, name string) error {
	if o := r.find(kind, namespace, name); o != nil {
		return r.resources.Remove(o.CurId())
	}
	return nil
}

// DropData removes a key of an object's data, if it exists.
func (r *Rendered) DropData(kind, namespace, name, key string) error {
	if o := r.find(kind, namespace, name); o != nil {
		return o.PipeE(yaml.Get("data"), yaml.Clear(key))
	}
	return nil
}

func (r *Rendered) find(kind, namespace, name string) *resource.Resource {
	for _, o := range r.resources.Resources() {
		if o.GetKind() == kind && o.GetNamespace() == namespace && o.GetName() == name {
			return o
		}
	}
	return nil
}
