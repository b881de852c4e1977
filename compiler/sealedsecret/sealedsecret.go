// Package sealedsecret seals private values for Bitnami's Sealed Secrets controller, which alone can open them. The
// format is the controller's own (github.com/bitnami-labs/sealed-secrets: pkg/crypto, and docs/developer/crypto.md).
package sealedsecret

// Scope says where a sealed value can be opened, in the words of kubeseal --scope.
type Scope string

// The scopes. There is a third, cluster-wide, in which a value opens in every namespace.
const (
	Strict        Scope = "strict"         // under its namespace and name alone
	NamespaceWide Scope = "namespace-wide" // under any name of its namespace
)

// Label binds a sealed value to its place: the controller makes it from the object that it finds the value in, and no
// other label opens the value.
func (s Scope) Label(namespace, name string) string {
	if s == NamespaceWide {
		return namespace
	}
	return namespace + "/" + name
}

// Annotations tell the controller the scope; nil for Strict. It reads them on the SealedSecret itself when it opens a
// value, and copies them nowhere. kubeseal writes them in the template too, whose metadata the Secret gets.
func (s Scope) Annotations() map[string]string {
	if s == NamespaceWide {
		return map[string]string{"sealedsecrets.bitnami.com/namespace-wide": "true"}
	}
	return nil
}

// ManagedBy names the controller in the label app.kubernetes.io/managed-by of the Secrets that it makes.
const ManagedBy = "sealed-secrets"

// Spec is the spec of a SealedSecret (bitnami.com/v1alpha1).
type Spec struct {
	EncryptedData map[string]string `json:"encryptedData"`
	Template      Template          `json:"template"`
}

// Template is what the controller puts the Secret together from, beside what it opens.
type Template struct {
	// Type is to be written out, also Opaque: without it, the controller updates the Secret at every sync.
	Type     string   `json:"type"`
	Metadata Metadata `json:"metadata"`
	// Data is readable, and each value is a text/template to the controller: it is to have no {{. PEM has none.
	// kubeseal --re-encrypt drops it, and the labels: seal again here instead.
	Data map[string]string `json:"data,omitempty"`
}

// Metadata is what the Secret carries beside name and namespace, which are the SealedSecret's.
type Metadata struct {
	Labels      map[string]string `json:"labels,omitempty"`
	Annotations map[string]string `json:"annotations,omitempty"`
}
