// Package sealedsecret encrypts private values for Bitnami's Sealed Secrets controller, so that only it can decrypt them. The format is the
// controller's own (github.com/bitnami-labs/sealed-secrets: pkg/crypto, and docs/developer/crypto.md).
package sealedsecret

// Scope says where a value can be decrypted, in the terms of kubeseal --scope.
type Scope string

// The scopes. A third, cluster-wide, is not supported: with it, a value can be decrypted in every namespace.
const (
	Strict        Scope = "strict"         // only with its namespace and name
	NamespaceWide Scope = "namespace-wide" // with any name in its namespace
)

// Label binds a value to its place: the controller derives it from the object with the value, and no other label decrypts it.
func (s Scope) Label(namespace, name string) string {
	if s == NamespaceWide {
		return namespace
	}
	return namespace + "/" + name
}

// Annotations returns the annotations for the scope; nil for Strict. The controller reads them on the SealedSecret itself when it decrypts,
// and copies them nowhere. kubeseal also writes them in the template, whose metadata the Secret gets.
func (s Scope) Annotations() map[string]string {
	if s == NamespaceWide {
		return map[string]string{"sealedsecrets.bitnami.com/namespace-wide": "true"}
	}
	return nil
}

// ManagedBy is the value of the label app.kubernetes.io/managed-by on the Secrets that the controller creates.
const ManagedBy = "sealed-secrets"

// Spec is the spec of a SealedSecret (bitnami.com/v1alpha1).
type Spec struct {
	EncryptedData map[string]string `json:"encryptedData"`
	Template      Template          `json:"template"`
}

// Template is what the controller combines with the decrypted values into the Secret.
type Template struct {
	// Type must be set, even if Opaque: without it, the controller updates the Secret at every sync.
	Type     string   `json:"type"`
	Metadata Metadata `json:"metadata"`
	// Data is not encrypted, and the controller treats each value as a text/template: it must not contain {{. PEM does not. kubeseal
	// --re-encrypt drops it, and the labels: encrypt again here instead.
	Data map[string]string `json:"data,omitempty"`
}

// Metadata is the Secret's metadata besides name and namespace, which are the SealedSecret's.
type Metadata struct {
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}
