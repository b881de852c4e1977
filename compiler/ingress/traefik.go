package ingress

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/answer"
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

var traefikForm = Form{
	Name:  "traefik",
	Note:  "a Traefik IngressRouteTCP; the Service is Traefik's",
	Block: "{service: {name: traefik, namespace: traefik}}",
	Kinds: []manifest.Kind{routeTCPKind},
	Own: []answer.Own{
		{Kind: "IngressRouteTCP", Part: "entryPoints", Field: "management.ingress.traefik.entryPoints"},
		{Kind: "IngressRouteTCP", Part: "match", Field: "management.authority"},
	},
	resolve: resolve(func(in schema.Ingress) *schema.Traefik { return in.Traefik }, traefik),
}

var routeTCPKind = manifest.Kind{Group: "traefik.io", Version: "v1alpha1", Name: "IngressRouteTCP", Resource: "ingressroutetcps"}

// Traefik's types, as far as TLS passthrough needs them (github.com/traefik/traefik,
// pkg/provider/kubernetes/crd/traefikio/v1alpha1).
type routeTCPSpec struct {
	EntryPoints []string        `json:"entryPoints"`
	Routes      []routeTCP      `json:"routes"`
	TLS         map[string]bool `json:"tls"`
}

type routeTCP struct {
	Match    string    `json:"match"`
	Services []backend `json:"services"`
}

// traefik passes TLS through Traefik, by SNI, to the relay server. Without passthrough Traefik terminates TLS.
func traefik(in schema.Traefik, to Target, fault Fault) Chosen {
	// By default Traefik would use all entry points, including those for HTTP. This is its chart's entry point for TLS.
	points := []string{"websecure"}
	if in.EntryPoints != nil {
		points = names(in.EntryPoints, []string{"traefik", "entryPoints"}, "entry point", fault)
	}
	return Chosen{
		Objects: []manifest.Object{
			manifest.New(routeTCPKind.APIVersion(), routeTCPKind.Name, to.Namespace, to.Name, nil, routeTCPSpec{
				EntryPoints: points,
				Routes:      []routeTCP{{Match: hostSNI(to.Hosts), Services: []backend{to.backend()}}},
				TLS:         map[string]bool{"passthrough": true},
			}),
		},
		Service: product.Service{Type: "ClusterIP"},
		Needs:   fmt.Sprintf("Traefik must run in the management cluster with its CRDs, have %s, and watch the namespace %s", entryPoints(points), to.Namespace),
		// Traefik's chart names each port of the Service after its entry point.
		Where: EitherPort{Service{
			Namespace: string(in.Service.Namespace), Name: string(in.Service.Name), PortName: points[0],
			Missing: "install Traefik, or correct " + to.Field + ".traefik.service",
		}},
	}
}

// hostSNI returns the Traefik rule that matches any of the names.
func hostSNI(names []string) string {
	rules := make([]string, len(names))
	for i, name := range names {
		rules[i] = "HostSNI(`" + name + "`)"
	}
	return strings.Join(rules, " || ")
}

func entryPoints(points []string) string {
	if len(points) == 1 {
		return "the entry point " + points[0]
	}
	return "the entry points " + listed(points)
}

// names returns a list from the topology, without duplicates, that must not be empty.
func names[T ~string](in []T, at []string, what string, fault Fault) []string {
	var all []string
	seen := map[T]bool{}
	for i, name := range in {
		if seen[name] {
			fault(append(slices.Clone(at), strconv.Itoa(i)), diag.Clash.Fault("this "+what+" is already listed", "remove it here"))
			continue
		}
		seen[name] = true
		all = append(all, string(name))
	}
	if len(all) == 0 {
		fault(at, diag.MissingKey.Fault("empty; want at least one "+what, "leave it out for the default"))
		return []string{""}
	}
	return all
}
