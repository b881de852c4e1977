package adopt_test

import (
	"slices"
	"strings"
	"testing"

	"relayform/compiler/adopt"
)

// found is a change of the clusters' contents, and the resulting line of the topology, of a warning or of a note.
type found struct {
	name     string
	change   func(t *testing.T, x texts)
	answers  adopt.Answers
	topology []string
	said     string // a part of the warnings and notes
}

// TestWhatStandsThereIsFound changes the contents of a mesh's clusters, and checks its topology.
func TestWhatStandsThereIsFound(t *testing.T) {
	istio := func(t *testing.T, x texts) {
		x.add(mgmt, istioObjects)
		x.add(mgmt, istioRoute)
	}
	for _, c := range []found{
		{"nothing else", func(*testing.T, texts) {}, adopt.Answers{}, []string{
			"name: eks-mgmt", "product: gloo-mesh-1.x", `charts: {version: "1.3.20"}`, "namespace: gloo-mesh", "  context: eks-mgmt", "  relayAddress: relay-0123.elb.eu-west-1.amazonaws.com:9900",
			"    loadBalancer:", "        service.beta.kubernetes.io/aws-load-balancer-type: nlb", "  edge-1: {context: eks-edge-1, labels: {region: eu}}  # relay.cluster in Helm release agent in eks-edge-1.yaml",
			"    ca: pki/ca.pem", "    server: {cert: pki/server.pem}", "    signing: {cert: pki/signing.pem}"}, "eks-mgmt: Helm created Secrets relay-root-tls-secret, relay-tls-signing-secret, relay-server-tls-secret and relay-identity-token-secret: an upgrade with relayform's values would delete them. Before that, run: kubectl --context CONTEXT --namespace gloo-mesh annotate secret relay-root-tls-secret relay-tls-signing-secret relay-server-tls-secret relay-identity-token-secret helm.sh/resource-policy=keep\n"},
		{"values of one's own", func(*testing.T, texts) {}, adopt.Answers{}, nil, "eks-mgmt: Helm release gloo-mesh has values that relayform does not write (licenseKey): an upgrade with only relayform's values would drop them. Save them in a file and list it in charts.values. To print them: helm --kube-context CONTEXT --namespace gloo-mesh get values gloo-mesh"},
		{"a name of its own", func(*testing.T, texts) {}, adopt.Answers{Name: "prod", EncryptTo: []string{"age1abc"}}, []string{"name: prod", "  encryptTo: [age1abc]"}, ""},
		{"Istio's objects beside a load balancer that nobody dials", func(t *testing.T, x texts) {
			istio(t, x)
			x[two+"-values"] = "relay: {cluster: edge-2, serverAddress: 'istio.example.com:443'}\n"
		}, adopt.Answers{RelayAddress: "istio.example.com:443"}, []string{"    istio:", "      selector: {istio: own}", "      port: 8443", "  relayAddress: istio.example.com:443"}, "Service enterprise-networking is of type LoadBalancer, but agents connect through Istio"},
		{"Istio's objects beside the load balancer that agents dial", istio, adopt.Answers{}, []string{"    loadBalancer:"}, ""},
		{"objects of other names", istio, adopt.Answers{RelayAddress: "istio.example.com:443"}, []string{"    istio:"}, "VirtualService gloo-mesh/own routes agents to the relay server, and relayform writes a second one, gloo-mesh/"},
		{"a node port", func(t *testing.T, x texts) {
			x.edit(t, mgmt, "Service", "enterprise-networking", "LoadBalancer", "NodePort")
		}, adopt.Answers{}, []string{"    nodePort: {}"}, "the cluster chose the node port 31234 of Service enterprise-networking"},
		{"no address in values", func(t *testing.T, x texts) { noReleases(t, x) }, adopt.Answers{}, []string{"  relayAddress: relay-0123.elb.eu-west-1.amazonaws.com:9900", "  # found: the load balancer of Service enterprise-networking", "# charts: {version: …}  # the version was not found, or clusters run different versions"}, ""},
		{"no address at all", func(t *testing.T, x texts) {
			noReleases(t, x)
			x.edit(t, mgmt, "Service", "enterprise-networking", "hostname: relay-0123.elb.eu-west-1.amazonaws.com", "hostname: ''")
		}, adopt.Answers{}, []string{"  # The address that agents dial was not found. To ask the cluster for it, run: relayform address --write"}, ""},
		{"an address of its own", func(t *testing.T, x texts) {
			x["v"] = "relay: {cluster: edge-2, serverAddress: 'other.example.com:443'}\n"
			configure(t, x, two, `{"relay":{"cluster":"edge-2","serverAddress":"other.example.com:443"}}`)
		}, adopt.Answers{}, []string{"  relayAddress: relay-0123.elb.eu-west-1.amazonaws.com:9900", "relayAddress: other.example.com:443}  # relay.cluster"}, ""},
		{"an authority of its own", func(t *testing.T, x texts) {
			configure(t, x, two, `{"relay":{"cluster":"edge-2","authority":"enterprise-networking.gloo-mesh.svc."}}`)
		}, adopt.Answers{}, []string{"  edge-1: {context: eks-edge-1, labels: {region: eu}}", "  edge-2: {authority: enterprise-networking.gloo-mesh.svc, context: eks-edge-2, labels: {region: eu}}"}, ""},
		{"the authority of most, and one that is given", func(t *testing.T, x texts) {
			for _, cluster := range []string{one, two} {
				configure(t, x, cluster, `{"relay":{"cluster":"`+strings.TrimPrefix(cluster, "eks-")+`","authority":"enterprise-networking.gloo-mesh.svc"}}`)
			}
		}, adopt.Answers{}, []string{"  authority: enterprise-networking.gloo-mesh.svc", "  edge-1: {context: eks-edge-1, labels: {region: eu}}"}, ""},
		{"an authority that is given", func(*testing.T, texts) {}, adopt.Answers{Authority: "enterprise-networking.gloo-mesh.svc"}, []string{"  # given: --authority", "  authority: enterprise-networking.gloo-mesh.svc", "  edge-1: {authority: enterprise-networking.gloo-mesh, context: eks-edge-1, labels: {region: eu}}"}, ""},
		{"an address that nobody dials", func(t *testing.T, x texts) {
			configure(t, x, two, `{"relay":{"cluster":"edge-2","serverAddress":"localhost:43"}}`)
		}, adopt.Answers{}, []string{"  edge-2: {context: eks-edge-2, labels: {region: eu}}"}, `agents in edge-2 dial "localhost:43": localhost is each cluster's own machine`},
		{"a file that says something else than what runs", func(_ *testing.T, x texts) {
			x["v"] = "relay: {cluster: edge-2, serverAddress: 'other.example.com:443'}\n"
		}, adopt.Answers{}, []string{"  edge-2: {context: eks-edge-2, labels: {region: eu}}"}, "relay.serverAddress is relay-0123.elb.eu-west-1.amazonaws.com:9900 in Helm release agent in eks-edge-2.yaml, but other.example.com:443 in v.yaml; adopt uses the first"},
		{"no token anywhere", func(t *testing.T, x texts) {
			for _, c := range []string{mgmt, one, two} {
				x.drop(t, c, "Secret", tokenSecret)
			}
		}, adopt.Answers{}, nil, "no cluster holds Secret relay-identity-token-secret: relayform creates a token"},
		{"a way in that nothing tells of", func(*testing.T, texts) {}, adopt.Answers{Ingress: "traefik"}, []string{"    traefik: {service: {name: traefik, namespace: traefik}}"}, "management.ingress.traefik: {service: {name: traefik, namespace: traefik}} is an example; replace it with the values of your ingress"},
		{"no token in one", func(t *testing.T, x texts) { x.drop(t, two, "Secret", tokenSecret) }, adopt.Answers{}, nil, "edge-2 has no Secret relay-identity-token-secret; the first apply creates it"},
		{"no root in one", func(t *testing.T, x texts) { x.drop(t, mgmt, "Secret", rootSecret) }, adopt.Answers{}, nil, "eks-mgmt has no Secret relay-root-tls-secret; the first apply creates it"},
		{"the server's Secret in a remote", func(t *testing.T, x texts) {
			x[two] += strings.TrimPrefix(x.item(t, mgmt, "Secret", serverSecret), "\n") + "\n"
		}, adopt.Answers{Management: mgmt}, nil, "edge-2: only the management cluster should hold Secret relay-server-tls-secret: here, others may have read the private key. relayform does not touch it here: delete it, and replace the certificate\n"},
		{"an operator's Secret", func(t *testing.T, x texts) {
			x.edit(t, one, "Secret", tokenSecret, "namespace: gloo-mesh", "namespace: gloo-mesh\n    ownerReferences: [{kind: ExternalSecret, name: token}]")
		}, adopt.Answers{}, nil, "edge-1: Secret relay-identity-token-secret is also written by ExternalSecret/token. Before the first apply, delete what writes it, and keep the Secret: kubectl --context CONTEXT --namespace gloo-mesh delete --cascade=orphan externalsecret/token\n"},
		{"a GitOps engine's Secrets", func(t *testing.T, x texts) {
			x.edit(t, one, "Secret", tokenSecret, "namespace: gloo-mesh", "namespace: gloo-mesh\n    labels: {kustomize.toolkit.fluxcd.io/name: mesh}")
			x.edit(t, two, "Secret", rootSecret, "namespace: gloo-mesh", "namespace: gloo-mesh\n    annotations: {argocd.argoproj.io/tracking-id: 'edge:/Secret:gloo-mesh/relay-root-tls-secret'}")
			x.edit(t, two, "Secret", tokenSecret, "namespace: gloo-mesh", "namespace: gloo-mesh\n    labels: {argocd.argoproj.io/instance: edge, app.kubernetes.io/managed-by: relayform}")
		}, adopt.Answers{}, nil, "edge-2: Argo CD's Application edge applies Secret relay-root-tls-secret from git. Before the first apply, switch pruning off for it there and remove it from git; otherwise both write it\n"},
		{"a key that nobody applied", func(t *testing.T, x texts) { x.set(t, one, rootSecret, "more", "words") }, adopt.Answers{}, nil, "edge-1: an apply keeps more of Secret relay-root-tls-secret, which relayform does not write\n"},
		{"a key that an apply removes", func(t *testing.T, x texts) {
			x.set(t, one, rootSecret, "more", "words")
			x.edit(t, one, "Secret", rootSecret, "namespace: gloo-mesh", "namespace: gloo-mesh\n    annotations: {kubectl.kubernetes.io/last-applied-configuration: '{\"data\":{\"more\":\"d29yZHM=\"}}'}")
		}, adopt.Answers{Rewrite: true}, nil, "edge-1: the first apply removes more from Secret relay-root-tls-secret: an earlier kubectl apply wrote it, and relayform does not"},
		{"operators' Secrets, and their objects", func(t *testing.T, x texts) {
			x.edit(t, one, "Secret", tokenSecret, "namespace: gloo-mesh", "namespace: gloo-mesh\n    ownerReferences: [{kind: ExternalSecret, name: token}]")
			x.edit(t, one, "Secret", rootSecret, "namespace: gloo-mesh", "namespace: gloo-mesh\n    ownerReferences: [{kind: ExternalSecret, name: root}]")
		}, adopt.Answers{}, nil, "edge-1: Secrets relay-root-tls-secret and relay-identity-token-secret are also written by ExternalSecret/root and ExternalSecret/token. Before the first apply, delete what writes them, and keep the Secrets: kubectl --context CONTEXT --namespace gloo-mesh delete --cascade=orphan externalsecret/root externalsecret/token\n"},
		{"a key that an apply adds", func(t *testing.T, x texts) {
			x["v"] = "enterprise-networking: {disableRelayCa: true}\n"
			x.set(t, one, clientSecret, "ca.crt", "")
			x.set(t, two, clientSecret, "ca.crt", "")
		}, adopt.Answers{Rewrite: true}, nil, "edge-1 and edge-2: the first apply adds ca.crt to Secret relay-client-tls-secret\n"},
		{"a registration of another namespace", func(t *testing.T, x texts) {
			x.add(mgmt, "apiVersion: multicluster.solo.io/v1alpha1\nkind: KubernetesCluster\nmetadata: {name: old, namespace: other}")
		}, adopt.Answers{}, nil, "KubernetesCluster old is in the namespace other; skipped"},
		{"a cluster that has nothing to do with it", func(_ *testing.T, x texts) {
			x["shop"] = "kind: List\napiVersion: v1\nitems:\n- kind: Secret\n  apiVersion: v1\n  metadata: {name: shop}\n  data: {a: '!'}\n"
		}, adopt.Answers{}, nil, "shop holds none of the relay's objects; skipped"},
		{"values that name nobody", func(_ *testing.T, x texts) { x["v"] = "colour: blue\n" }, adopt.Answers{}, nil, "v.yaml names no cluster; skipped"},
		{"an agent on the management cluster", func(t *testing.T, x texts) {
			x.add(mgmt, "apiVersion: multicluster.solo.io/v1alpha1\nkind: KubernetesCluster\nmetadata: {name: eks-mgmt, namespace: gloo-mesh}\nspec: {clusterDomain: corp.local}")
		}, adopt.Answers{}, []string{"  agent: true  # a KubernetesCluster has this cluster's name", "  clusterDomain: corp.local"}, ""},
		{"no registration was given", func(t *testing.T, x texts) {
			x.drop(t, mgmt, "KubernetesCluster", "edge-1")
			x.drop(t, mgmt, "KubernetesCluster", "edge-2")
			silence(t, x, two, "kind-blue")
		}, adopt.Answers{}, []string{"  edge-1: {context: eks-edge-1}", "  blue: {context: kind-blue}  # the name kind-blue; nothing else names the cluster"}, "no KubernetesCluster was given, so nothing says which clusters are registered"},
		{"all but one are left out", func(t *testing.T, x texts) { x.drop(t, mgmt, "KubernetesCluster", "edge-1") }, adopt.Answers{Without: []string{"edge-2", one}}, []string{"remotes: {}"}, ""},
		{"what would end a comment", func(t *testing.T, x texts) { copyOf(x, two, "a\nremotes: {evil: {}}"); delete(x, two) }, adopt.Answers{Without: []string{"edge-2"}}, nil, ""},
		{"names that YAML takes for something else", func(t *testing.T, x texts) {
			for _, key := range []string{"labels: {region: eu}"} {
				x.edit(t, mgmt, "KubernetesCluster", "edge-1", key, "labels: {region: 'on', 'n': '1e3', app.kubernetes.io/managed-by: Helm}")
			}
		}, adopt.Answers{}, []string{`labels: {"n": "1e3", region: "on"}}`}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			x := fixture(t, "chart-1.x")
			c.change(t, x)
			m, err := x.find(t, c.answers)
			if err != nil {
				t.Fatal(err)
			}
			text := string(m.Topology(""))
			for _, line := range c.topology {
				if !slices.ContainsFunc(strings.Split(text, "\n"), func(l string) bool { return strings.Contains(l, line) }) {
					t.Errorf("no line with %q in\n%s", line, text)
				}
			}
			if said := strings.Join(append(m.Warnings, m.Notes...), "\n"); !strings.Contains(said, c.said) {
				t.Errorf("said %s\nwant %q", said, c.said)
			}
		})
	}
}
