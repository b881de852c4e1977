package ingress_test

import (
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

// resolved returns the load balancer's annotations and the faults, each on one line.
func resolved(t *testing.T, in schema.LoadBalancer) (annotations, faults string) {
	t.Helper()
	var have, said []string
	form, err := ingress.Resolve(schema.Ingress{LoadBalancer: &in}, ingress.Target{Service: "relay", Namespace: "mesh", Port: product.Port{Number: 9900}}, func(path []string, fault *diag.Fault, _ ...string) {
		if path[0] != "loadBalancer" || fault.Message == "" {
			t.Errorf("%q at %q", fault.Message, path)
		}
		said = append(said, fmt.Sprintf("%s %s", fault.Code, path[len(path)-1]))
	})
	if err != nil || form.Service.Type != "LoadBalancer" {
		t.Fatalf("%+v: %v", form.Service, err)
	}
	for _, key := range slices.Sorted(maps.Keys(form.Service.Annotations)) {
		have = append(have, key+"="+form.Service.Annotations[key])
	}
	return strings.Join(have, " "), strings.Join(said, "; ")
}

// TestPresetsSayWhatTheTopologySays resolves load balancers of each cloud. An internal one is not exposed to the internet, whatever other
// annotations it has; otherwise users' annotations take precedence.
func TestPresetsSayWhatTheTopologySays(t *testing.T) {
	inside, outside := &schema.Preset{Internal: true}, &schema.Preset{}
	awsIn, awsOut := &schema.AWS{Internal: true}, &schema.AWS{}
	own := func(pairs ...string) map[string]string {
		m := map[string]string{}
		for i := 0; i < len(pairs); i += 2 {
			m[pairs[i]] = pairs[i+1]
		}
		return m
	}
	for name, c := range map[string]struct {
		in     schema.LoadBalancer
		want   string // annotations
		faults string
	}{
		"none":                             {schema.LoadBalancer{}, "", ""},
		"aws":                              {schema.LoadBalancer{Aws: awsOut}, awsInternet, ""},
		"aws, internal":                    {schema.LoadBalancer{Aws: awsIn}, awsInternal, ""},
		"aws, instance":                    {schema.LoadBalancer{Aws: &schema.AWS{TargetType: "instance"}}, strings.Replace(awsInternet, "=ip", "=instance", 1), ""},
		"aws, idle":                        {schema.LoadBalancer{Aws: &schema.AWS{IdleTimeout: 6000}}, strings.Replace(awsInternet, awsPrefix+"nlb", awsPrefix+"listener-attributes.TCP-9900=tcp.idle_timeout.seconds=6000 "+awsPrefix+"nlb", 1), ""},
		"aws, in-tree":                     {schema.LoadBalancer{Aws: &schema.AWS{Scheme: "nlb"}}, awsPrefix + "type=nlb", ""},
		"aws, in-tree, internal, instance": {schema.LoadBalancer{Aws: &schema.AWS{Scheme: "nlb", Internal: true, TargetType: "instance"}}, awsPrefix + "internal=true " + awsPrefix + "type=nlb", ""},
		"aws, in-tree, ip":                 {schema.LoadBalancer{Aws: &schema.AWS{Scheme: "nlb", TargetType: "ip"}}, awsPrefix + "type=nlb", "clash targetType"},
		"aws, in-tree, idle":               {schema.LoadBalancer{Aws: &schema.AWS{Scheme: "nlb", IdleTimeout: 60}}, awsPrefix + "type=nlb", "clash idleTimeout"},
		"gke":                              {schema.LoadBalancer{Gke: outside}, "", ""},
		"gke, internal":                    {schema.LoadBalancer{Gke: inside}, gkeInternal, ""},
		"aks":                              {schema.LoadBalancer{Azure: &schema.Azure{}}, "", ""},
		"aks, internal":                    {schema.LoadBalancer{Azure: &schema.Azure{Internal: true}}, aksInternal, ""},
		"aks, idle":                        {schema.LoadBalancer{Azure: &schema.Azure{IdleTimeout: 30}}, "service.beta.kubernetes.io/azure-load-balancer-tcp-idle-timeout=30", ""},
		"two clouds":                       {schema.LoadBalancer{Aws: awsIn, Azure: &schema.Azure{}}, awsInternal, "one-of azure"},
		"three clouds":                     {schema.LoadBalancer{Aws: awsOut, Gke: inside, Azure: &schema.Azure{Internal: true}}, awsInternet, "one-of gke; one-of azure"},
		"own":                              {schema.LoadBalancer{Annotations: own("a", "b")}, "a=b", ""},
		"own and cloud":                    {schema.LoadBalancer{Gke: inside, Annotations: own("a", "b")}, "a=b " + gkeInternal, ""},
		"what is there":                    {schema.LoadBalancer{Aws: awsIn, Annotations: own(protocol, "TCP", awsPrefix+"scheme", "internal")}, awsInternal, ""},

		"another target":                            {schema.LoadBalancer{Aws: awsIn, Annotations: own(awsPrefix+"nlb-target-type", "instance")}, strings.Replace(awsInternal, "=ip", "=instance", 1), ""},
		"another target than said":                  {schema.LoadBalancer{Aws: &schema.AWS{TargetType: "ip"}, Annotations: own(awsPrefix+"nlb-target-type", "instance")}, awsInternet, "clash " + awsPrefix + "nlb-target-type"},
		"another scheme":                            {schema.LoadBalancer{Aws: awsOut, Annotations: own(awsPrefix+"scheme", "internal")}, awsInternal, ""},
		"on the internet after all":                 {schema.LoadBalancer{Aws: awsIn, Annotations: own(awsPrefix+"scheme", "internet-facing")}, awsInternal, "clash " + awsPrefix + "scheme"},
		"another maker":                             {schema.LoadBalancer{Aws: awsOut, Annotations: own(awsPrefix+"type", "nlb")}, strings.Replace(awsInternet, "=external", "=nlb", 1), ""},
		"a maker that would put it on the internet": {schema.LoadBalancer{Aws: awsIn, Annotations: own(awsPrefix+"type", "nlb")}, awsInternal, "clash " + awsPrefix + "type"},
		"not internal, in the old word":             {schema.LoadBalancer{Aws: awsIn, Annotations: own(awsPrefix+"internal", "false")}, awsInternal, "clash " + awsPrefix + "internal"},
		"another idle timeout":                      {schema.LoadBalancer{Aws: &schema.AWS{IdleTimeout: 60}, Annotations: own(awsPrefix+"listener-attributes.TCP-9900", "x")}, strings.Replace(awsInternet, awsPrefix+"nlb", awsPrefix+"listener-attributes.TCP-9900=tcp.idle_timeout.seconds=60 "+awsPrefix+"nlb", 1), "clash " + awsPrefix + "listener-attributes.TCP-9900"},
		"gke on the internet after all":             {schema.LoadBalancer{Gke: inside, Annotations: own("cloud.google.com/load-balancer-type", "External")}, gkeInternal, "clash cloud.google.com/load-balancer-type"},
		"aks on the internet after all":             {schema.LoadBalancer{Azure: &schema.Azure{Internal: true}, Annotations: own("service.beta.kubernetes.io/azure-load-balancer-internal", "false")}, aksInternal, "clash service.beta.kubernetes.io/azure-load-balancer-internal"},
	} {
		if got, faults := resolved(t, c.in); got != c.want || faults != c.faults {
			t.Errorf("%s: %q and %q; want %q and %q", name, got, faults, c.want, c.faults)
		}
	}
}

// TestLoadBalancersLeaveTLSAlone sets annotations of many clouds. One with which a load balancer terminates TLS, speaks a protocol to the
// relay or adds a PROXY header is refused, with a preset or without: no agent would reach the relay.
func TestLoadBalancersLeaveTLSAlone(t *testing.T) {
	const beta, hetzner, passthrough = "service.beta.kubernetes.io/", "load-balancer.hetzner.cloud/", "service.beta.kubernetes.io/do-loadbalancer-tls-passthrough"
	for _, c := range []struct{ key, value, fault string }{
		{awsPrefix + "ssl-cert", certificates, "tls-ends-early"},
		{awsPrefix + "ssl-ports", "9900", "tls-ends-early"},
		{protocol, "http", "tls-ends-early"},
		{protocol, "ssl", "tls-ends-early"},
		{protocol, "tcp", ""},
		{awsPrefix + "proxy-protocol", "*", "proxy-header"},
		{awsPrefix + "proxy-protocol-per-target-group", "9900", "proxy-header"},
		{awsPrefix + "target-group-attributes", "preserve_client_ip.enabled=true, proxy_protocol_v2.enabled=true", "proxy-header"},
		{awsPrefix + "target-group-attributes", "preserve_client_ip.enabled=true,proxy_protocol_v2.enabled=false", ""},
		{"cloud.google.com/app-protocols", `{"grpc":"HTTP2"}`, "tls-ends-early"},
		{"cloud.google.com/app-protocols", `{"grpc":"TCP"}`, ""},
		{beta + "azure-pls-proxy-protocol", "true", "proxy-header"},
		{beta + "azure-pls-proxy-protocol", "false", ""},
		{beta + "do-loadbalancer-protocol", "tcp", ""},
		{beta + "do-loadbalancer-protocol", "https", "tls-ends-early"},
		{beta + "do-loadbalancer-http-ports", "9900", "tls-ends-early"},
		{beta + "do-loadbalancer-http2-ports", "9900", "tls-ends-early"},
		{beta + "do-loadbalancer-http3-port", "9900", "tls-ends-early"},
		{beta + "do-loadbalancer-tls-ports", "9900", "tls-ends-early"},
		{beta + "do-loadbalancer-enable-proxy-protocol", "true", "proxy-header"},
		{hetzner + "protocol", "https", "tls-ends-early"},
		{hetzner + "protocol-ports", "80:tcp,9900:http", "tls-ends-early"},
		{hetzner + "protocol-ports", "80:tcp, 9900:tcp", ""},
		{hetzner + "uses-proxyprotocol", "true", "proxy-header"},
		{"loadbalancer.openstack.org/default-tls-container-ref", "https://example.com/v1/secrets/1", "tls-ends-early"},
		{"loadbalancer.openstack.org/x-forwarded-for", "true", "tls-ends-early"},
		{"loadbalancer.openstack.org/proxy-protocol", "v2", "proxy-header"},
		{beta + "ovh-loadbalancer-proxy-protocol", "v1", "proxy-header"},
		{beta + "scw-loadbalancer-certificate-ids", "uid", "tls-ends-early"},
		{beta + "scw-loadbalancer-protocol-http", "9900", "tls-ends-early"},
		{beta + "scw-loadbalancer-protocol-http", "false", ""},
		{beta + "scw-loadbalancer-proxy-protocol-v1", "9900", "proxy-header"},
		{beta + "scw-loadbalancer-proxy-protocol-v2", "*", "proxy-header"},
		{beta + "linode-loadbalancer-default-protocol", "http", "tls-ends-early"},
		{beta + "linode-loadbalancer-default-proxy-protocol", "v2", "proxy-header"},
		{beta + "linode-loadbalancer-default-proxy-protocol", "none", ""},
		{beta + "linode-loadbalancer-port-9900", `{"protocol": "https", "tls-secret-name": "x"}`, "tls-ends-early"},
		{beta + "linode-loadbalancer-port-9900", `{"proxy-protocol": "v2"}`, "tls-ends-early"},
		{beta + "linode-loadbalancer-port-9900", `{"tls-secret-name": "x"}`, "tls-ends-early"},
		{beta + "linode-loadbalancer-port-9900", `{"protocol": `, "tls-ends-early"},
		{beta + "linode-loadbalancer-port-9900", `{"protocol": "TCP", "proxy-protocol": "none"}`, ""},
		{beta + "oci-load-balancer-ssl-ports", "9900", "tls-ends-early"},
		{beta + "oci-load-balancer-tls-secret", "ns/x", "tls-ends-early"},
		{beta + "oci-load-balancer-backend-protocol", "HTTP", "tls-ends-early"},
		{beta + "oci-load-balancer-connection-proxy-protocol-version", "2", "proxy-header"},
		{beta + "alibaba-cloud-loadbalancer-protocol-port", "https:443,tcp:9900", "tls-ends-early"},
		{beta + "alibaba-cloud-loadbalancer-protocol-port", "TCP:9900", ""},
		{beta + "alibaba-cloud-loadbalancer-proxy-protocol", "on", "proxy-header"},
		{beta + "alibaba-cloud-loadbalancer-proxy-protocol", "off", ""},
		{beta + "vultr-loadbalancer-protocol", "http", "tls-ends-early"},
		{beta + "vultr-loadbalancer-proxy-protocol", "true", "proxy-header"},
		{"service.kubernetes.io/ibm-load-balancer-cloud-provider-enable-features", "nlb,proxy-protocol", "proxy-header"},
		{"service.kubernetes.io/ibm-load-balancer-cloud-provider-enable-features", "nlb", ""},
		{awsPrefix + "ssl-negotiation-policy", "x", ""},
	} {
		want, fault := c.key+"="+c.value, ""
		if c.fault != "" {
			want, fault = "", c.fault+" "+c.key
		}
		if got, faults := resolved(t, schema.LoadBalancer{Annotations: map[string]string{c.key: c.value}}); got != want || faults != fault {
			t.Errorf("%s=%s: %q and %q; want %q and %q", c.key, c.value, got, faults, want, fault)
		}
		if _, faults := resolved(t, schema.LoadBalancer{Aws: &schema.AWS{}, Annotations: map[string]string{c.key: c.value}}); faults != fault {
			t.Errorf("%s=%s beside a preset: %q; want %q", c.key, c.value, faults, fault)
		}
	}
	for _, c := range []struct{ key, value, fault string }{
		{beta + "do-loadbalancer-tls-ports", "9900", ""},
		{beta + "do-loadbalancer-http2-ports", "9900", ""},
		{beta + "do-loadbalancer-protocol", "https", ""},
		{beta + "do-loadbalancer-protocol", "http", "tls-ends-early " + beta + "do-loadbalancer-protocol"},
	} {
		if _, faults := resolved(t, schema.LoadBalancer{Annotations: map[string]string{passthrough: "true", c.key: c.value}}); faults != c.fault {
			t.Errorf("%s=%s, passed through: %q; want %q", c.key, c.value, faults, c.fault)
		}
	}
}
