package answer

import (
	"relayform/compiler/product"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"
)

// ours are the relevant parts of relayform's objects.
var ours = map[string]string{
	"namespace": "{apiVersion: v1, kind: Namespace, metadata: {name: mesh, labels: {l: a, m: b}, annotations: {a: b}}}",
	"secret":    "{apiVersion: v1, kind: Secret, type: Opaque, metadata: {name: root, namespace: mesh}, data: {ca.crt: aGVsbG8=}}",
	"token":     "{apiVersion: v1, kind: Secret, type: Opaque, metadata: {name: token, namespace: mesh}, data: {token: aGVsbG8=, own: aGVsbG8=}}",
	"service":   "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: mesh}, spec: {type: NodePort, selector: {app: relay}, ports: [{name: grpc, port: 9900, nodePort: 31443}]}}",
	"gateway":   "{apiVersion: networking.istio.io/v1, kind: Gateway, metadata: {name: g, namespace: mesh}, spec: {selector: {istio: in}, servers: [{port: {number: 443, name: https, protocol: HTTPS}, tls: {mode: PASSTHROUGH}, hosts: [relay.mesh]}]}}",
	"route":     "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: g, namespace: mesh}, spec: {hosts: [relay.mesh], gateways: [mesh/g], tls: [{match: [{port: 443, sniHosts: [relay.mesh]}], route: [{destination: {host: relay}}]}]}}",
	"other":     "{apiVersion: example.com/v1, kind: Gateway, metadata: {name: o, namespace: mesh}, spec: {a: [1, {b: c}]}}",
}

// keys are those of Secrets, and own the fields of an ingress form for its objects.
var (
	keys = product.Profiles[0].Keys
	own  = []Own{
		{Kind: "Gateway", Part: "apiVersion", Field: "management.ingress.istio.apiVersion"},
		{Kind: "Gateway", Part: "spec.selector", Field: "management.ingress.istio.selector"},
		{Kind: "Gateway", Part: "port.number", Field: "management.ingress.istio.port"},
		{Kind: "Gateway", Part: ".hosts", Field: "management.authority"},
		{Kind: "VirtualService", Part: "apiVersion", Field: "management.ingress.istio.apiVersion"},
		{Kind: "VirtualService", Part: "match[0].port", Field: "management.ingress.istio.port"}, {Kind: "VirtualService", Part: ".hosts", Field: "management.authority"}, {Kind: "VirtualService", Part: "sniHosts", Field: "management.authority"},
		{Kind: "VirtualService", Part: "destination.host", Field: "management.clusterDomain"},
		{Kind: "Service", Part: "spec.type", Field: "management.ingress"},
		{Kind: "Service", Part: "nodePort", Field: "management.ingress.nodePort.nodePort"},
	}
)

func parsed(t *testing.T, text string) Object {
	t.Helper()
	var o Object
	if err := yaml.Unmarshal([]byte(text), &o); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return o
}

// changed returns what is reported when old is replaced with new in one of the objects, and others are added.
func changed(t *testing.T, in, old, new string, more ...string) []string {
	t.Helper()
	var emitted, made []Object
	for _, name := range []string{"namespace", "secret", "token", "service", "gateway", "route", "other"} {
		emitted = append(emitted, parsed(t, ours[name]))
		text := ours[name]
		if name == in {
			if text = strings.Replace(text, old, new, 1); text == ours[name] && old != new {
				t.Fatalf("%s has no %s", name, old)
			}
		}
		if text != "" {
			made = append(made, parsed(t, text))
		}
	}
	for _, text := range more {
		made = append(made, parsed(t, text))
	}
	var said []string
	for _, c := range New(emitted, keys, own...).Changes(made) {
		text := c.What
		if c.Own != "" {
			text += " | " + c.Own
		}
		said = append(said, text)
	}
	return said
}

