// Package adopt finds a mesh in the contents of its clusters, and describes it as a topology. It reads no file and queries no cluster: it
// gets their contents as input, and changes nothing.
package adopt

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// Source is what was read from one cluster: a folder of manifests, a file, or a kube context.
type Source struct {
	Name    string // name of the folder, of the file without extension, or of the context
	Objects []Object
	Values  []verify.Values
}

// Object is an object in a cluster, and where it was read from.
type Object struct {
	manifest.Held
	At string
}

// Kinds are the kinds of objects that contain information about a mesh.
var Kinds = []string{"Secret", "KubernetesCluster", "Service", "Deployment", "Gateway", "VirtualService"}

// More are the resources to query in a relay server's cluster in addition to Secrets and Services; it may not have all of them.
var More = []struct {
	Resource string
	Anywhere bool // in any namespace; otherwise in the relay's
}{
	{"kubernetesclusters.multicluster.solo.io", false},
	{"kubernetesclusters.admin.gloo.solo.io", false},
	{"gateways.networking.istio.io", true},
	{"virtualservices.networking.istio.io", true},
}

// Serves reports whether a source has Secrets that only a relay server's cluster has.
func Serves(s Source) bool {
	return slices.ContainsFunc(s.Objects, func(o Object) bool {
		return o.Kind == "Secret" && slices.ContainsFunc(product.Profiles, func(p product.Profile) bool {
			return slices.ContainsFunc(p.Roles, func(r product.Role) bool { return !r.Agents && r.Secret == o.Name })
		})
	})
}

// Answers are the user's answers where information is missing or contradictory.
type Answers struct {
	Name         string // the topology's name
	Product      string
	Namespace    string
	Management   string // a source
	Authority    string
	RelayAddress string
	Ingress      string            // name of an ingress form
	Clusters     map[string]string // sources, by cluster name
	Without      []string          // clusters or sources to leave out
	Rewrite      bool              // Secrets may be written with different bytes that mean the same
	EncryptTo    []string
}

// Fault is why a mesh cannot be adopted as it is, or a question to answer first.
type Fault struct{ Where, Message, Hint string }

// Refusal is all faults.
type Refusal []Fault

// Error has one line per fault.
func (r Refusal) Error() string {
	var b strings.Builder
	for i, f := range r {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(f.String())
	}
	return b.String()
}

// String returns the fault in one line, without the hint.
func (f Fault) String() string { return strings.TrimPrefix(f.Where+": "+f.Message, ": ") }

func (r Refusal) err() error {
	if len(r) == 0 {
		return nil
	}
	slices.SortStableFunc(r, func(a, b Fault) int {
		return cmp.Or(strings.Compare(a.Where, b.Where), strings.Compare(a.Message, b.Message))
	})
	return slices.Compact(r)
}

// fault adds a fault.
func (r *Refusal) fault(where, hint, format string, args ...any) {
	*r = append(*r, Fault{where, fmt.Sprintf(format, args...), hint})
}

// MaxNamed is the maximum number of clusters named in a message.
const MaxNamed = 5

// named lists the first few names, and how many more there are.
func named(names []string) string {
	names = slices.Clone(names)
	slices.Sort(names)
	if more := len(names) - MaxNamed; more > 0 {
		names = append(names[:MaxNamed:MaxNamed], fmt.Sprintf("%d more", more))
	}
	return listed(names)
}

// listed lists all names.
func listed(names []string) string {
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
