package reach

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/ingress"
)

var (
	gateway  = ingress.Service{Name: "gw", Namespace: "istio-system", Port: 443, PortName: "https", Selector: map[string]string{"istio": "ingressgateway"}, Missing: "install Istio's ingress gateway"}
	relay    = ingress.Service{Name: "gw", Namespace: "istio-system", Port: 9900, PortName: "grpc"}
	istio    = ingress.EitherPort{Service: gateway}
	balanced = ingress.LoadBalancer{Service: relay}
	onNode   = ingress.NodePort{Service: relay}
)

// svc returns a Service as the API server returns it.
func svc(kind, ports, ingress string) string {
	return `{"metadata":{"name":"gw","namespace":"istio-system"},"spec":{"type":"` + kind + `","selector":{"app":"x","istio":"ingressgateway"},"ports":[` + ports + `]},"status":{"loadBalancer":{"ingress":[` + ingress + `]}}}`
}

const nodes = `{"items":[
	{"metadata":{"name":"sick"},"status":{"conditions":[{"type":"Ready","status":"False"}],"addresses":[{"type":"ExternalIP","address":"203.0.113.1"}]}},
	{"metadata":{"name":"inside"},"status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"Hostname","address":"inside"},{"type":"InternalIP","address":"10.0.0.2"}]}},
	{"metadata":{"name":"outside"},"status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"10.0.0.3"},{"type":"ExternalIP","address":"2001:db8::3"},{"type":"ExternalIP","address":"203.0.113.3"}]}}]}`

const inner = `{"items":[{"metadata":{"name":"kind"},"status":{"conditions":[{"type":"Ready","status":"True"}],"addresses":[{"type":"InternalIP","address":"172.18.0.2"},{"type":"Hostname","address":"kind"}]}}]}`

// asked returns a cluster whose kubectl gives these answers to get service, services and nodes.
func asked(service, services, nodes string) Cluster {
	return Cluster{Context: "ctx", Kubectl: func(_ context.Context, args ...string) ([]byte, error) {
		for _, a := range args {
			switch a {
			case "service":
				return []byte(service), nil
			case "services":
				return []byte(services), nil
			case "nodes":
				return []byte(nodes), nil
			}
		}
		return nil, errors.New("unexpected: " + strings.Join(args, " "))
	}}
}