// TestEachChangeOfWhatCountsIsTold changes each part that relayform is responsible for, and each that is left to users.
func TestEachChangeOfWhatCountsIsTold(t *testing.T) {
	for _, c := range []struct{ in, old, new, want string }{
		{"", "", "", ""},

		{"namespace", "l: a", "l: z", "changes metadata.labels.l of Namespace mesh"},
		{"namespace", "m: b", "", "removes metadata.labels.m of Namespace mesh"},
		{"namespace", "a: b}", "a: z}", "changes metadata.annotations.a of Namespace mesh"},
		{"namespace", "m: b", "m: b, n: own", ""},
		{"namespace", "a: b}", "a: b, n: own}", ""},
		{"namespace", "name: mesh", "name: mesh, generateName: x", "adds metadata.generateName to Namespace mesh"},
		{"namespace", "kind: Namespace", "kind: Namespace, spec: {finalizers: [x]}", "adds spec to Namespace mesh"},
		{"namespace", "name: mesh", "name: mash", "removes or renames Namespace mesh | namespace"},
		{"namespace", "name: mesh", "name: mesh, namespace: mesh", "adds metadata.namespace to Namespace mesh | namespace"},

		{"secret", "ca.crt: aGVsbG8=", "ca.crt: aGVsbG8", "changes data.ca.crt of Secret root | pki"},
		{"secret", "ca.crt: aGVsbG8=", `ca.crt: "aGVs\n bG8=\n"`, ""},
		{"secret", "ca.crt: aGVsbG8=", "ca.crt: 12", "changes data.ca.crt of Secret root | pki"},
		{"secret", "ca.crt: aGVsbG8=", "", "removes data.ca.crt of Secret root | pki"},
		{"secret", "ca.crt: aGVsbG8=", "ca.crt: aGVsbG8=, own: aGVsbG8=", ""},
		{"secret", "ca.crt: aGVsbG8=", "ca.crt: aGVsbG8=, tls.crt: aGVsbG8=", "adds data.tls.crt to Secret root | pki"},
		{"secret", "ca.crt: aGVsbG8=", "ca.crt: aGVsbG8=, tls.key: aGVsbG8=", "adds data.tls.key to Secret root"},
		{"secret", "ca.crt: aGVsbG8=", "ca.crt: aGVsbG8=, token: aGVsbG8=", "adds data.token to Secret root"},
		{"token", "token: aGVsbG8=, ", "token: aGVsbG8=, ca.crt: aGVsbG8=, ", "adds data.ca.crt to Secret token | pki"},
		{"token", "token: aGVsbG8=, own", "own", "removes data.token of Secret token"},
		{"token", "own: aGVsbG8=", "own: eA==", "changes data.own of Secret token"},
		{"secret", "type: Opaque", "type: Opaque, stringData: {own: x}", ""},
		{"secret", "type: Opaque", "type: Opaque, stringData: {ca.crt: x}", "adds stringData.ca.crt to Secret root | pki"},
		{"secret", "type: Opaque", "type: Opaque, stringData: {tls.key: x}", "adds stringData.tls.key to Secret root"},
		{"token", "type: Opaque", "type: Opaque, stringData: {own: x}", "adds stringData.own to Secret token"},
		{"secret", "type: Opaque", "type: Opaque, immutable: true", "sets immutable of Secret root"},
		{"secret", "type: Opaque", "type: Opaque, immutable: 'true'", "sets immutable of Secret root"},
		{"secret", "type: Opaque", "type: Opaque, immutable: false", ""},
		{"secret", "type: Opaque", "type: kubernetes.io/tls", "changes type of Secret root"},
		{"secret", "type: Opaque", "more: x, type: Opaque", "adds more to Secret root"},
		{"secret", "namespace: mesh", "namespace: own", "changes metadata.namespace of Secret root | namespace"},
		{"secret", "apiVersion: v1", "apiVersion: v2", "changes apiVersion of Secret root"},
		{"secret", "apiVersion: v1", "apiVersion: own/v1", "removes or renames Secret root"},
		{"secret", "kind: Secret", "kind: ConfigMap", "removes or renames Secret root"},
		{"secret", "name: root", "name: rot", "removes or renames Secret root"},

		{"service", "type: NodePort", "type: LoadBalancer", "changes spec.type of Service s | management.ingress"},
		{"service", "app: relay", "app: own", "changes spec.selector.app of Service s"},
		{"service", "nodePort: 31443", "nodePort: 31444", "changes spec.ports[0].nodePort of Service s | management.ingress.nodePort.nodePort"},
		{"service", "port: 9900", "port: 9901", "changes spec.ports[0].port of Service s"},
		{"service", "type: NodePort", "type: NodePort, clusterIP: None", "adds spec.clusterIP to Service s"},
		{"service", "type: NodePort", "type: NodePort, loadBalancerIP: 1.2.3.4", "adds spec.loadBalancerIP to Service s"},
		{"service", "type: NodePort", "type: NodePort, externalName: own", "adds spec.externalName to Service s"},
		{"service", "type: NodePort", "type: NodePort, allocateLoadBalancerNodePorts: true, externalIPs: [x], externalTrafficPolicy: Local, internalTrafficPolicy: Local, ipFamilies: [IPv6], ipFamilyPolicy: x, publishNotReadyAddresses: true, sessionAffinity: ClientIP, sessionAffinityConfig: {}, trafficDistribution: x", ""},
		{"service", "ports: [", "ports: [{name: own, port: 1}, ", ""},
		{"service", "ports: [", "ports: [{port: 1}, ", ""},
		{"service", "ports: [", "ports: [{name: grpc, port: 1}, ", "adds spec.ports[0] to Service s, which takes what arrives for the relay"},
		{"service", "ports: [", "ports: [{name: own, port: 9900}, ", "adds spec.ports[0] to Service s, which takes what arrives for the relay"},
		{"service", "ports: [", "ports: [{name: own, port: 1, nodePort: 31443}, ", "adds spec.ports[0] to Service s, which takes what arrives for the relay"},
		{"service", "kind: Service", "kind: Service, status: {a: b}", "adds status to Service s"},
		{"service", "name: s,", "name: s, ownerReferences: [x],", "adds metadata.ownerReferences to Service s"},

		{"gateway", "networking.istio.io/v1", "networking.istio.io/v1beta1", "changes apiVersion of Gateway g | management.ingress.istio.apiVersion"},
		{"gateway", "istio: in", "istio: out", "changes spec.selector.istio of Gateway g | management.ingress.istio.selector"},
		{"gateway", "istio: in", "istio: in, a: b", "adds spec.selector.a to Gateway g | management.ingress.istio.selector"},
		{"gateway", "number: 443", "number: 8443", "changes spec.servers[0].port.number of Gateway g | management.ingress.istio.port"},
		{"gateway", "mode: PASSTHROUGH", "mode: SIMPLE", "changes spec.servers[0].tls.mode of Gateway g"},
		{"gateway", "relay.mesh]", "own]", "changes spec.servers[0].hosts[0] of Gateway g | management.authority"},
		{"gateway", "relay.mesh]", "relay.mesh, own]", "changes spec.servers[0].hosts of Gateway g | management.authority"},
		{"gateway", "hosts: [relay.mesh]", "hosts: []", "changes spec.servers[0].hosts of Gateway g | management.authority"},
		{"gateway", "selector:", "more: x, selector:", "adds spec.more to Gateway g"},
		{"gateway", "kind: Gateway", "kind: Gateway, more: x", "adds more to Gateway g"},
		{"gateway", "kind: Gateway, ", "kind: Gateways, ", "removes or renames Gateway g"},
		{"gateway", "servers: [", "servers: [{port: {number: 443, name: own, protocol: HTTPS}, hosts: [own]}, ", ""},
		{"gateway", "servers: [", "servers: [{port: {number: 80, name: own, protocol: HTTP}, hosts: [relay.mesh]}, ", ""},
		{"gateway", "servers: [", "servers: [{port: {number: 80, name: https, protocol: HTTP}, hosts: [own]}, ", "adds spec.servers[0] to Gateway g, which takes what arrives for the relay"},

		{"route", "networking.istio.io/v1", "networking.istio.io/v1beta1", "changes apiVersion of VirtualService g | management.ingress.istio.apiVersion"},
		{"route", "hosts: [relay.mesh]", "hosts: [own]", "changes spec.hosts[0] of VirtualService g | management.authority"},
		{"route", "hosts: [relay.mesh]", "hosts: []", "changes spec.hosts of VirtualService g | management.authority"},
		{"route", "hosts: [relay.mesh]", "hosts: [own, relay.mesh]", ""},
		{"route", "gateways: [mesh/g]", "gateways: [own]", "changes spec.gateways[0] of VirtualService g"},
		{"route", "gateways: [mesh/g]", "gateways: [mesh/g, own]", ""},
		{"route", "port: 443", "port: 8443", "changes spec.tls[0].match[0].port of VirtualService g | management.ingress.istio.port"},
		{"route", "sniHosts: [relay.mesh]", "sniHosts: [own]", "changes spec.tls[0].match[0].sniHosts[0] of VirtualService g | management.authority"},
		{"route", "sniHosts: [relay.mesh]", "", "removes spec.tls[0].match[0].sniHosts of VirtualService g | management.authority"},
		{"route", "host: relay", "host: own", "changes spec.tls[0].route[0].destination.host of VirtualService g | management.clusterDomain"},
		{"route", "hosts: [relay.mesh], ", "exportTo: [.], hosts: [relay.mesh], ", "adds spec.exportTo to VirtualService g"},
		{"route", "hosts: [relay.mesh], ", "http: [{}], hosts: [relay.mesh], ", ""},
		{"route", "tls: [", "tls: [{match: [{port: 443, sniHosts: [own]}], route: []}, ", ""},
		{"route", "kind: VirtualService", "kind: VirtualService, more: x", "adds more to VirtualService g"},

		{"other", "example.com/v1", "example.com/v2", "changes apiVersion of Gateway o | management.ingress.istio.apiVersion"},
		{"other", "b: c", "b: d", "changes spec.a[1].b of Gateway o"},
		{"other", "[1, {b: c}]", "[1.0, {b: c}]", ""}, // JSON has one number type
		{"other", "[1, {b: c}]", "[2, {b: c}]", "changes spec.a[0] of Gateway o"},
		{"other", "[1, {b: c}]", "[1]", "changes spec.a of Gateway o"},
		{"other", "[1, {b: c}]", "{b: c}", "changes spec.a of Gateway o"},
		{"other", "{a: [1, {b: c}]}", "x", "changes spec of Gateway o"},
		{"other", "a: [", "z: 1, a: [", "adds spec.z to Gateway o"},
	} {
		want := []string{c.want}
		if c.want == "" {
			want = nil
		}
		if got := changed(t, c.in, c.old, c.new); !slices.Equal(got, want) {
			t.Errorf("%s: %s → %s: got %q, want %q", c.in, c.old, c.new, got, want)
		}
	}
}

