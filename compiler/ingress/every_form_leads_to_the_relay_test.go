package ingress_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/ingress"
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

// TestEveryFormLeadsToTheRelay resolves each form for a relay with unusual names, and for a telemetry gateway: its objects route what
// arrives for the authority to the relay's Service and port, terminate TLS nowhere, can be pruned, and have no status for which Argo CD
// would wait. No object of one has the name of an object of the other.
func TestEveryFormLeadsToTheRelay(t *testing.T) {
	at := ingress.Target{
		Service: "odd-relay", Port: product.Port{Number: 7777, Name: "odd"}, Pods: map[string]string{"odd": "pods"},
		Namespace: "odd-mesh", ClusterDomain: "odd.local", Hosts: []string{"authority.example.com"},
	}
	for name, relay := range map[string]ingress.Target{"gloo-mesh-ingress": ingress.ToRelay(at), "gloo-telemetry-ingress": ingress.ToTelemetry(at)} {
		t.Run(name, func(t *testing.T) { everyFormLeadsTo(t, relay, name) })
	}
}

func everyFormLeadsTo(t *testing.T, relay ingress.Target, objects string) {
	t.Helper()
	passes := map[string]string{
		"istio": `"tls":{"mode":"PASSTHROUGH"}`, "gatewayAPI": `"tls":{"mode":"Passthrough"}`, "openshift": `"tls":{"termination":"passthrough"}`,
		"contour": `"tls":{"passthrough":true}`, "traefik": `"tls":{"passthrough":true}`, "glooEdge": `"sslConfig":{"sniDomains":["authority.example.com"]}`,
	}
	tried := map[string]bool{}
	for name, in := range map[string]schema.Ingress{
		"istio":        {Istio: &schema.Istio{Port: 443, ApiVersion: "networking.istio.io/v1"}},
		"loadBalancer": {LoadBalancer: &schema.LoadBalancer{}},
		"nodePort":     {NodePort: &schema.NodePort{NodePort: 30777}},
		"gatewayAPI":   {GatewayAPI: &schema.GatewayAPI{ClassName: "eg", Port: 443, ApiVersion: "gateway.networking.k8s.io/v1"}},
		"openshift":    {Openshift: &schema.OpenShift{}},
		"contour":      {Contour: &schema.Contour{}},
		"traefik":      {Traefik: &schema.Traefik{Service: schema.ServiceRef{Name: "traefik", Namespace: "edge"}}},
		"glooEdge":     {GlooEdge: &schema.GlooEdge{Port: 8443}},
	} {
		tried[name] = true
		form, err := ingress.Resolve(in, relay, func(path []string, fault *diag.Fault, _ ...string) { t.Errorf("%s: %q: %v", name, path, fault) })
		if err != nil {
			t.Fatal(err)
		}
		text := ""
		for _, o := range form.Objects {
			object, err := json.Marshal(o)
			if err != nil {
				t.Fatal(err)
			}
			text += string(object)
			var head struct {
				APIVersion, Kind string
				Metadata         struct {
					Name        string
					Namespace   string
					Annotations map[string]string
				}
			}
			if err := json.Unmarshal(object, &head); err != nil {
				t.Fatal(err)
			}
			i := manifest.Identity{Group: manifest.Group(head.APIVersion), Kind: head.Kind}
			if !slices.ContainsFunc(form.Kinds, i.Is) || head.Metadata.Name != objects || head.Metadata.Namespace != relay.Namespace || len(head.Metadata.Annotations) > 0 {
				t.Errorf("%s: %s of kinds %v; want %s, of a kind that is pruned, in the relay's namespace and without annotations", name, object, form.Kinds, objects)
			}
		}
		if name == "loadBalancer" {
			if text != "" || form.Service.Type != "LoadBalancer" {
				t.Errorf("%s: %s %+v", name, text, form.Service)
			}
			continue
		}
		want := []string{"7777", passes[name]}
		if name != "nodePort" { // the pods accept any name
			want = append(want, relay.Hosts[0], relay.Service)
		}
		for _, word := range want {
			if !strings.Contains(text, word) {
				t.Errorf("%s: nothing says %s: %s", name, word, text)
			}
		}
		if form.Service.Type != "ClusterIP" || strings.Contains(strings.ToLower(text), "secret") {
			t.Errorf("%s: a Service of type %s beside it, or a Secret: %s", name, form.Service.Type, text)
		}
		for _, own := range form.Own {
			if own.Name != objects || strings.Contains(own.Field, "ingress") != strings.HasPrefix(own.Field, relay.Field) {
				t.Errorf("%s: %+v is no field of %s", name, own, objects)
			}
		}
		if command := form.Where.Command("'a context'"); !strings.Contains(command, "kubectl --context 'a context' ") {
			t.Errorf("%s: the command for the address asks no cluster: %s", name, command)
		}
	}
	for _, name := range ingress.Names() {
		if !tried[name] {
			t.Errorf("%s was not tried", name)
		}
	}
}
