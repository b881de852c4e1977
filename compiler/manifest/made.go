package manifest

import (
	"bytes"
	"cmp"
	"fmt"

	"sigs.k8s.io/yaml"
)

// Made is a Secret that an operator in the cluster creates: its public data, and where its other values come from.
type Made struct {
	Secret
	From map[string]string // by key: the path in an external store, or the ciphertext
}

// ReadMade returns the Secrets that the ExternalSecrets and SealedSecrets in YAML documents describe.
func ReadMade(text []byte) ([]Made, error) {
	var all []Made
	for i, document := range documents(text) {
		if !bytes.Contains(document, []byte(ExternalSecret.Name)) && !bytes.Contains(document, []byte(SealedSecret.Name)) {
			continue
		}
		var o struct {
			Kind     string   `json:"kind"`
			Metadata Metadata `json:"metadata"`
			Spec     struct {
				Target struct {
					Name     string   `json:"name"`
					Template template `json:"template"`
				} `json:"target"`
				Data []struct {
					SecretKey string `json:"secretKey"`
					RemoteRef struct {
						Key string `json:"key"`
					} `json:"remoteRef"`
				} `json:"data"`
				EncryptedData map[string]string `json:"encryptedData"`
				Template      template          `json:"template"`
			} `json:"spec"`
		}
		if err := yaml.Unmarshal(document, &o); err != nil {
			return nil, fmt.Errorf("document %d: neither an ExternalSecret nor a SealedSecret: %w", i+1, err)
		}
		m := Made{Secret{Namespace: o.Metadata.Namespace, Name: cmp.Or(o.Spec.Target.Name, o.Metadata.Name), Data: map[string][]byte{}}, map[string]string{}}
		public := o.Spec.Template
		switch o.Kind {
		case ExternalSecret.Name:
			public = o.Spec.Target.Template
			for _, d := range o.Spec.Data {
				m.From[d.SecretKey] = d.RemoteRef.Key
			}
		case SealedSecret.Name:
			for key, text := range o.Spec.EncryptedData {
				m.From[key] = text
			}
		default:
			continue
		}
		for key, value := range public.Data {
			m.Data[key] = []byte(value)
		}
		all = append(all, m)
	}
	return all, nil
}

// template is the public part of a Secret.
type template struct {
	Data map[string]string `json:"data"`
}
