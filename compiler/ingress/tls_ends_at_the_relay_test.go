package ingress_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/ingress"
	"relayform/schema"
	"relayform/schema/diag"
)

const (
	awsPrefix    = "service.beta.kubernetes.io/aws-load-balancer-"
	gkeInternal  = "networking.gke.io/load-balancer-type=Internal"
	aksInternal  = "service.beta.kubernetes.io/azure-load-balancer-internal=true"
	protocol     = awsPrefix + "backend-protocol"
	awsAlways    = awsPrefix + "backend-protocol=TCP " + awsPrefix + "nlb-target-type=ip "
	awsInternal  = awsAlways + awsPrefix + "scheme=internal " + awsPrefix + "type=external"
	awsInternet  = awsAlways + awsPrefix + "scheme=internet-facing " + awsPrefix + "type=external"
	certificates = "arn:aws:acm:x"
)

// TestLoadBalancersLeaveTLSAlone resolves load balancers of each cloud. One that ends TLS, or speaks to the
// relay itself, is refused: no agent's certificate would reach the relay. One that was to be inside a
// private network is not put on the internet.
func TestLoadBalancersLeaveTLSAlone(t *testing.T) {
	inside, outside := &schema.Preset{Internal: true}, &schema.Preset{}
	for name, c := range map[string]struct {
		in     schema.LoadBalancer
		want   string // annotations
		faults string
	}{
		"none":           {schema.LoadBalancer{}, "", ""},
		"aws":            {schema.LoadBalancer{Aws: outside}, awsInternet, ""},
		"aws, internal":  {schema.LoadBalancer{Aws: inside}, awsInternal, ""},
		"gke":            {schema.LoadBalancer{Gke: outside}, "", ""},
		"gke, internal":  {schema.LoadBalancer{Gke: inside}, gkeInternal, ""},
		"aks":            {schema.LoadBalancer{Azure: outside}, "", ""},
		"aks, internal":  {schema.LoadBalancer{Azure: inside}, aksInternal, ""},
		"two clouds":     {schema.LoadBalancer{Aws: inside, Azure: inside}, awsInternal, "one-of azure"},
		"three clouds":   {schema.LoadBalancer{Aws: outside, Gke: inside, Azure: inside}, awsInternet, "one-of gke; one-of azure"},
		"own":            {schema.LoadBalancer{Annotations: map[string]string{"a": "b"}}, "a=b", ""},
		"own and cloud":  {schema.LoadBalancer{Gke: inside, Annotations: map[string]string{"a": "b"}}, "a=b " + gkeInternal, ""},
		"what is there":  {schema.LoadBalancer{Aws: inside, Annotations: map[string]string{protocol: "TCP"}}, awsInternal, ""},
		"against it":     {schema.LoadBalancer{Aws: inside, Annotations: map[string]string{awsPrefix + "scheme": "internet-facing"}}, awsInternal, "clash " + awsPrefix + "scheme"},
		"certificate":    {schema.LoadBalancer{Annotations: map[string]string{awsPrefix + "ssl-cert": certificates}}, "", "tls-ends-early " + awsPrefix + "ssl-cert"},
		"ports":          {schema.LoadBalancer{Aws: outside, Annotations: map[string]string{awsPrefix + "ssl-ports": "9900"}}, awsInternet, "tls-ends-early " + awsPrefix + "ssl-ports"},
		"both":           {schema.LoadBalancer{Annotations: map[string]string{awsPrefix + "ssl-cert": certificates, awsPrefix + "ssl-ports": "*"}}, "", "tls-ends-early " + awsPrefix + "ssl-cert; tls-ends-early " + awsPrefix + "ssl-ports"},
		"protocol tcp":   {schema.LoadBalancer{Annotations: map[string]string{protocol: "tcp"}}, protocol + "=tcp", ""},
		"protocol http":  {schema.LoadBalancer{Annotations: map[string]string{protocol: "http"}}, protocol + "=http", "tls-ends-early " + protocol},
		"protocol ssl":   {schema.LoadBalancer{Gke: outside, Annotations: map[string]string{protocol: "ssl"}}, protocol + "=ssl", "tls-ends-early " + protocol},
		"protocol clash": {schema.LoadBalancer{Aws: outside, Annotations: map[string]string{protocol: "ssl"}}, awsInternet, "clash " + protocol},
	} {
		var faults []string
		form, err := ingress.Resolve(schema.Ingress{LoadBalancer: &c.in}, ingress.Relay{Service: "relay", Namespace: "mesh"}, func(path []string, fault *diag.Fault, _ ...string) {
			if path[0] != "loadBalancer" || fault.Message == "" {
				t.Errorf("%s: %q at %q", name, fault.Message, path)
			}
			faults = append(faults, fmt.Sprintf("%s %s", fault.Code, path[len(path)-1]))
		})
		if err != nil {
			t.Fatal(err)
		}
		var have []string
		for _, key := range slices.Sorted(maps.Keys(form.Service.Annotations)) {
			have = append(have, key+"="+form.Service.Annotations[key])
		}
		if got := strings.Join(have, " "); got != c.want || strings.Join(faults, "; ") != c.faults || form.Service.Type != "LoadBalancer" {
			t.Errorf("%s: a %s with %q and %q; want %q and %q", name, form.Service.Type, got, faults, c.want, c.faults)
		}
	}
}
