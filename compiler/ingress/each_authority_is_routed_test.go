package ingress_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/ingress"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

// TestEachAuthorityIsRouted resolves each form for the maximum number of authorities: each is listed once wherever its form lists the
// relay's names, within the limits of the APIs. If a form has one object per name, existing ones keep their names when others are added.
func TestEachAuthorityIsRouted(t *testing.T) {
	relay := ingress.ToRelay(ingress.Target{Service: "relay", Port: product.Port{Number: 9900, Name: "grpc"}, Namespace: "mesh", ClusterDomain: "cluster.local", Hosts: []string{"relay.mesh"}})
	for i := range 63 {
		relay.Hosts = append(relay.Hosts, fmt.Sprintf("edge-%02d.example.com", i))
	}
	fewer := relay
	fewer.Hosts = append(slices.Clone(relay.Hosts[:1]), relay.Hosts[2:]...)
	for name, c := range map[string]struct {
		in schema.Ingress
		// what an object contains for a name, with %s, and the number of lists of names
		says    string
		objects int
	}{
		"istio":             {schema.Ingress{Istio: &schema.Istio{Port: 443, ApiVersion: "networking.istio.io/v1"}}, `"%s"`, 2},
		"istio, attached":   {schema.Ingress{Istio: &schema.Istio{Port: 443, ApiVersion: "networking.istio.io/v1", Gateway: "istio-system/public"}}, `"%s"`, 1},
		"gatewayAPI":        {schema.Ingress{GatewayAPI: &schema.GatewayAPI{ClassName: "eg", Port: 443, ApiVersion: "gateway.networking.k8s.io/v1"}}, `"%s"`, 5},
		"gateway, attached": {schema.Ingress{GatewayAPI: &schema.GatewayAPI{Port: 443, ApiVersion: "gateway.networking.k8s.io/v1", Gateway: &schema.GatewayRef{Name: "public"}}}, `"%s"`, 4},
		"openshift":         {schema.Ingress{Openshift: &schema.OpenShift{}}, `"host":"%s"`, 64},
		"contour":           {schema.Ingress{Contour: &schema.Contour{}}, `"fqdn":"%s"`, 64},
		"traefik":           {schema.Ingress{Traefik: &schema.Traefik{Service: schema.ServiceRef{Name: "traefik", Namespace: "edge"}}}, "HostSNI(`%s`)", 1},
		"glooEdge":          {schema.Ingress{GlooEdge: &schema.GlooEdge{Port: 8443}}, `"%s"`, 1},
	} {
		objects := func(relay ingress.Target) map[string]string {
			form, err := ingress.Resolve(c.in, relay, func(path []string, fault *diag.Fault, _ ...string) { t.Errorf("%s: %q: %v", name, path, fault) })
			if err != nil {
				t.Fatal(err)
			}
			if len(form.Needs) > 600 {
				t.Errorf("%s: what it needs takes %d characters", name, len(form.Needs))
			}
			all := map[string]string{}
			for _, o := range form.Objects {
				text, err := json.Marshal(o)
				if err != nil {
					t.Fatal(err)
				}
				all[o.Kind+" "+o.Metadata.Name] = string(text)
			}
			if len(all) != len(form.Objects) {
				t.Errorf("%s: two objects have one name", name)
			}
			return all
		}
		all := objects(relay)
		if len(all) != c.objects {
			t.Errorf("%s: %d objects, want %d", name, len(all), c.objects)
		}
		text := strings.Join(slices.Collect(maps.Values(all)), "\n")
		for _, authority := range relay.Hosts {
			times := map[string]int{"istio": 3, "istio, attached": 2, "gatewayAPI": 2}[name] // lists of hosts: listener and route
			if times == 0 {
				times = 1
			}
			if n := strings.Count(text, fmt.Sprintf(c.says, authority)); n != times {
				t.Errorf("%s: %s stands there %d times, want %d", name, authority, n, times)
			}
		}
		for _, o := range all {
			var route struct {
				Spec struct {
					Hostnames []string
					Listeners []struct{ Name string }
				}
			}
			if err := json.Unmarshal([]byte(o), &route); err != nil || len(route.Spec.Hostnames) > 16 || len(route.Spec.Listeners) > 64 {
				t.Errorf("%s: %d names of %d listeners, %v; an API server takes 16 and 64", name, len(route.Spec.Hostnames), len(route.Spec.Listeners), err)
			}
			names := map[string]bool{}
			for _, l := range route.Spec.Listeners {
				names[l.Name] = true
			}
			if len(names) != len(route.Spec.Listeners) {
				t.Errorf("%s: two listeners have one name", name)
			}
		}
		if c.objects == 64 {
			for object, was := range objects(fewer) {
				if all[object] != was {
					t.Errorf("%s: %s becomes another when an authority comes", name, object)
				}
			}
		}
	}
}