func TestAddressIsFound(t *testing.T) {
	https := `{"name":"https","port":443,"nodePort":31443}`
	grpc := `{"name":"grpc","port":9900,"nodePort":30900}`
	for _, c := range []struct {
		name  string
		where ingress.Where
		asked Cluster
		want  string
		says  string // in a note
	}{
		{"load balancer with an IP", balanced, asked(svc("LoadBalancer", grpc, `{"ip":"203.0.113.7"}`), "", ""), "203.0.113.7:9900", ""},
		{"load balancer with a name", balanced, asked(svc("LoadBalancer", grpc, `{"hostname":"x.elb.example.com"}`), "", ""), "x.elb.example.com:9900", ""},
		{"several addresses", balanced, asked(svc("LoadBalancer", grpc, `{"ip":"2001:db8::1"},{"ip":"203.0.113.7"}`), "", ""), "[2001:db8::1]:9900", "has 2 addresses"},
		{"istio behind a load balancer", istio, asked(svc("LoadBalancer", https, `{"ip":"203.0.113.7"}`), "", ""), "203.0.113.7:443", ""},
		{"istio on a node port, ready and external first", istio, asked(svc("NodePort", https, ""), "", nodes), "203.0.113.3:31443", "node outside, by its ExternalIP"},
		{"the other nodes are told", istio, asked(svc("NodePort", https, ""), "", nodes), "203.0.113.3:31443", "2 other nodes"},
		{"internal only", istio, asked(svc("NodePort", https, ""), "", inner), "172.18.0.2:31443", "no node has an external address"},
		{"where the port leads", ingress.EitherPort{Service: ingress.Service{Target: 9900}}, asked(svc("LoadBalancer", https+`,{"name":"x","port":9900,"targetPort":8443},{"port":444,"targetPort":9900,"nodePort":31844}`, `{"ip":"203.0.113.7"}`), "", ""), "203.0.113.7:444", ""},
		{"the same port", ingress.EitherPort{Service: ingress.Service{Target: 9900}}, asked(svc("NodePort", https+`,{"port":9900,"nodePort":31844}`, ""), "", inner), "172.18.0.2:31844", ""},
		{"the name alone", ingress.EitherPort{Service: ingress.Service{PortName: "relay"}}, asked(svc("LoadBalancer", https+`,{"name":"relay","port":9900,"nodePort":31844}`, `{"ip":"203.0.113.7"}`), "", ""), "203.0.113.7:9900", ""},
		{"the gateway's own port before its name", ingress.NodePort{Service: ingress.Service{Port: 8443, PortName: "https"}}, asked(svc("NodePort", https+`,{"name":"tls","port":8443,"nodePort":31844}`, ""), "", inner), "172.18.0.2:31844", ""},
		{"a node, though there is a load balancer", onNode, asked(svc("LoadBalancer", grpc, `{"ip":"203.0.113.7"}`), "", inner), "172.18.0.2:30900", ""},
		{"a name, where there is no external address", onNode, asked(svc("NodePort", grpc, ""), "", `{"items":[{"status":{"addresses":[{"type":"InternalIP","address":"10.0.0.2"},{"type":"ExternalDNS","address":"n.example.com"},{"type":"InternalDNS","address":"n.local"}]}}]}`), "n.example.com:30900", "by its ExternalDNS"},
		{"no node is ready", onNode, asked(svc("NodePort", grpc, ""), "", `{"items":[{"status":{"conditions":[{"type":"Ready","status":"Unknown"},{"type":"MemoryPressure","status":"True"}],"addresses":[{"type":"ExternalIP","address":"203.0.113.1"}]}}]}`), "203.0.113.1:30900", "neither this node nor any other is ready"},
		{"nodes of the same standing, the first", onNode, asked(svc("NodePort", grpc, ""), "", `{"items":[{"status":{"addresses":[{"type":"InternalIP","address":"fd00::1"},{"type":"InternalIP","address":""}]}},{"status":{"addresses":[{"type":"InternalIP","address":"10.0.0.3"}]}},{"status":{"addresses":[{"type":"InternalIP","address":"10.0.0.4"}]}}]}`), "10.0.0.3:30900", "2 other nodes"},
		{"only the pods' own nodes answer", onNode, asked(strings.Replace(svc("NodePort", grpc, ""), `"type"`, `"externalTrafficPolicy":"Local","type"`, 1), "", inner), "172.18.0.2:30900", "externalTrafficPolicy Local: only nodes that run one of its pods answer"},
		{"a load balancer whose first entry is empty", balanced, asked(svc("LoadBalancer", grpc, `{},{"hostname":"x.elb.example.com"}`), "", ""), "x.elb.example.com:9900", "has 2 addresses"},
		{"the relay's node port", onNode, asked(svc("NodePort", grpc, ""), "", inner), "172.18.0.2:30900", ""},
	} {
		got, err := c.asked.Find(t.Context(), c.where)
		if err != nil || got.HostPort != c.want || !strings.Contains(strings.Join(got.Notes, "\n"), c.says) {
			t.Errorf("%s: got %v, %v; want %s and a note on %q", c.name, got, err, c.want, c.says)
		}
	}
}

