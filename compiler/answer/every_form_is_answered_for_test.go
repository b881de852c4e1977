package answer

import (
	"slices"
	"strings"
	"testing"
)

// forms are what relayform emits for forms of ingress, by kind.
var forms = map[string]string{
	"Route":     "{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: g, namespace: mesh}, spec: {host: relay.mesh, to: {kind: Service, name: s}, port: {targetPort: 9900}, tls: {termination: passthrough}}}",
	"HTTPProxy": "{apiVersion: projectcontour.io/v1, kind: HTTPProxy, metadata: {name: g, namespace: mesh}, spec: {ingressClassName: one, virtualhost: {fqdn: relay.mesh, tls: {passthrough: true}}, tcpproxy: {services: [{name: s, port: 9900}]}}}",
}

// TestEachFormsPassthroughIsHeld changes each part of what leads to the relay, and adds what is the users'.
func TestEachFormsPassthroughIsHeld(t *testing.T) {
	for _, c := range []struct{ kind, old, new, want string }{
		{"Route", "namespace: mesh", "namespace: mesh, annotations: {haproxy.router.openshift.io/timeout-tunnel: 24h}, labels: {shard: a}", ""},
		{"Route", "relay.mesh", "other.mesh", "changes spec.host of Route g"},
		{"Route", "passthrough", "reencrypt", "changes spec.tls.termination of Route g"},
		{"Route", "passthrough", "passthrough, insecureEdgeTerminationPolicy: Redirect", "adds spec.tls.insecureEdgeTerminationPolicy to Route g"},
		{"Route", "name: s}", "name: other}", "changes spec.to.name of Route g"},
		{"Route", "9900", "9901", "changes spec.port.targetPort of Route g"},
		{"Route", "host:", "alternateBackends: [{kind: Service, name: other}], host:", "adds spec.alternateBackends to Route g"},
		{"HTTPProxy", "services:", "healthCheckPolicy: {intervalSeconds: 5}, loadBalancerPolicy: {strategy: WeightedLeastRequest}, services:", ""},
		{"HTTPProxy", "relay.mesh", "other.mesh", "changes spec.virtualhost.fqdn of HTTPProxy g"},
		{"HTTPProxy", "passthrough: true", "secretName: own", "removes spec.virtualhost.tls.passthrough of HTTPProxy g|adds spec.virtualhost.tls.secretName to HTTPProxy g"},
		{"HTTPProxy", "one", "two", "changes spec.ingressClassName of HTTPProxy g"},
		{"HTTPProxy", "port: 9900}", "port: 9900}, {name: other, port: 1}", "changes spec.tcpproxy.services of HTTPProxy g"},
		{"HTTPProxy", "port: 9900", "port: 9900, protocol: tls", "adds spec.tcpproxy.services[0].protocol to HTTPProxy g"},
		{"HTTPProxy", "virtualhost:", "routes: [{}], virtualhost:", "adds spec.routes to HTTPProxy g"},
	} {
		text := strings.Replace(forms[c.kind], c.old, c.new, 1)
		if text == forms[c.kind] {
			t.Fatalf("%s has no %s", c.kind, c.old)
		}
		var want []string
		if c.want != "" {
			want = strings.Split(c.want, "|")
		}
		if got := said(t, forms[c.kind], text); !slices.Equal(got, want) {
			t.Errorf("%s: %s → %s: got %q, want %q", c.kind, c.old, c.new, got, want)
		}
	}
}

// TestWhoeverTakesAFormsTrafficIsTold adds another object of the kind, which may or may not take what arrives for
// the relay.
func TestWhoeverTakesAFormsTrafficIsTold(t *testing.T) {
	for _, c := range []struct {
		kind, old, new string
		taken          bool
	}{
		{"Route", "", "", true},
		{"Route", "host: relay.mesh", "host: RELAY.mesh", true},
		{"Route", "host: relay.mesh", "host: other.mesh", false},
		{"Route", "host: relay.mesh", "to: {}", false},
		{"Route", "route.openshift.io", "example.com", false},
		{"HTTPProxy", "", "", true},
		{"HTTPProxy", "ingressClassName: one, ", "", true},
		{"HTTPProxy", "fqdn: relay", "fqdn: Relay", true},
		{"HTTPProxy", "ingressClassName: one", "ingressClassName: two", false},
		{"HTTPProxy", "relay.mesh", "other.mesh", false},
		{"HTTPProxy", "relay.mesh", "'*.mesh'", false}, // Envoy takes the name itself before a wildcard
		{"HTTPProxy", "virtualhost:", "x:", false},
	} {
		other := strings.Replace(strings.Replace(forms[c.kind], "name: g, namespace: mesh", "name: own, namespace: own", 1), c.old, c.new, 1)
		var want []string
		if c.taken {
			want = []string{"adds " + c.kind + " own, which takes what arrives for " + c.kind + " g"}
		}
		if got := said(t, forms[c.kind], forms[c.kind], other); !slices.Equal(got, want) {
			t.Errorf("%s: %s → %s: got %q, want %q", c.kind, c.old, c.new, got, want)
		}
	}
}

// said is what is said of the objects made, where one was emitted.
func said(t *testing.T, emitted string, made ...string) []string {
	t.Helper()
	var objects []Object
	for _, text := range made {
		objects = append(objects, parsed(t, text))
	}
	var said []string
	for _, c := range New([]Object{parsed(t, emitted)}, keys).Changes(objects) {
		said = append(said, c.What)
	}
	return said
}
