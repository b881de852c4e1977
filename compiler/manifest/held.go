package manifest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"sigs.k8s.io/yaml"

	"relayform/schema/source"
)

// Held is the relevant part of an object in a cluster. The data of a Secret stays encoded until it is needed: most Secrets are not the
// relay's.
type Held struct {
	APIVersion  string
	Kind        string
	Namespace   string
	Name        string
	Type        string // of a Secret
	Labels      map[string]string
	Annotations map[string]string
	Owners      []string // kind/name
	Spec        json.RawMessage
	Status      json.RawMessage

	object object
}

// Secret decodes a Secret. The error never quotes a value.
func (h Held) Secret() (Secret, error) {
	s, err := h.object.secret()
	if err != nil {
		return s, fmt.Errorf("Secret %s: %w", h.Name, err)
	}
	return s, nil
}

// heldObject is an object with everything that Held contains.
type heldObject struct {
	object
	Type     string `json:"type"`
	Metadata struct {
		Name            string            `json:"name"`
		Namespace       string            `json:"namespace"`
		Labels          map[string]string `json:"labels"`
		Annotations     map[string]string `json:"annotations"`
		OwnerReferences []struct {
			Kind string `json:"kind"`
			Name string `json:"name"`
		} `json:"ownerReferences"`
	} `json:"metadata"`
	Spec   json.RawMessage `json:"spec"`
	Status json.RawMessage `json:"status"`
	Items  []heldObject    `json:"items"`
}

func (o heldObject) held() Held {
	m := o.Metadata
	h := Held{
		APIVersion: o.APIVersion, Kind: o.Kind, Namespace: m.Namespace, Name: m.Name, Type: o.Type,
		Labels: m.Labels, Annotations: m.Annotations, Spec: o.Spec, Status: o.Status, object: o.object,
	}
	h.object.Metadata.Name, h.object.Metadata.Namespace = m.Name, m.Namespace
	for _, owner := range m.OwnerReferences {
		h.Owners = append(h.Owners, owner.Kind+"/"+owner.Name)
	}
	return h
}

// ReadHeld finds objects of some kinds in YAML documents or JSON, also within a List, and the documents that are not objects: Helm values.
// The error never quotes a value.
func ReadHeld(text []byte, kinds ...string) (objects []Held, values []map[string]any, err error) {
	if many := source.TooMany(text); many != "" {
		return nil, nil, errors.New(many)
	}
	for i, document := range documents(text) {
		var o heldObject
		if err := decode(document, &o); err != nil {
			return nil, nil, fmt.Errorf("document %d: not a Kubernetes object in YAML or JSON", i+1) // the parser's message quotes the text
		}
		if o.Kind == "" && o.APIVersion == "" {
			var tree map[string]any
			if decode(document, &tree) == nil && len(tree) > 0 {
				values = append(values, tree)
			}
			continue
		}
		for _, item := range append([]heldObject{o}, o.Items...) {
			if slices.Contains(kinds, item.Kind) {
				objects = append(objects, item.held())
			}
		}
	}
	return objects, values, nil
}

// decode decodes a document; JSON, which kubectl prints, without the slower way through YAML.
func decode(document []byte, into any) error {
	if bytes.HasPrefix(bytes.TrimSpace(document), []byte("{")) && json.Valid(document) {
		return json.Unmarshal(document, into)
	}
	return yaml.Unmarshal(document, into)
}