// TestWhoeverTakesTheRelaysTrafficIsTold adds objects besides relayform's, and servers and routes within them.
func TestWhoeverTakesTheRelaysTrafficIsTold(t *testing.T) {
	const (
		gateway = "{apiVersion: networking.istio.io/v1beta1, kind: Gateway, metadata: {name: own, namespace: own}, spec: {selector: {SELECTOR}, servers: [{port: {number: 1, protocol: TCP}, hosts: ['*']}, {port: {PORT}, hosts: [HOST]}]}}"
		route   = "{apiVersion: networking.istio.io/v1, kind: VirtualService, metadata: {name: own, namespace: NAMESPACE}, spec: {gateways: [x, GATEWAY], tls: [{match: [{sniHosts: [x]}]}, {MATCH}]}}"
	)
	for _, c := range []struct {
		text  string
		with  []string
		taken bool
	}{
		{gateway, []string{"SELECTOR", "istio: in", "PORT", "number: 443, protocol: HTTPS", "HOST", "relay.mesh"}, true},
		{gateway, []string{"SELECTOR", "", "PORT", "number: 443, protocol: TLS", "HOST", "relay.mesh"}, true},
		{gateway, []string{"SELECTOR", "app: x", "PORT", "number: '443', protocol: HTTPS", "HOST", "'*'"}, true},
		{gateway, []string{"SELECTOR", "istio: in, app: x", "PORT", "number: 443, protocol: https", "HOST", "'*.mesh'"}, true},
		{gateway, []string{"SELECTOR", "istio: in", "PORT", "number: 443, protocol: TLS", "HOST", "own/RELAY.mesh"}, true},
		{gateway, []string{"SELECTOR", "istio: in", "PORT", "number: 443, protocol: HTTP", "HOST", "own"}, true},
		{gateway, []string{"SELECTOR", "istio: in", "PORT", "number: 443", "HOST", "own"}, true},
		{gateway, []string{"SELECTOR", "istio: out", "PORT", "number: 443, protocol: HTTPS", "HOST", "relay.mesh"}, false},
		{gateway, []string{"SELECTOR", "istio: out, app: x", "PORT", "number: 443, protocol: HTTPS", "HOST", "relay.mesh"}, false},
		{gateway, []string{"SELECTOR", "istio: in", "PORT", "number: 8443, protocol: HTTPS", "HOST", "relay.mesh"}, false},
		{gateway, []string{"SELECTOR", "istio: in", "PORT", "number: 443, protocol: HTTPS", "HOST", "own"}, false},
		{gateway, []string{"SELECTOR", "istio: in", "PORT", "number: 443, protocol: TLS", "HOST", "'*.own'"}, false},
		{gateway, []string{"SELECTOR", "istio: in", "PORT", "number: 443, protocol: tls", "HOST", "elay.mesh"}, false},
		{strings.Replace(gateway, "networking.istio.io", "example.com", 1), []string{"SELECTOR", "istio: in", "PORT", "number: 443, protocol: HTTPS", "HOST", "relay.mesh"}, false},

		{route, []string{"NAMESPACE", "mesh", "GATEWAY", "mesh/g", "MATCH", "match: [{port: 443, sniHosts: [relay.mesh]}]"}, true},
		{route, []string{"NAMESPACE", "mesh", "GATEWAY", "g", "MATCH", "match: [{port: 443, sniHosts: [relay.mesh]}]"}, true},
		{route, []string{"NAMESPACE", "own", "GATEWAY", "mesh/g", "MATCH", "match: [{sniHosts: ['*']}]"}, true},
		{route, []string{"NAMESPACE", "own", "GATEWAY", "mesh/g", "MATCH", "match: [{port: 443}]"}, true},
		{route, []string{"NAMESPACE", "own", "GATEWAY", "mesh/g", "MATCH", "match: [{port: '443', sniHosts: [a, '*.mesh']}]"}, true},
		{route, []string{"NAMESPACE", "own", "GATEWAY", "mesh/g", "MATCH", "match: [{port: 1}, {sniHosts: [relay.mesh]}]"}, true},
		{route, []string{"NAMESPACE", "own", "GATEWAY", "mesh/g", "MATCH", "route: []"}, true},
		{route, []string{"NAMESPACE", "own", "GATEWAY", "g", "MATCH", "route: []"}, false},
		{route, []string{"NAMESPACE", "own", "GATEWAY", "own/g", "MATCH", "route: []"}, false},
		{route, []string{"NAMESPACE", "mesh", "GATEWAY", "mesh/g", "MATCH", "match: [{port: 8443, sniHosts: [relay.mesh]}]"}, false},
		{route, []string{"NAMESPACE", "mesh", "GATEWAY", "mesh/g", "MATCH", "match: [{port: 443, sniHosts: [own]}]"}, false},
	} {
		text := strings.NewReplacer(c.with...).Replace(c.text)
		kind := parsed(t, text)["kind"].(string)
		want := []string{"adds " + kind + " own, which takes what arrives for " + kind + " g"}
		if !c.taken {
			want = nil
		}
		if got := changed(t, "", "", "", text); !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", text, got, want)
		}
	}
}

