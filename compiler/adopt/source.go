// Package adopt finds a mesh in what its clusters hold, and says it as a topology. It reads no file and asks no cluster: what these gave
// is handed to it, and it changes none of it.
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

// Source is what was read of one cluster: a folder of manifests, a file, or what a kube context gave.
type Source struct {
	Name    string // of the folder or the file, without its ending; or the context
	Objects []Object
	Values  []verify.Values
}

// Object is what a cluster holds, and where that was read.
type Object struct {
	manifest.Held
	At string
}

// Kinds are those of the objects that say something about a mesh.
var Kinds = []string{"Secret", "KubernetesCluster", "Service", "Deployment", "Gateway", "VirtualService"}

// More are the resources that a relay server's cluster is asked for beside Secrets and Services; it may not know them all.
var More = []struct {
	Resource string
	Anywhere bool // in any namespace; else in the relay's
}{
	{"kubernetesclusters.multicluster.solo.io", false},
	{"kubernetesclusters.admin.gloo.solo.io", false},
	{"gateways.networking.istio.io", true},
	{"virtualservices.networking.istio.io", true},
}

// Serves reports whether a source holds Secrets that only the cluster of a relay server has.
func Serves(s Source) bool {
	return slices.ContainsFunc(s.Objects, func(o Object) bool {
		return o.Kind == "Secret" && slices.ContainsFunc(product.Profiles, func(p product.Profile) bool {
			return slices.ContainsFunc(p.Roles, func(r product.Role) bool { return !r.Agents && r.Secret == o.Name })
		})
	})
}

// Answers are what a user says where nothing else says it, or where two things do.
type Answers struct {
	Name         string // the topology's
	Product      string
	Namespace    string
	Management   string            // a source
	Authority    string            //
	RelayAddress string            //
	Ingress      string            // a form
	Clusters     map[string]string // sources, by the names of clusters
	Without      []string          // clusters, or sources, that are left out
	Rewrite      bool              // Secrets may be written with other bytes, where these say the same
	EncryptTo    []string
}

// Fault is why a mesh cannot be adopted as it is, or what has to be answered first.
type Fault struct{ Where, Message, Hint string }

// Refusal is all faults.
type Refusal []Fault

// Error is a line for each.
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

// String is the fault in a line, without the hint.
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

// fault adds one.
func (r *Refusal) fault(where, hint, format string, args ...any) {
	*r = append(*r, Fault{where, fmt.Sprintf(format, args...), hint})
}

// MaxNamed is how many clusters a message names.
const MaxNamed = 5

// named are names in words: the first few, and how many there are beside them.
func named(names []string) string {
	names = slices.Clone(names)
	slices.Sort(names)
	if more := len(names) - MaxNamed; more > 0 {
		names = append(names[:MaxNamed:MaxNamed], fmt.Sprintf("%d more", more))
	}
	if len(names) < 2 {
		return strings.Join(names, "")
	}
	last := len(names) - 1
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
