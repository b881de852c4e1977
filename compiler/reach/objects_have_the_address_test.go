package reach

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/ingress"
)

var shiftRoute = ingress.Router{Namespace: "mesh", Name: "ours"}

// has returns a cluster with a single object, whatever is queried in its namespace.
func has(t *testing.T, kind, object string) Cluster {
	return Cluster{Context: "ctx", Kubectl: func(_ context.Context, args ...string) ([]byte, error) {
		if want := []string{"--context=ctx", "--namespace=mesh", "get", kind, "ours", "--output", "json", "--ignore-not-found"}; !slices.Equal(args, want) {
			t.Errorf("asked %q, want %q", args, want)
		}
		return []byte(object), nil
	}}
}

// routers returns a Route with the status from routers.
func routers(said ...string) string {
	return `{"spec":{"host":"h"},"status":{"ingress":[` + strings.Join(said, ",") + `]}}`
}

const (
	admitted = `"conditions":[{"type":"Other","status":"False"},{"type":"Admitted","status":"True"}]`
	claimed  = `{"host":"h","routerName":"default","routerCanonicalHostname":"r.example.com","conditions":[{"type":"Admitted","status":"False","reason":"HostAlreadyClaimed","message":"route x already exposes h"}]}`
)

// TestARoutesAddressIsItsRouters finds the canonical name of a router that has admitted the Route: the Route's host is the authority, which
// may not be in DNS.
func TestARoutesAddressIsItsRouters(t *testing.T) {
	first := `{"host":"h","routerName":"a","routerCanonicalHostname":"a.example.com",` + admitted + `}`
	for _, c := range []struct{ name, object, want, says string }{
		{"one", routers(first), "a.example.com:443", ""},
		{"two", routers(first, strings.ReplaceAll(first, `"a`, `"b`)), "a.example.com:443", "2 routers have admitted Route ours of namespace mesh"},
		{"the one that has admitted it", routers(claimed, first), "a.example.com:443", ""},
		{"the one that has a name", routers(strings.Replace(first, "a.example.com", "", 1), first), "a.example.com:443", ""},
	} {
		got, err := has(t, "routes.route.openshift.io", c.object).Find(t.Context(), shiftRoute)
		if err != nil || got.HostPort != c.want || strings.Contains(strings.Join(got.Notes, "\n"), c.says) == (c.says == "" && len(got.Notes) > 0) {
			t.Errorf("%s: got %v, %v; want %s, and a note on %q", c.name, got, err, c.want, c.says)
		}
	}
	for _, c := range []struct {
		name, object, says string
		pending            bool
	}{
		{"none yet", "", "no Route ours of namespace mesh yet; apply", true},
		{"not seen yet", routers(), "no router has admitted Route ours of namespace mesh yet", true},
		{"not judged yet", routers(`{"host":"h","routerCanonicalHostname":"r.example.com"}`), "no router has admitted", true},
		{"claimed by another", routers(claimed), "the router default does not admit Route ours of namespace mesh: HostAlreadyClaimed: route x already exposes h", false},
		{"a router without a name", routers(strings.Replace(first, "a.example.com", "", 1)), "as openshift-ingress/router-a", false},
		{"no name", routers(strings.Replace(first, "a.example.com", "a b", 1)), "Route ours of namespace mesh: want a DNS name", false},
	} {
		got, err := has(t, "routes.route.openshift.io", c.object).Find(t.Context(), shiftRoute)
		var pending Pending
		if err == nil || errors.As(err, &pending) != c.pending || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, %v; want an error on %q, pending %v", c.name, got, err, c.says, c.pending)
		}
	}
}

// gatewayOf returns a Gateway with listeners and a status.
func gatewayOf(listeners, status string) string {
	return `{"spec":{"listeners":[` + listeners + `]},"status":{` + status + `}}`
}

const (
	passes = `{"name":"tls","port":8443,"protocol":"TLS","tls":{"mode":"Passthrough"}}`
	ends   = `{"name":"ends","port":8443,"protocol":"TLS","tls":{"mode":"Terminate"}}`
	https  = `{"name":"https","port":443,"protocol":"HTTPS","tls":{"mode":"Terminate"}}`
)