func TestAddressIsNotGuessed(t *testing.T) {
	https := `{"name":"https","port":443,"nodePort":31443}`
	other := `{"items":[` + svc("NodePort", "", "") + `]}`
	for _, c := range []struct {
		name    string
		where   ingress.Where
		asked   Cluster
		pending bool
		says    string
	}{
		{"pending load balancer", balanced, asked(svc("LoadBalancer", `{"port":9900,"nodePort":1}`, ""), "", ""), true, "has no load balancer address yet"},
		{"pending load balancer of istio", istio, asked(svc("LoadBalancer", `{"port":443,"nodePort":1}`, "{}"), "", ""), true, "--node-port"},
		{"no relay yet", balanced, asked("", "", ""), true, "install the server's chart"},
		{"no gateway", istio, asked("", `{"items":[]}`, ""), true, "install Istio's ingress gateway"},
		{"gateway of another name", istio, asked("", other, ""), false, "behind istio-system/gw: name it with --service"},
		{"wrong type", balanced, asked(svc("ClusterIP", `{"port":9900}`, ""), "", ""), false, "want LoadBalancer"},
		{"no node port", onNode, asked(svc("ClusterIP", `{"port":9900}`, ""), "", ""), false, "has no node port"},
		{"no such port", istio, asked(svc("NodePort", `{"name":"http","port":80,"nodePort":31080}`, ""), "", ""), false, "it has 80 http"},
		{"no port of that name", ingress.EitherPort{Service: ingress.Service{PortName: "websecure"}}, asked(svc("NodePort", https+`,{"name":"web","port":80}`, ""), "", ""), false, "has no port named websecure; it has 443 https, 80 web"},
		{"no port that leads there", ingress.EitherPort{Service: ingress.Service{Target: 9900}}, asked(svc("NodePort", https+`,{"name":"","port":9901,"targetPort":"relay"},{"port":9902,"targetPort":8080}`, ""), "", ""), false, "has no port that targets port 9900 of its pods; it has 443 https, 9901, 9902"},
		{"no node", onNode, asked(svc("NodePort", `{"port":9900,"nodePort":31080}`, ""), "", `{"items":[]}`), false, "no node has an address"},
		{"not JSON", onNode, asked("oops", "", ""), false, "context ctx"},
	} {
		got, err := c.asked.Find(t.Context(), c.where)
		var pending Pending
		if err == nil || errors.As(err, &pending) != c.pending || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s: got %v, %v; want an error on %q, pending %v", c.name, got, err, c.says, c.pending)
		}
	}
}

// TestAFailureIsNotAwaited has kubectl fail at each query: that is reported at once. If it counted as an address that does not exist yet,
// the wait would be in vain.
func TestAFailureIsNotAwaited(t *testing.T) {
	for _, fails := range []string{"service", "services", "nodes"} {
		answers := asked("", "", inner)
		if fails == "nodes" {
			answers = asked(svc("NodePort", `{"name":"grpc","port":9900,"nodePort":30900}`, ""), "", inner)
		}
		where := ingress.Where(istio)
		if fails == "nodes" {
			where = onNode
		}
		calls := 0
		c := Cluster{Context: "ctx", Kubectl: func(ctx context.Context, args ...string) ([]byte, error) {
			if slices.Contains(args, fails) {
				calls++
				return nil, errors.New("connection refused")
			}
			return answers.Kubectl(ctx, args...)
		}}
		var pending Pending
		_, err := c.Wait(t.Context(), where, time.Hour, func(Pending) { t.Errorf("%s: it waits", fails) })
		if err == nil || errors.As(err, &pending) || calls != 1 || !strings.Contains(err.Error(), "context ctx: connection refused") {
			t.Errorf("%s: asked %d times, %v", fails, calls, err)
		}
	}
}

// TestAGatewayIsKnownByItsPods names the Services that select the gateway's pods, and no others.
func TestAGatewayIsKnownByItsPods(t *testing.T) {
	where := istio
	where.Selector = map[string]string{"istio": "ingressgateway", "app": "x"}
	named := func(name, selector string) string {
		return `{"metadata":{"name":"` + name + `","namespace":"n"},"spec":{"selector":{` + selector + `}}}`
	}
	all := `{"items":[` + strings.Join([]string{
		named("z", `"istio":"ingressgateway","app":"x","more":"y"`), named("a", `"istio":"ingressgateway","app":"x"`),
		named("half", `"istio":"ingressgateway"`), named("other", `"istio":"egressgateway","app":"x"`), named("none", ""),
	}, ",") + `]}`
	if _, err := asked("", all, "").Find(t.Context(), where); err == nil || !strings.Contains(err.Error(), "behind n/a and n/z: name it with --service") {
		t.Errorf("got %v", err)
	}
}