// TestNothingElseTakesAnObjectsPlace adds objects that an API server, or kubectl, would treat as one of relayform's, and similar ones that
// are different.
func TestNothingElseTakesAnObjectsPlace(t *testing.T) {
	for _, c := range []struct {
		text string
		want []string
	}{
		{ours["secret"], []string{"adds another Secret root"}},
		{ours["gateway"], []string{"adds another Gateway g"}},
		{strings.Replace(ours["gateway"], "io/v1", "io/v1alpha3", 1), []string{"adds another Gateway g"}},
		{strings.Replace(ours["gateway"], "io/v1", "com/v1", 1), nil},
		{strings.Replace(ours["secret"], ", namespace: mesh", "", 1), []string{"adds another Secret root"}},
		{strings.Replace(ours["secret"], "namespace: mesh", "namespace: own", 1), nil},
		{strings.Replace(ours["secret"], "kind: Secret", "kind: ConfigMap", 1), nil},
		{strings.Replace(ours["namespace"], "name: mesh", "name: mesh, namespace: own", 1), []string{"adds another Namespace mesh | namespace"}},
		{strings.Replace(ours["namespace"], "name: mesh", "name: own", 1), nil},
		{"{kind: Secret}", nil},
		{"{apiVersion: 1, kind: [x], metadata: x}", nil},
	} {
		if got := changed(t, "", "", "", c.text); !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.text, got, c.want)
		}
	}
	// A missing object is reported once, and not again for what may replace it.
	moved := strings.Replace(ours["secret"], "namespace: mesh", "namespace: own", 1)
	if got := changed(t, "secret", ours["secret"], "", moved); !slices.Equal(got, []string{"changes metadata.namespace of Secret root | namespace"}) {
		t.Errorf("moved: got %q", got)
	}
	if got := changed(t, "secret", ours["secret"], ""); !slices.Equal(got, []string{"removes or renames Secret root"}) {
		t.Errorf("gone: got %q", got)
	}
	bare := strings.Replace(ours["secret"], ", namespace: mesh", "", 1)
	if got := changed(t, "secret", ours["secret"], "", bare); !slices.Equal(got, []string{"changes metadata.namespace of Secret root | namespace"}) {
		t.Errorf("without a namespace: got %q", got)
	}
}

