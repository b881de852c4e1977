package answer

import (
	"slices"
	"strings"
	"testing"
)

// forms are relayform's objects for forms of ingress, by kind, or by a different key if two have the same kind.
var forms = map[string]string{
	"Route":           "{apiVersion: route.openshift.io/v1, kind: Route, metadata: {name: g, namespace: mesh}, spec: {host: relay.mesh, to: {kind: Service, name: s}, port: {targetPort: 9900}, tls: {termination: passthrough}}}",
	"IngressRouteTCP": "{apiVersion: traefik.io/v1alpha1, kind: IngressRouteTCP, metadata: {name: g, namespace: mesh}, spec: {entryPoints: [websecure], routes: [{match: 'HostSNI(`relay.mesh`)', services: [{name: s, port: 9900}]}], tls: {passthrough: true}}}",
	"Gateway":         "{apiVersion: gateway.solo.io/v1, kind: Gateway, metadata: {name: g, namespace: mesh}, spec: {bindAddress: '::', bindPort: 9900, proxyNames: [gateway-proxy], tcpGateway: {tcpHosts: [{name: n, sslConfig: {sniDomains: [relay.mesh]}, destination: {single: {kube: {ref: {name: s, namespace: mesh}, port: 9900}}}}]}}}",
	"listeners":       "{apiVersion: gateway.networking.k8s.io/v1, kind: Gateway, metadata: {name: g, namespace: mesh}, spec: {gatewayClassName: eg, listeners: [{name: tls, protocol: TLS, port: 443, hostname: relay.mesh, tls: {mode: Passthrough}, allowedRoutes: {namespaces: {from: Same}}}]}}",
	"TLSRoute":        "{apiVersion: gateway.networking.k8s.io/v1, kind: TLSRoute, metadata: {name: g, namespace: mesh}, spec: {parentRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: g, sectionName: tls}], hostnames: [relay.mesh], rules: [{backendRefs: [{name: s, port: 9900}]}]}}",
	"HTTPProxy":       "{apiVersion: projectcontour.io/v1, kind: HTTPProxy, metadata: {name: g, namespace: mesh}, spec: {ingressClassName: one, virtualhost: {fqdn: relay.mesh, tls: {passthrough: true}}, tcpproxy: {services: [{name: s, port: 9900}]}}}",
}

