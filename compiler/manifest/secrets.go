package manifest

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"

	"sigs.k8s.io/yaml"

	"relayform/schema/source"
)

// MaxSecret is the maximum total size of a Secret's values, in bytes (Kubernetes, core.MaxSecretSize).
const MaxSecret = 1 << 20

// Secret is a Secret from a file or a cluster.
type Secret struct {
	Namespace, Name string
	ManagedBy       string   // value of its managed-by label
	Owners          []string // kinds of its owners
	Data            map[string][]byte
}

type object struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Metadata   struct {
		Name      string         `json:"name"`
		Namespace string         `json:"namespace"`
		Labels    map[string]any `json:"labels"`
		Owners    []struct {
			Kind string `json:"kind"`
		} `json:"ownerReferences"`
	} `json:"metadata"`
	Data       map[string]any `json:"data"`
	StringData map[string]any `json:"stringData"`
	Items      []object       `json:"items"`
}

// Found is what manifests contain about a relay.
type Found struct {
	Secrets    []Secret
	Registered []string         // names of KubernetesCluster objects
	Values     []map[string]any // documents that are not objects: Helm values
}

// ReadSecrets finds the Secrets in YAML documents or JSON, like Read.
func ReadSecrets(text []byte) ([]Secret, error) {
	found, err := Read(text)
	return found.Secrets, err
}

// Read finds Secrets, registrations and Helm values in YAML documents or JSON, also within a List; other objects are skipped. The error
// never quotes a value.
func Read(text []byte) (Found, error) {
	var found Found
	if many := source.TooMany(text); many != "" {
		return found, errors.New(many)
	}
	for i, document := range documents(text) {
		var o object
		if err := yaml.Unmarshal(document, &o); err != nil {
			return Found{}, fmt.Errorf("document %d: not a Kubernetes object in YAML or JSON", i+1) // the parser's message quotes the text
		}
		if o.Kind == "" && o.APIVersion == "" {
			var values map[string]any
			if yaml.Unmarshal(document, &values) == nil && len(values) > 0 {
				found.Values = append(found.Values, values)
			}
		}
		for _, item := range append([]object{o}, o.Items...) {
			switch item.Kind {
			case "KubernetesCluster":
				found.Registered = append(found.Registered, item.Metadata.Name)
			case "Secret":
				s, err := item.secret()
				if err != nil {
					return Found{}, fmt.Errorf("document %d: Secret %s: %w", i+1, item.Metadata.Name, err)
				}
				found.Secrets = append(found.Secrets, s)
			}
		}
	}
	return found, nil
}

// secret decodes data; stringData takes precedence, as in the API server.
func (o object) secret() (Secret, error) {
	s := Secret{Namespace: o.Metadata.Namespace, Name: o.Metadata.Name, Data: map[string][]byte{}}
	s.ManagedBy, _ = o.Metadata.Labels[ManagedByLabel].(string)
	for _, owner := range o.Metadata.Owners {
		s.Owners = append(s.Owners, owner.Kind)
	}
	var faults []error
	for key, v := range o.Data {
		text, ok := v.(string)
		value, err := base64.StdEncoding.DecodeString(strings.Join(strings.Fields(text), ""))
		if err != nil || !ok && v != nil {
			faults = append(faults, fmt.Errorf("data %s is not base64", key))
		}
		s.Data[key] = value
	}
	for key, v := range o.StringData {
		text, ok := v.(string)
		if !ok {
			faults = append(faults, fmt.Errorf("stringData %s is not text", key))
		}
		s.Data[key] = []byte(text)
	}
	size := 0
	for _, value := range s.Data {
		size += len(value)
	}
	if size > MaxSecret {
		faults = append(faults, fmt.Errorf("%d bytes; the limit is Kubernetes' own, %d (1 MiB)", size, MaxSecret))
	}
	if len(faults) > 1 {
		faults = faults[:1] // maps are unordered; one fault is enough to refuse
	}
	return s, errors.Join(faults...)
}

// documents splits a text into YAML documents. A line of three dashes begins one; PEM's five dashes are indented in YAML.
func documents(text []byte) [][]byte {
	var all [][]byte
	var one []byte
	end := func() {
		if len(bytes.TrimSpace(one)) > 0 {
			all = append(all, one)
		}
		one = nil
	}
	for line := range bytes.Lines(text) {
		if rest, ok := bytes.CutPrefix(line, []byte("---")); ok && (len(bytes.TrimSpace(rest)) == 0 || rest[0] == ' ') {
			end()
			continue
		}
		one = append(one, line...)
	}
	end()
	return all
}
