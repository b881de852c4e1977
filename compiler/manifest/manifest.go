// Package manifest defines the few Kubernetes objects that relayform writes, as plain structs, and marshals them in kustomize's own form:
// sorted keys, indentation by two spaces.
package manifest

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"maps"
	"strings"

	"sigs.k8s.io/yaml"

	"relayform/compiler/product"
)

// ManagedBy is the label on every object from relayform.
const (
	ManagedByLabel = "app.kubernetes.io/managed-by"
	ManagedBy      = "relayform"
)

// Object is a Kubernetes object. Spec is any value that marshals to JSON, or nil.
type Object struct {
	APIVersion string   `json:"apiVersion"`
	Kind       string   `json:"kind"`
	Metadata   Metadata `json:"metadata"`
	Spec       any      `json:"spec,omitempty"`

	// Type and Data are a Secret's; the values are base64, or encrypted by SOPS, and Sops is the block of that name.
	Type string            `json:"type,omitempty"`
	Data map[string]string `json:"data,omitempty"`
	Sops any               `json:"sops,omitempty"`
}

// Metadata is the part of ObjectMeta that relayform sets.
type Metadata struct {
	Name      string            `json:"name"`
	Namespace string            `json:"namespace,omitempty"`
	Labels    map[string]string `json:"labels,omitempty"`

	Annotations map[string]string `json:"annotations,omitempty"`
	Finalizers  []string          `json:"finalizers,omitempty"`
}

// New returns an object with relayform's label and the given labels; relayform's takes precedence.
func New(apiVersion, kind, namespace, name string, labels map[string]string, spec any) Object {
	all := map[string]string{}
	for k, v := range labels {
		all[k] = v
	}
	all[ManagedByLabel] = ManagedBy
	return Object{APIVersion: apiVersion, Kind: kind, Metadata: Metadata{Name: name, Namespace: namespace, Labels: all}, Spec: spec}
}

// Annotated returns the object with additional annotations.
func (o Object) Annotated(with map[string]string) Object {
	if len(with) == 0 {
		return o
	}
	all := maps.Clone(with)
	maps.Copy(all, o.Metadata.Annotations)
	o.Metadata.Annotations = all
	return o
}

// Namespace returns a namespace without sidecar injection: a sidecar breaks the relay's pods.
func Namespace(name string) Object {
	return New("v1", "Namespace", "", name, map[string]string{"istio-injection": "disabled"}, nil)
}

// Opaque returns a Secret. Its type is always Opaque: the type of an existing Secret cannot be changed.
func Opaque(namespace, name string, data map[string][]byte) Object {
	o := New("v1", "Secret", namespace, name, nil, nil)
	o.Type, o.Data = "Opaque", Encoded(data)
	return o
}

// Encoded returns a Secret's values in base64.
func Encoded(data map[string][]byte) map[string]string {
	all := make(map[string]string, len(data))
	for key, value := range data {
		all[key] = base64.StdEncoding.EncodeToString(value)
	}
	return all
}

// Marshal encodes objects as YAML documents.
func Marshal(objects ...Object) ([]byte, error) {
	var b bytes.Buffer
	for i, o := range objects {
		if i > 0 {
			b.WriteString("---\n")
		}
		text, err := yaml.Marshal(o)
		if err != nil {
			return nil, err
		}
		b.Write(text)
	}
	return b.Bytes(), nil
}

// ReadValues parses Helm values as Helm does: aliases and merge keys are resolved.
func ReadValues(text []byte) (root map[string]any, err error) {
	err = yaml.Unmarshal(text, &root)
	return root, err
}

// Flatten returns the scalars of a YAML document by path, keys joined with periods; for a list, its JSON.
func Flatten(text []byte) (map[string]string, error) {
	root, err := ReadValues(text)
	if err != nil {
		return nil, err
	}
	flat := map[string]string{}
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for key, x := range v {
				walk(strings.TrimPrefix(at+"."+key, "."), x)
			}
		case string:
			flat[at] = v
		default:
			text, _ := json.Marshal(v) // it came from YAML that is equivalent to JSON
			flat[at] = string(text)
		}
	}
	walk("", root)
	return flat, nil
}

// Values encodes Helm values as YAML.
func Values(settings []product.Setting) ([]byte, error) {
	root := map[string]any{}
	for _, s := range settings {
		at := root
		keys := strings.Split(s.Path, ".")
		for _, k := range keys[:len(keys)-1] {
			next, ok := at[k].(map[string]any)
			if !ok {
				next = map[string]any{}
				at[k] = next
			}
			at = next
		}
		at[keys[len(keys)-1]] = s.Value
	}
	return yaml.Marshal(root)
}

// FromJSON converts a JSON document to YAML, with sorted keys.
func FromJSON(document []byte) ([]byte, error) { return yaml.JSONToYAML(document) }