// TestEachFormsPassthroughIsHeld changes each part of the route to the relay, and adds what users may add.
func TestEachFormsPassthroughIsHeld(t *testing.T) {
	for _, c := range []struct{ kind, old, new, want string }{
		{"Route", "namespace: mesh", "namespace: mesh, annotations: {haproxy.router.openshift.io/timeout-tunnel: 24h}, labels: {shard: a}", ""},
		{"Route", "relay.mesh", "other.mesh", "changes spec.host of Route g"},
		{"Route", "passthrough", "reencrypt", "changes spec.tls.termination of Route g"},
		{"Route", "passthrough", "passthrough, insecureEdgeTerminationPolicy: Redirect", "adds spec.tls.insecureEdgeTerminationPolicy to Route g"},
		{"Route", "name: s}", "name: other}", "changes spec.to.name of Route g"},
		{"Route", "9900", "9901", "changes spec.port.targetPort of Route g"},
		{"Route", "host:", "alternateBackends: [{kind: Service, name: other}], host:", "adds spec.alternateBackends to Route g"},
		{"IngressRouteTCP", "[websecure]", "[websecure, own]", ""},
		{"IngressRouteTCP", "entryPoints", "ingressClassName: own, entryPoints", ""},
		{"IngressRouteTCP", "routes: [", "routes: [{match: 'HostSNI(`own`)', services: []}, ", ""},
		{"IngressRouteTCP", "routes: [", "routes: [{match: 'HostSNI(`*`)', services: []}, ", ""},
		{"IngressRouteTCP", "routes: [", "routes: [{match: 'HostSNI(`*`)', priority: 1000, services: []}, ", "adds spec.routes[0] to IngressRouteTCP g, which takes what arrives for the relay"},
		{"IngressRouteTCP", "[websecure]", "[own]", "changes spec.entryPoints[0] of IngressRouteTCP g"},
		{"IngressRouteTCP", "relay.mesh", "*", "changes spec.routes[0].match of IngressRouteTCP g"},
		{"IngressRouteTCP", "passthrough: true", "passthrough: false", "changes spec.tls.passthrough of IngressRouteTCP g"},
		{"IngressRouteTCP", "port: 9900", "port: 9900, proxyProtocol: {version: 2}", "adds spec.routes[0].services[0].proxyProtocol to IngressRouteTCP g"},
		{"IngressRouteTCP", "services: [{name: s", "middlewares: [{name: m}], services: [{name: s", "adds spec.routes[0].middlewares to IngressRouteTCP g"},
		{"Gateway", "bindPort", "useProxyProto: true, options: {accessLoggingService: {}}, bindPort", ""},
		{"Gateway", "tcpHosts: [", "options: {tcpProxySettings: {idleTimeout: 1h}}, tcpHosts: [{name: own, sslConfig: {sniDomains: [own]}}, ", ""},
		{"Gateway", "tcpHosts: [", "tcpHosts: [{name: own}, ", "adds spec.tcpGateway.tcpHosts[0] to Gateway g, which takes what arrives for the relay"},
		{"Gateway", "tcpHosts: [", "tcpHosts: [{name: n, sslConfig: {sniDomains: [own]}}, ", "adds spec.tcpGateway.tcpHosts[0] to Gateway g, which takes what arrives for the relay"},
		{"Gateway", "tcpHosts: [", "tcpHosts: [{name: own, sslConfig: {sniDomains: ['*.mesh']}}, ", "adds spec.tcpGateway.tcpHosts[0] to Gateway g, which takes what arrives for the relay"},
		{"Gateway", "sniDomains: [relay.mesh]", "sniDomains: [relay.mesh], secretRef: {name: x}", "adds spec.tcpGateway.tcpHosts[0].sslConfig.secretRef to Gateway g"},
		{"Gateway", "bindPort: 9900", "bindPort: 8443", "changes spec.bindPort of Gateway g"},
		{"Gateway", "[gateway-proxy]", "[gateway-proxy, own]", "changes spec.proxyNames of Gateway g"},
		{"Gateway", "bindPort", "ssl: true, bindPort", "adds spec.ssl to Gateway g"},
		{"Gateway", "tcpGateway: {", "tcpGateway: {x: y, ", "adds spec.tcpGateway.x to Gateway g"},
		{"listeners", "gatewayClassName", "infrastructure: {annotations: {a: b}}, gatewayClassName", ""},
		{"listeners", "listeners: [", "listeners: [{name: own, protocol: TLS, port: 443, hostname: own, tls: {mode: Terminate}}, {name: web, protocol: HTTP, port: 80}, {name: https, protocol: HTTPS, port: 443}, ", ""},
		{"listeners", "listeners: [", "listeners: [{name: own, protocol: HTTPS, port: 443, hostname: relay.mesh}, ", "adds spec.listeners[0] to Gateway g, which takes what arrives for the relay"},
		{"listeners", "listeners: [", "listeners: [{name: own, protocol: TCP, port: 443}, ", "adds spec.listeners[0] to Gateway g, which takes what arrives for the relay"},
		{"listeners", "listeners: [", "listeners: [{name: tls, protocol: TCP, port: 80}, ", "adds spec.listeners[0] to Gateway g, which takes what arrives for the relay"},
		{"listeners", "Passthrough", "Terminate", "changes spec.listeners[0].tls.mode of Gateway g"},
		{"listeners", "from: Same", "from: All", "changes spec.listeners[0].allowedRoutes.namespaces.from of Gateway g"},
		{"listeners", "gatewayClassName: eg", "gatewayClassName: own", "changes spec.gatewayClassName of Gateway g"},
		{"listeners", "gatewayClassName", "addresses: [{value: 203.0.113.7}], gatewayClassName", "adds spec.addresses to Gateway g"},
		{"TLSRoute", "parentRefs: [", "parentRefs: [{name: own}, ", ""},
		{"TLSRoute", "[relay.mesh]", "[relay.mesh, own]", ""},
		{"TLSRoute", "[relay.mesh]", "[own]", "changes spec.hostnames[0] of TLSRoute g"},
		{"TLSRoute", "sectionName: tls", "sectionName: own", "changes spec.parentRefs[0].sectionName of TLSRoute g"},
		{"TLSRoute", "{name: s, port: 9900}", "{name: s, port: 9900}, {name: own, port: 1}", "changes spec.rules[0].backendRefs of TLSRoute g"},
		{"TLSRoute", "rules: [", "rules: [{backendRefs: []}, ", "changes spec.rules of TLSRoute g"},
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

// TestWhoeverTakesAFormsTrafficIsTold adds another object of the kind, which may or may not take the relay's traffic.
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
		{"IngressRouteTCP", "", "", true},
		{"IngressRouteTCP", "'HostSNI(`relay.mesh`)'", "'ClientIP(`10.0.0.0/8`) && HostSNI(\"Relay.mesh\")'", true},
		{"IngressRouteTCP", "entryPoints: [websecure], ", "", true},
		{"IngressRouteTCP", "match: 'HostSNI(`relay.mesh`)'", "priority: 9, match: 'HostSNIRegexp(`.*`)'", true},
		{"IngressRouteTCP", "match: 'HostSNI(`relay.mesh`)'", "priority: 9, match: 'ClientIP(`10.0.0.0/8`)'", true},
		{"IngressRouteTCP", "match: 'HostSNI(`relay.mesh`)'", "priority: 9, match: 'HostSNI(`own`)'", false},
		{"IngressRouteTCP", "relay.mesh", "*", false},
		{"IngressRouteTCP", "relay.mesh", "other.relay.mesh", false},
		{"IngressRouteTCP", "[websecure]", "[own]", false},
		{"Gateway", "", "", true},
		{"Gateway", "proxyNames: [gateway-proxy], ", "", true},
		{"Gateway", "[gateway-proxy]", "[own, gateway-proxy]", true},
		{"Gateway", "[gateway-proxy]", "[own]", false},
		{"Gateway", "bindPort: 9900", "bindPort: 8443", false},
		{"listeners", "", "", false}, // a Gateway has its own addresses
		{"TLSRoute", "{group: gateway.networking.k8s.io, kind: Gateway, name: g, sectionName: tls}", "{name: x}, {name: g, namespace: mesh}", true},
		{"TLSRoute", "gateway.networking.k8s.io/v1,", "gateway.networking.k8s.io/v1alpha2,", false},
		{"TLSRoute", "name: g, sectionName: tls", "name: g, namespace: mesh", true},
		{"TLSRoute", "[relay.mesh]", "['*.mesh']", false},
		{"HTTPProxy", "", "", true},
		{"HTTPProxy", "ingressClassName: one, ", "", true},
		{"HTTPProxy", "fqdn: relay", "fqdn: Relay", true},
		{"HTTPProxy", "ingressClassName: one", "ingressClassName: two", false},
		{"HTTPProxy", "relay.mesh", "other.mesh", false},
		{"HTTPProxy", "relay.mesh", "'*.mesh'", false}, // Envoy prefers the exact name to a wildcard
		{"HTTPProxy", "virtualhost:", "x:", false},
	} {
		other := strings.Replace(strings.Replace(forms[c.kind], "name: g, namespace: mesh", "name: own, namespace: own", 1), c.old, c.new, 1)
		var want []string
		if c.taken {
			kind := parsed(t, other)["kind"].(string)
			want = []string{"adds " + kind + " own, which takes what arrives for " + kind + " g"}
		}
		if got := said(t, forms[c.kind], forms[c.kind], other); !slices.Equal(got, want) {
			t.Errorf("%s: %s → %s: got %q, want %q", c.kind, c.old, c.new, got, want)
		}
	}
}

// TestRulesForSeveralNamesAreReadWhole looks for each of our names in the rules of others, and not for text between two names.
func TestRulesForSeveralNamesAreReadWhole(t *testing.T) {
	ours := strings.Replace(forms["IngressRouteTCP"], "HostSNI(`relay.mesh`)", "HostSNI(`relay.mesh`) || HostSNI(`east.mesh`)", 1)
	for rule, taken := range map[string]bool{
		"HostSNI(`own`) || HostSNI(`other`)":     false,
		"HostSNI(`own`) || HostSNI(`east.mesh`)": true,
		"HostSNI(`relay.mesh`)":                  true,
		"HostSNI(`other.east.mesh`)":             false,
	} {
		other := strings.Replace(strings.Replace(forms["IngressRouteTCP"], "name: g, namespace: mesh", "name: own, namespace: own", 1), "HostSNI(`relay.mesh`)", rule, 1)
		if got := said(t, ours, ours, other); len(got) > 0 != taken {
			t.Errorf("%s: %q, want taken: %v", rule, got, taken)
		}
	}
}

// said returns what is reported about the built objects, given an emitted one.
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
