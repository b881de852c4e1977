package ingress

import (
	"encoding/json"
	"slices"
	"strings"

	"relayform/schema/diag"
)

// intruder is an annotation that makes a load balancer change or terminate agents' connections.
type intruder struct {
	key   string // a prefix if it ends with *
	right func(value string, all map[string]string) bool
	why   func(value string) *diag.Fault
}

// intruders lists the annotations of each cloud, as its cloud controller reads them.
var intruders = []intruder{
	// AWS Load Balancer Controller and cloud-provider-aws.
	{awsPrefix + "ssl-cert", never, endsTLS},
	{awsPrefix + "ssl-ports", never, endsTLS},
	{awsPrefix + "backend-protocol", isTCP, speaks},
	{awsPrefix + "proxy-protocol", isOff, sendsProxy},
	{awsPrefix + "proxy-protocol-per-target-group", isOff, sendsProxy},
	{awsPrefix + "target-group-attributes", withoutProxyV2, sendsProxy},
	// GKE: the protocol between an HTTP load balancer and the Service.
	{"cloud.google.com/app-protocols", withoutHTTP, speaks},
	// cloud-provider-azure: a Private Link Service in front of the load balancer.
	{"service.beta.kubernetes.io/azure-pls-proxy-protocol", isOff, sendsProxy},
	// DigitalOcean.
	{digitalOcean + "protocol", passesThrough, speaks},
	{digitalOcean + "http-ports", never, speaks},
	{digitalOcean + "http2-ports", passesThrough, endsTLS},
	{digitalOcean + "http3-port", never, endsTLS},
	{digitalOcean + "tls-ports", passesThrough, endsTLS},
	{digitalOcean + "enable-proxy-protocol", isOff, sendsProxy},
	// Hetzner Cloud.
	{"load-balancer.hetzner.cloud/protocol", isTCP, speaks},
	{"load-balancer.hetzner.cloud/protocol-ports", allTCP, speaks},
	{"load-balancer.hetzner.cloud/uses-proxyprotocol", isOff, sendsProxy},
	// OpenStack, OVHcloud.
	{"loadbalancer.openstack.org/default-tls-container-ref", never, endsTLS},
	{"loadbalancer.openstack.org/x-forwarded-for", isOff, speaks},
	{"loadbalancer.openstack.org/proxy-protocol", isOff, sendsProxy},
	{"service.beta.kubernetes.io/ovh-loadbalancer-proxy-protocol", isOff, sendsProxy},
	// Scaleway.
	{"service.beta.kubernetes.io/scw-loadbalancer-certificate-ids", never, endsTLS},
	{"service.beta.kubernetes.io/scw-loadbalancer-protocol-http", isOff, speaks},
	{"service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v1", isOff, sendsProxy},
	{"service.beta.kubernetes.io/scw-loadbalancer-proxy-protocol-v2", isOff, sendsProxy},
	// Linode.
	{linode + "default-protocol", isTCP, speaks},
	{linode + "default-proxy-protocol", isOff, sendsProxy},
	{linode + "port-*", portIsTCP, touches},
	// Oracle Cloud.
	{"service.beta.kubernetes.io/oci-load-balancer-ssl-ports", never, endsTLS},
	{"service.beta.kubernetes.io/oci-load-balancer-tls-secret", never, endsTLS},
	{"service.beta.kubernetes.io/oci-load-balancer-backend-protocol", isTCP, speaks},
	{"service.beta.kubernetes.io/oci-load-balancer-connection-proxy-protocol-version", never, sendsProxy},
	// Alibaba Cloud.
	{"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-protocol-port", allTCP, speaks},
	{"service.beta.kubernetes.io/alibaba-cloud-loadbalancer-proxy-protocol", isOff, sendsProxy},
	// Vultr.
	{"service.beta.kubernetes.io/vultr-loadbalancer-protocol", isTCP, speaks},
	{"service.beta.kubernetes.io/vultr-loadbalancer-proxy-protocol", isOff, sendsProxy},
	// IBM Cloud.
	{"service.kubernetes.io/ibm-load-balancer-cloud-provider-enable-features", withoutProxyFeature, sendsProxy},
}

const (
	digitalOcean = "service.beta.kubernetes.io/do-loadbalancer-"
	linode       = "service.beta.kubernetes.io/linode-loadbalancer-"
)

// intrusion returns the fault of an annotation with which a load balancer would not pass TLS through unchanged, or nil.
func intrusion(key string, all map[string]string) *diag.Fault {
	for _, i := range intruders {
		prefix, many := strings.CutSuffix(i.key, "*")
		if (key == i.key || many && strings.HasPrefix(key, prefix)) && !i.right(all[key], all) {
			return i.why(all[key])
		}
	}
	return nil
}

func endsTLS(string) *diag.Fault {
	return diag.TLSEndsEarly.Fault("the load balancer would end TLS, and the relay's mutual TLS with it", "remove the annotation: TLS must reach the relay server untouched")
}

func speaks(value string) *diag.Fault {
	return diag.TLSEndsEarly.Fault("want TCP: with "+diag.Shorten(value)+" the load balancer would speak to the relay itself", "")
}

func sendsProxy(string) *diag.Fault {
	return diag.ProxyHeader.Fault("the load balancer would send a PROXY header before the agent's ClientHello, which the relay server reads as a broken handshake",
		"remove the annotation: the relay server knows agents by their certificates, not by their addresses")
}

func touches(string) *diag.Fault {
	return diag.TLSEndsEarly.Fault("want protocol tcp, no PROXY protocol and no Secret: TLS must reach the relay server untouched", "")
}

func never(string, map[string]string) bool { return false }

func isTCP(value string, _ map[string]string) bool { return strings.EqualFold(value, "tcp") }

func isOff(value string, _ map[string]string) bool {
	return slices.Contains([]string{"", "false", "off", "none"}, strings.ToLower(value))
}

// fields splits a list, without spaces and in lower case.
func fields(value string) []string {
	return strings.FieldsFunc(strings.ToLower(value), func(r rune) bool { return strings.ContainsRune(", ;", r) })
}

func withoutProxyV2(value string, _ map[string]string) bool {
	return !slices.Contains(fields(value), "proxy_protocol_v2.enabled=true")
}

func withoutProxyFeature(value string, _ map[string]string) bool {
	return !slices.Contains(fields(value), "proxy-protocol")
}

func withoutHTTP(value string, _ map[string]string) bool {
	return !strings.Contains(strings.ToLower(value), "http")
}

// allTCP reports whether every protocol and port pair has TCP.
func allTCP(value string, _ map[string]string) bool {
	return !slices.ContainsFunc(fields(value), func(pair string) bool { return !slices.Contains(strings.Split(pair, ":"), "tcp") })
}

// passesThrough reports whether the load balancer speaks TCP, or passes TLS through.
func passesThrough(value string, all map[string]string) bool {
	return strings.EqualFold(value, "tcp") || !strings.EqualFold(value, "http") && all[digitalOcean+"tls-passthrough"] == "true"
}

// portIsTCP checks the settings of one port, in JSON.
func portIsTCP(value string, _ map[string]string) bool {
	var port struct {
		Protocol      string `json:"protocol"`
		ProxyProtocol string `json:"proxy-protocol"`
		Secret        string `json:"tls-secret-name"`
	}
	return json.Unmarshal([]byte(value), &port) == nil && (port.Protocol == "" || strings.EqualFold(port.Protocol, "tcp")) && isOff(port.ProxyProtocol, nil) && port.Secret == ""
}