// TestClustersNameNoOtherHost has a cluster answer something that no agent can dial, or that a terminal or a YAML file would interpret: it
// is a quoted error, not an address.
func TestClustersNameNoOtherHost(t *testing.T) {
	grpc := `{"name":"grpc","port":9900,"nodePort":30900}`
	node := func(kind, address string) string {
		return `{"items":[{"metadata":{"name":"n"},"status":{"addresses":[{"type":"` + kind + `","address":"` + address + `"}]}}]}`
	}
	for _, host := range []string{
		`\u001b[2Jx.example.com`, `x.example.com\nrelayAddress: evil.example.com`, `a b`, ` x`, `x.example.com:443`, `user@x.example.com`, `x/y`, `*.example.com`,
		`x.example.com #`, `\u009b1m`, `\u202ex`, `éxample.com`, `-x.example.com`, `..`, `localhost`, `127.0.0.1`, `::1`, `0.0.0.0`, `::`, `fe80::1%eth0`, `224.0.0.1`,
		`203.0.113.300`, `1.2.3`, `[2001:db8::1]`, `$(touch pwn)`, `{{x}}`, `"`,
	} {
		host := strings.ReplaceAll(host, `"`, `\"`)
		for name, c := range map[string]struct {
			where ingress.Where
			asked Cluster
		}{
			"hostname": {balanced, asked(svc("LoadBalancer", grpc, `{"hostname":"`+host+`"}`), "", "")},
			"ip":       {balanced, asked(svc("LoadBalancer", grpc, `{"ip":"`+host+`"}`), "", "")},
			"node":     {onNode, asked(svc("NodePort", grpc, ""), "", node("ExternalIP", host))},
			"name":     {onNode, asked(svc("NodePort", grpc, ""), "", node("ExternalDNS", host))},
		} {
			got, err := c.asked.Find(t.Context(), c.where)
			if err == nil || got.HostPort != "" {
				t.Errorf("%s %s: got %q, want an error", name, host, got.HostPort)
			}
		}
	}
	for _, port := range []string{"0", "-1", "65536", "99999999"} {
		for _, c := range []struct {
			where ingress.Where
			asked Cluster
		}{
			{ingress.LoadBalancer{Service: ingress.Service{PortName: "grpc"}}, asked(svc("LoadBalancer", `{"name":"grpc","port":`+port+`}`, `{"ip":"203.0.113.7"}`), "", "")},
			{onNode, asked(svc("NodePort", `{"port":9900,"nodePort":`+port+`}`, ""), "", inner)},
		} {
			if got, err := c.asked.Find(t.Context(), c.where); err == nil {
				t.Errorf("port %s: got %s", port, got.HostPort)
			}
		}
	}
}

// TestContextsAreNoOptions queries a cluster whose context looks like an option.
func TestContextsAreNoOptions(t *testing.T) {
	c := Cluster{Context: "--all", Kubectl: func(_ context.Context, args ...string) ([]byte, error) {
		if args[0] != "--context=--all" || args[1] != "--namespace=istio-system" {
			t.Errorf("got %q", args)
		}
		return nil, nil
	}}
	_, _ = c.Find(t.Context(), balanced)
}

func TestWaitTellsEachPendingOnce(t *testing.T) {
	answers := []string{"", "", svc("LoadBalancer", `{"port":9900}`, ""), svc("LoadBalancer", `{"port":9900}`, `{"ip":"203.0.113.7"}`)}
	c := Cluster{Kubectl: func(context.Context, ...string) ([]byte, error) {
		next := answers[0]
		answers = answers[1:]
		return []byte(next), nil
	}}
	var told []string
	got, err := c.Wait(t.Context(), balanced, time.Microsecond, func(p Pending) { told = append(told, p.What) })
	if err != nil || got.HostPort != "203.0.113.7:9900" || len(told) != 2 {
		t.Errorf("got %v, %v after %q", got, err, told)
	}
	ctx, cancel := context.WithCancel(t.Context())
	answers = []string{"", ""}
	_, err = c.Wait(ctx, balanced, time.Hour, func(Pending) { cancel() })
	var pending Pending
	if !errors.As(err, &pending) {
		t.Errorf("a wait that ends: got %v, want what it waited for", err)
	}
}
