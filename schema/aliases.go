package schema

import (
	"slices"
	"strings"

	"relayform/schema/diag"
	"relayform/schema/source"
)

// alias is a wrong key that people write in place of the right one.
type alias struct {
	in    string // the block, such as remotes.*
	keys  string // separated by spaces, in lower case
	means string // the field of the same block that is meant; empty if there is none
	hint  string // OPTIONS is replaced by the block's fields
}

const retired = "ingress-nginx was retired in March 2026; use OPTIONS"

var aliases = []alias{
	{"", "clusters remoteclusters workers spokes remote agents workloads members", "remotes", "remotes is a block with one key for each cluster: remotes: {east: {context: kind-east}}"},
	{"", "mgmt managementcluster management_cluster managementplane hub controlplane server", "management", ""},
	{"", "certificates certs tls ca", "pki", "certificates come from one source: pki: {selfSigned: {}}, or external"},
	{"", "version schemaversion schema", "apiVersion", ""},
	{"", "metadata spec", "", "a topology has no metadata and no spec: name, management, remotes and pki are at the top"},
	{"", "mode profile edition", "", "the product is chosen by product: gloo-mesh-1.x, gloo-mesh-2.0-2.2 or gloo-mesh-2.3+"},
	{"management", "cluster clustername", "name", ""},
	{"management", "kubecontext kube-context kube_context", "context", ""},
	{"management", "address serveraddress relay relayaddr endpoint", "relayAddress", ""},
	{"management", "sni hostname host servername", "authority", ""},
	{"management", "san sans altnames subjectaltnames names hostnames", "dnsNames", "it is a list: dnsNames: [relay.example.com]"},
	{"management", "telemetrygateway telemetry-gateway otel opentelemetry", "telemetry", ""},
	{"management.telemetry", "endpoint relayaddress telemetryaddress serveraddress", "address", ""},
	{"management.telemetry", "servername sni authority hostname host", "", "the name that collectors verify follows from the namespace: gloo-telemetry-gateway.NAMESPACE"},
	{"management.telemetry.ingress.openshift", "host hostname sni", "", "the Route's host is the name by which collectors verify the telemetry gateway: gloo-telemetry-gateway.NAMESPACE"},
	{"management.ingress", "nginx ingress-nginx ingressnginx ingress_nginx", "", retired},
	{"management.ingress", "mode type kind class", "", "a choice is a key: ingress: {istio: {}}"},
	{"management.ingress", "lb service elb nlb alb", "loadBalancer", ""},
	{"management.ingress", "istioingressgateway istio-ingressgateway istiogateway", "istio", ""},
	{"management.ingress", "route routes ocp okd router", "openshift", ""},
	{"management.ingress", "httpproxy projectcontour envoy", "contour", ""},
	{"management.ingress", "ingressroute ingressroutetcp", "traefik", ""},
	{"management.ingress.traefik", "entrypoint", "entryPoints", "it is a list: entryPoints: [websecure]"},
	{"management.ingress", "gloo gloo-edge gloogateway", "glooEdge", ""},
	{"management.ingress.glooEdge", "bindport", "port", ""},
	{"management.ingress", "gateway-api gateway gateways tlsroute", "gatewayAPI", ""},
	{"management.ingress", "envoygateway envoy-gateway cilium kgateway kong", "gatewayAPI", "its Gateways are those of the Gateway API: gatewayAPI: {className: NAME}"},
	{"management.ingress.gatewayAPI", "class gatewayclass gatewayclassname", "className", ""},
	{"management.ingress.gatewayAPI.gateway", "listener section", "sectionName", ""},
	{"management.ingress.contour", "classname ingressclass ingressclassname", "class", ""},
	{"management.ingress.openshift", "host hostname sni", "", "the Route's host is management.authority, by which agents verify the server"},
	{"remotes.*", "sni hostname host servername", "authority", ""},
	{"remotes.*", "kubecontext kube-context kube_context", "context", ""},
	{"remotes.*", "name cluster clustername", "", "a remote's name is its key: remotes: {east: {context: kind-east}}"},
	{"remotes.*", "telemetry", "", "the telemetry gateway is the management cluster's: management.telemetry"},
	{"", "telemetry", "", "the telemetry gateway is the management cluster's: management.telemetry"},
	{"remotes.*", "agent", "", "every remote runs an agent; the key is the management cluster's"},
	{"pki", "mode type source kind", "", "a choice is a key: pki: {selfSigned: {}}"},
	{"pki", "self selfsign generate internal auto", "selfSigned", ""},
	{"pki", "byo custom own bringyourown existing", "external", ""},
	{"pki", "cert-manager cert_manager certificates issuer", "certManager", ""},
	{"pki", "vault awspca acmpca googlecas stepca", "", "through cert-manager: certManager: {ca: pki/root.pem, issuer: {name: NAME}}; or export its certificates into files, and name them under pki.external"},
	{"pki", "acme letsencrypt", "", "ACME's CAs sign no names of a cluster's own; export certificates of your PKI into files, and name them under pki.external"},
	{"pki.certManager.issuer", "namespace", "", "an Issuer is in the relay's namespace, a ClusterIssuer in none"},
	{"pki.certManager", "issuerref", "issuer", ""},
	{"pki.certManager", "root cacert roots", "ca", ""},
	{"pki.certManager", "validity", "duration", ""},
	{"pki.selfSigned", "algorithm keytype alg algo", "keyAlgorithm", ""},
	{"pki.selfSigned", "keysize bits keybits size", "", "the size follows from keyAlgorithm: RSA has 4096 bits for the root and 2048 below, ECDSA is P-256"},
	{"pki.selfSigned", "ttl lifetime duration days expiry", "validity", ""},
	{"pki.selfSigned", "clients disableca disablerelayca relayca", "agents", "agents: issued has relayform sign agents' certificates, and switches the relay server's CA off"},
	{"pki.external", "client agents agent clientcerts", "clients", "agents' certificates: clients: {CLUSTER: {cert: FILE, key: FILE}}, or a folder of files"},
	{"pki.external", "disableca disablerelayca relayca", "", "name clients, the certificates of agents, in place of signing: the relay server's CA is switched off then"},
	{"pki.external", "root rootca cacert bundle chain cabundle", "ca", ""},
	{"pki.external", "cert key tls leaf", "server", "the server's pair goes into a block: server: {cert: pki/server.crt, key: pki/server.key}"},
	{"pki.external", "telemetrygateway gateway otel", "telemetry", ""},
	{"secrets", "mode type store kind", "", "a choice is a key: secrets: {local: {}}"},
	{"secrets", "file files disk folder", "local", ""},
	{"", "gitops delivery cd", "deliver", ""},
	{"deliver", "argocd argo argo-cd", "argoCD", ""},
	{"deliver", "fluxcd flux2 toolkit", "flux", ""},
	{"deliver", "mode engine type kind", "", "a choice is a key: deliver: {flux: {source: {name: mesh}}}"},
	{"deliver.flux", "repository repo url git", "source", "Flux reads a source that you have made: source: {kind: GitRepository, name: mesh}"},
	{"deliver.flux", "namespace", "", "the namespace is the source's: source: {name: mesh, namespace: flux-system}"},
	{"deliver.flux", "sops age", "decryption", ""},
	{"deliver.argoCD", "repo repourl url source git", "repository", ""},
	{"deliver.argoCD", "targetrevision branch tag ref", "revision", ""},
}