// TestOrderOfListsIsFree puts users' items before and after relayform's, where only one of several is at fault.
func TestOrderOfListsIsFree(t *testing.T) {
	own := "{port: {number: 1, name: own, protocol: TCP}, hosts: [own]}"
	bad := "{port: {number: 443, name: bad, protocol: HTTP}, hosts: [own]}"
	for servers, want := range map[string][]string{
		own + ", %, " + own: nil,
		own + ", %, " + bad: {"adds spec.servers[2] to Gateway g, which takes what arrives for the relay"},
		bad + ", " + own + ", %, " + bad: {"adds spec.servers[0] to Gateway g, which takes what arrives for the relay",
			"adds spec.servers[3] to Gateway g, which takes what arrives for the relay"},
		"%, %": {"adds spec.servers[1] to Gateway g, which takes what arrives for the relay"},
	} {
		_, server, _ := strings.Cut(ours["gateway"], "servers: [")
		server = strings.TrimSuffix(server, "]}}")
		got := changed(t, "gateway", server, strings.ReplaceAll(servers, "%", server))
		if !slices.Equal(got, want) {
			t.Errorf("%s: got %q, want %q", servers, got, want)
		}
	}
}

// TestPortsMayBeAlikeInWhatTheyDoNotSay adds a port to a Service that omits the same fields as relayform's.
func TestPortsMayBeAlikeInWhatTheyDoNotSay(t *testing.T) {
	const service = "{apiVersion: v1, kind: Service, metadata: {name: s, namespace: mesh}, spec: {type: LoadBalancer, ports: [{name: grpc, port: 9900}]}}"
	made := parsed(t, strings.Replace(service, "ports: [", "ports: [{name: own, port: 80}, ", 1))
	if got := New([]Object{parsed(t, service)}, keys).Changes([]Object{made}); len(got) > 0 {
		t.Errorf("got %v", got)
	}
}