// TestAGatewaysAddressIsInItsStatus finds the first address of a Gateway, with the port of the listener that
// passes TLS through.
func TestAGatewaysAddressIsInItsStatus(t *testing.T) {
	ours := ingress.GatewayStatus{Namespace: "mesh", Name: "ours", Port: 8443}
	named := ingress.GatewayStatus{Namespace: "mesh", Name: "ours", Port: 443, Listener: "tls", Attached: true, Field: "management.ingress.gatewayAPI.gateway"}
	const address = `"addresses":[{"type":"IPAddress","value":"203.0.113.7"}]`
	for _, c := range []struct {
		name         string
		where        ingress.GatewayStatus
		object, want string
		says         string
	}{
		{"by port", ours, gatewayOf(https+","+passes, address), "203.0.113.7:8443", ""},
		{"by port, beside one that ends TLS", ours, gatewayOf(ends+","+passes, address), "203.0.113.7:8443", ""},
		{"by name", named, gatewayOf(https+","+passes, address), "203.0.113.7:8443", ""},
		{"a name", named, gatewayOf(passes, `"addresses":[{"value":""},{"type":"Hostname","value":"lb.example.com"}]`), "lb.example.com:8443", "has 2 addresses"},
		{"IPv6", named, gatewayOf(passes, `"addresses":[{"value":"2001:db8::7"}]`), "[2001:db8::7]:8443", ""},
	} {
		got, err := has(t, "gateways.gateway.networking.k8s.io", c.object).Find(t.Context(), c.where)
		if err != nil || got.HostPort != c.want || strings.Contains(strings.Join(got.Notes, "\n"), c.says) == (c.says == "" && len(got.Notes) > 0) {
			t.Errorf("%s: got %v, %v; want %s, and a note on %q", c.name, got, err, c.want, c.says)
		}
	}
	for _, c := range []struct {
		name         string
		where        ingress.GatewayStatus
		object, says string
		pending      bool
	}{
		{"none yet", ours, "", "no Gateway ours of namespace mesh yet; apply", true},
		{"one that is not there", named, "", "or correct management.ingress.gatewayAPI.gateway", true},
		{"no address yet", ours, gatewayOf(passes, ""), "Gateway ours of namespace mesh has no address yet", true},
		{"not accepted", ours, gatewayOf(passes, `"conditions":[{"type":"Programmed","status":"False","reason":"Pending"},{"type":"Accepted","status":"False","reason":"Invalid","message":"no such class"}]`), "yet; Accepted is False, Invalid: no such class", true},
		{"not programmed", ours, gatewayOf(passes, `"conditions":[{"type":"Accepted","status":"True"},{"type":"Programmed","status":"False","reason":"AddressNotAssigned"}]`), "yet; Programmed is False, AddressNotAssigned", true},
		{"no such listener", named, gatewayOf(https, address), "has no listener tls; it has 443 https", false},
		{"no such port", ours, gatewayOf(https, address), "has no listener on port 8443; it has 443 https", false},
		{"a listener that ends TLS", ours, gatewayOf(ends, address), `listener ends of Gateway ours of namespace mesh has protocol TLS and TLS mode "Terminate"; want`, false},
		{"a listener for HTTPS", ingress.GatewayStatus{Namespace: "mesh", Name: "ours", Port: 443}, gatewayOf(https, address), "has protocol HTTPS", false},
		{"no address", ours, gatewayOf(passes, `"addresses":[{"value":"localhost"}]`), "Gateway ours of namespace mesh: localhost is each cluster's own machine", false},
	} {
		got, err := has(t, "gateways.gateway.networking.k8s.io", c.object).Find(t.Context(), c.where)
		var pending Pending
		if err == nil || errors.As(err, &pending) != c.pending || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, %v; want an error on %q, pending %v", c.name, got, err, c.says, c.pending)
		}
	}
}

// TestAServiceMayStandForAnObject names the ingress's Service: it is queried instead of the object.
func TestAServiceMayStandForAnObject(t *testing.T) {
	balancer := `{"type":"LoadBalancer","ports":[{"name":"https","port":443,"nodePort":31443}]}`
	service := `{"metadata":{"name":"r","namespace":"n"},"spec":` + balancer + `,"status":{"loadBalancer":{"ingress":[{"ip":"203.0.113.7"}]}}}`
	for _, where := range []ingress.Where{shiftRoute, ingress.GatewayStatus{Namespace: "mesh", Name: "ours", Port: 443, Listener: "tls"}} {
		for _, c := range []struct {
			nodePort bool
			want     string
		}{{false, "203.0.113.7:443"}, {true, "172.18.0.2:31443"}} {
			with, err := where.With(ingress.Choice{Namespace: "n", Service: "r", NodePort: c.nodePort})
			if err != nil {
				t.Fatal(err)
			}
			if got, err := asked(service, "", inner).Find(t.Context(), with); err != nil || got.HostPort != c.want {
				t.Errorf("%T: got %v, %v; want %s", where, got, err, c.want)
			}
		}
		if _, err := where.With(ingress.Choice{NodePort: true}); err == nil || !strings.Contains(err.Error(), "--service NAMESPACE/NAME") {
			t.Errorf("%T: a node port of no Service: %v", where, err)
		}
		if with, err := where.With(ingress.Choice{}); err != nil || with != where {
			t.Errorf("%T: no choice makes it %v, %v", where, with, err)
		}
	}
}