// aliasOf returns the alias that a key is in its block, or nil.
func aliasOf(s *shape, key string) *alias {
	relays := strings.Replace(s.at, "management.telemetry.ingress", "management.ingress", 1) // both have the same forms
	for _, a := range aliases {
		if (a.in == s.at || a.in == relays) && slices.Contains(strings.Fields(a.keys), strings.ToLower(key)) {
			a.hint = strings.ReplaceAll(a.hint, "OPTIONS", alternatives(s.fieldNames()))
			return &a
		}
	}
	return nil
}

// alternatives lists words to choose from: a, b or c.
func alternatives(words []string) string {
	last := len(words) - 1
	if last < 1 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:last], ", ") + " or " + words[last]
}

// misshapen returns a hint for a value in a place where a block is wanted.
func misshapen(s *shape, n *source.Node) string {
	word := strings.TrimSpace(n.Value)
	switch {
	case s.at == "" && len(s.fields) > 0:
		return "it begins with " + s.fields[0].name + ": " + s.fields[0].shape().want()
	case n.Null() && !s.oneOf && !s.some && !slices.ContainsFunc(s.fields, func(f field) bool { return f.required }):
		return "write {} to set nothing"
	case n.Null() && !s.oneOf:
		return "indent the keys under it"
	case s.oneOf && n.Kind == source.Scalar: // null included
		if a := aliasOf(s, word); a != nil && a.means == "" {
			return a.hint
		}
		if s.field(word) == nil {
			word = diag.Nearest(word, s.fieldNames())
		}
		if word == "" {
			word = s.fields[0].name
		}
		return "a choice is a key: " + s.at[strings.LastIndexByte(s.at, '.')+1:] + ": {" + word + ": {}}"
	case s.at == "remotes":
		return "remotes is a block with one key for each cluster: remotes: {east: {context: kind-east}}"
	case s.at == "management":
		return "the name goes inside: management: {name: mgmt-cluster, ingress: {istio: {}}}"
	case s.at == "remotes.*" && n.Kind == source.Scalar:
		return "the context goes inside: {context: kind-east}"
	case strings.HasSuffix(s.at, "patches[]") && n.Kind == source.Scalar:
		return "write - path: " + diag.Shorten(word)
	case strings.HasSuffix(s.at, "abels") || strings.HasSuffix(s.at, "selector"):
		if k, v, ok := strings.Cut(word, "="); ok {
			return "write {" + diag.Shorten(k) + ": " + diag.Shorten(v) + "}"
		}
		return "write it as key: value, as {region: east}"
	case s.at == "pki.selfSigned.validity":
		return "give it for each certificate: {root: 10y, signing: 3y, server: 398d}"
	case s.at == "pki.external.clients.*" && n.Kind == source.Scalar:
		return "name its files: {cert: " + diag.Shorten(word) + ", key: FILE}"
	case (s.at == "pki.external.server" || s.at == "pki.external.signing") && n.Kind == source.Scalar:
		return "name both files: {cert: pki/server.crt, key: pki/server.key}"
	case n.Kind == source.Scalar && s.field("name") != nil && s.field("namespace") != nil:
		namespace, name, ok := strings.Cut(word, "/")
		if !ok {
			namespace, name = "NAMESPACE", word
		}
		return "write {name: " + diag.Shorten(name) + ", namespace: " + diag.Shorten(namespace) + "}"
	case n.Kind == source.Scalar && s.field("name") != nil && s.field("issuer") == nil:
		return "write {name: " + diag.Shorten(word) + "}"
	case n.Kind == source.List:
		return "write the keys without - in front"
	case s.some || s.oneOf || s.form == mapForm:
		return ""
	}
	return "write {} to set nothing"
}
