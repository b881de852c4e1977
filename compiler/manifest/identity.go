package manifest

import "strings"

// Kind is a type of objects: its API group, which is empty for the core group, its name in manifests, and its resource name in API paths.
// Version is set for kinds that relayform writes.
type Kind struct{ Group, Version, Name, Resource string }

// APIVersion returns the apiVersion for manifests.
func (k Kind) APIVersion() string { return k.Group + "/" + k.Version }

// String returns the kind in kubectl's form: secrets, gateways.networking.istio.io.
func (k Kind) String() string {
	if k.Group == "" {
		return k.Resource
	}
	return k.Resource + "." + k.Group
}

// ExternalSecret is the kind from which the External Secrets Operator creates a Secret.
var ExternalSecret = Kind{Group: "external-secrets.io", Version: "v1", Name: "ExternalSecret", Resource: "externalsecrets"}

// SealedSecret is the kind from which the Sealed Secrets controller creates a Secret.
var SealedSecret = Kind{Group: "bitnami.com", Version: "v1alpha1", Name: "SealedSecret", Resource: "sealedsecrets"}

// Certificate is the kind from which cert-manager creates a Secret.
var Certificate = Kind{Group: "cert-manager.io", Version: "v1", Name: "Certificate", Resource: "certificates"}

// Identity identifies an object in a cluster. All versions of a group show the same objects.
type Identity struct{ Group, Kind, Namespace, Name string }

// String names the object as kubectl does, without its namespace: gateway.networking.istio.io/name.
func (i Identity) String() string {
	kind := strings.ToLower(i.Kind)
	if i.Group != "" {
		kind += "." + i.Group
	}
	return kind + "/" + i.Name
}

// Group returns the API group of an apiVersion.
func Group(apiVersion string) string {
	group, _, found := strings.Cut(apiVersion, "/")
	if !found {
		return ""
	}
	return group
}

// Is reports whether the object is of a kind.
func (i Identity) Is(k Kind) bool { return i.Group == k.Group && i.Kind == k.Name }
