package adopt_test

import (
	"errors"
	"regexp"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/adopt"
)

// refusal is a mesh that cannot be adopted as it is, why, what to do, and whether an answer is enough.
type refusal struct {
	name     string
	change   func(t *testing.T, x texts)
	answers  adopt.Answers
	want     string // a pattern for the message, with its place
	hint     string // a part of the hint
	answered *adopt.Answers
}

func (r refusal) run(t *testing.T, base string) {
	x := fixture(t, base)
	r.change(t, x)
	_, err := x.find(t, r.answers)
	var refused adopt.Refusal
	if !errors.As(err, &refused) {
		t.Fatalf("got %v", err)
	}
	i := slices.IndexFunc(refused, func(f adopt.Fault) bool { return regexp.MustCompile(r.want).MatchString(f.String()) })
	if i < 0 || len(refused) > 1 && r.name != "several" {
		t.Fatalf("got %q\nwant one like %q", refused, r.want)
	}
	if !strings.Contains(refused[i].Hint, r.hint) {
		t.Errorf("hint %q\nwant %q in it", refused[i].Hint, r.hint)
	}
	was := fixture(t, base)
	for _, private := range []string{was.value(t, one, tokenSecret, "token"), strings.Split(was.value(t, mgmt, signingSecret, "tls.key"), "\n")[3]} {
		if strings.Contains(err.Error(), private) {
			t.Errorf("it holds what is private: %v", err)
		}
	}
	if r.answered != nil {
		if m, err := x.find(t, *r.answered); err != nil || m == nil {
			t.Errorf("answered, it is refused: %v", err)
		}
	}
}

const (
	mgmt, one, two = "eks-mgmt", "eks-edge-1", "eks-edge-2"
	rootSecret     = "relay-root-tls-secret"
	serverSecret   = "relay-server-tls-secret"
	signingSecret  = "relay-tls-signing-secret"
	tokenSecret    = "relay-identity-token-secret"
	clientSecret   = "relay-client-tls-secret"
)

// otherRoot returns a root that does not belong to the mesh.
func otherRoot(t *testing.T) string {
	return fixture(t, "platform").value(t, "gke_project_zone_west", rootSecret, "ca.crt")
}

// TestWhatDiffersIsRefused has clusters with different contents, or with something that no topology can express. The message names them,
// with the contents of each, and what to do.
func TestWhatDiffersIsRefused(t *testing.T) {
	for _, r := range []refusal{
		{"another root", func(t *testing.T, x texts) { x.set(t, two, rootSecret, "ca.crt", otherRoot(t)) }, adopt.Answers{},
			`^clusters trust different roots in Secret relay-root-tls-secret: [0-9a-f]{16} in edge-1 and eks-mgmt; [0-9a-f]{16} in edge-2$`, "in a rotation of the root", &adopt.Answers{Without: []string{"edge-2"}}},
		{"a root more", func(t *testing.T, x texts) {
			x.set(t, two, rootSecret, "ca.crt", x.value(t, two, rootSecret, "ca.crt")+otherRoot(t))
		}, adopt.Answers{}, `different roots .*: [0-9a-f]{16} in edge-1 and eks-mgmt; [0-9a-f]{16}\+[0-9a-f]{16} in edge-2$`, "--without", nil},
		{"the same root in other bytes", func(t *testing.T, x texts) {
			x.set(t, two, rootSecret, "ca.crt", "\n"+x.value(t, two, rootSecret, "ca.crt"))
		}, adopt.Answers{},
			`the same certificates in different bytes: SHA-256 [0-9a-f]{16} in edge-1 and eks-mgmt; [0-9a-f]{16} in edge-2`, "--rewrite", &adopt.Answers{Rewrite: true}},
		{"another token", func(t *testing.T, x texts) { x.set(t, two, tokenSecret, "token", "another") }, adopt.Answers{},
			`different tokens in Secret relay-identity-token-secret: SHA-256 [0-9a-f]{16} in edge-1 and eks-mgmt; [0-9a-f]{16} in edge-2`, "copy the management cluster's", nil},
		{"an empty token", func(t *testing.T, x texts) { x.set(t, two, tokenSecret, "token", "\n") }, adopt.Answers{}, `^eks-edge-2.yaml: Secret relay-identity-token-secret: token is missing$`, "", nil},
		{"the server's root is another", func(t *testing.T, x texts) { x.set(t, mgmt, serverSecret, "ca.crt", otherRoot(t)) }, adopt.Answers{},
			`eks-mgmt.yaml: Secret relay-server-tls-secret: ca.crt holds the root [0-9a-f]{16}, which is not in Secret relay-root-tls-secret`, "the same roots", nil},
		{"the server's roots are missing", func(t *testing.T, x texts) { x.set(t, mgmt, serverSecret, "ca.crt", "") }, adopt.Answers{},
			`ca.crt is missing, and relayform would add it`, "--rewrite", &adopt.Answers{Rewrite: true}},
		{"the key of another certificate", func(t *testing.T, x texts) {
			x.set(t, mgmt, serverSecret, "tls.key", x.value(t, mgmt, signingSecret, "tls.key"))
		}, adopt.Answers{},
			`the private key does not belong to the first certificate, CN=enterprise-networking`, "does not work", nil},
		{"no key", func(t *testing.T, x texts) { x.set(t, mgmt, serverSecret, "tls.key", "") }, adopt.Answers{}, `tls.key is missing`, "masked", nil},
		{"no private key for a key", func(t *testing.T, x texts) { x.set(t, mgmt, serverSecret, "tls.key", "nothing") }, adopt.Answers{}, `tls.key: no private key in it`, "", nil},
		{"a key among the roots", func(t *testing.T, x texts) {
			x.set(t, two, rootSecret, "ca.crt", x.value(t, two, rootSecret, "ca.crt")+x.value(t, mgmt, serverSecret, "tls.key"))
		}, adopt.Answers{},
			`eks-edge-2.yaml: Secret relay-root-tls-secret: a private key is among the certificates of ca.crt`, "replace the certificate", nil},
		{"no certificate", func(t *testing.T, x texts) { x.set(t, two, rootSecret, "ca.crt", "nothing") }, adopt.Answers{}, `no certificate in ca.crt`, "", nil},
		{"half a certificate", func(t *testing.T, x texts) {
			x.set(t, two, rootSecret, "ca.crt", x.value(t, two, rootSecret, "ca.crt")[:200])
		}, adopt.Answers{}, `ca.crt: 1 of its 1 PEM blocks are cut short`, "", nil},
		{"words that no lockfile can hold", func(t *testing.T, x texts) {
			for _, c := range []string{mgmt, one, two} {
				x.set(t, c, rootSecret, "ca.crt", "Wurzel für alle\n"+x.value(t, c, rootSecret, "ca.crt"))
			}
			x.drop(t, one, "Secret", clientSecret)
		}, adopt.Answers{Without: []string{"edge-2"}}, `ca.crt: it holds the byte 0xc3`, "--rewrite", nil},
		{"another type", func(t *testing.T, x texts) {
			x.edit(t, mgmt, "Secret", serverSecret, "type: Opaque", "type: example.com/own")
		}, adopt.Answers{},
			`its type is example.com/own, which relayform does not write; an apply cannot change a Secret's type`, "recreate it", nil},
		{"a token of another type", func(t *testing.T, x texts) {
			x.edit(t, one, "Secret", tokenSecret, "type: Opaque", "type: example.com/own")
		}, adopt.Answers{}, `its type is example.com/own`, "recreate it", nil},
		{"cert-manager's", func(t *testing.T, x texts) {
			x.edit(t, mgmt, "Secret", serverSecret, "annotations: {", "annotations: {cert-manager.io/certificate-name: relay, ")
		}, adopt.Answers{}, `^eks-mgmt: cert-manager writes Secret relay-server-tls-secret, from Certificate relay$`, "delete the Certificate", nil},
		{"a key that apply would remove", func(t *testing.T, x texts) {
			x.set(t, one, rootSecret, "more", "words")
			x.edit(t, one, "Secret", rootSecret, "namespace: gloo-mesh", "namespace: gloo-mesh\n    annotations: {kubectl.kubernetes.io/last-applied-configuration: '{\"data\":{\"more\":\"d29yZHM=\"}}'}")
		}, adopt.Answers{}, `an earlier kubectl apply wrote more, which relayform does not write: the next apply would remove it`, "--rewrite", &adopt.Answers{Rewrite: true}},
		{"a Secret twice", func(t *testing.T, x texts) {
			twin := x.item(t, two, "Secret", tokenSecret)
			x.set(t, two, tokenSecret, "token", "another")
			x[two] += strings.TrimPrefix(twin, "\n") + "\n"
		}, adopt.Answers{}, `Secret relay-identity-token-secret appears twice`, "give each Secret once", nil},
		{"another namespace", func(t *testing.T, x texts) {
			x[two] = strings.ReplaceAll(x[two], "namespace: gloo-mesh", "namespace: edge")
		}, adopt.Answers{},
			`Secret relay-root-tls-secret of edge-2 is in the namespace edge, but the relay's namespace is gloo-mesh`, "--without edge-2", &adopt.Answers{Without: []string{"edge-2"}}},
		{"another name of a Secret", func(t *testing.T, x texts) {
			x[two+"-values"] = "relay: {cluster: edge-2, serverAddress: 'a.example.com:1', rootTlsSecret: {name: own}}\n"
		}, adopt.Answers{}, `relay.rootTlsSecret.name is own, but relayform writes relay-root-tls-secret`, "a topology cannot name Secrets", nil},
		{"another namespace of a Secret", func(t *testing.T, x texts) {
			x["v"] = "enterprise-networking: {relayTlsSecret: {namespace: own}}\n"
		}, adopt.Answers{}, `relayTlsSecret.namespace is own, but the relay's namespace is gloo-mesh`, "", nil},
		{"simple TLS", func(t *testing.T, x texts) {
			x["v"] = "enterprise-networking: {enterpriseNetworking: {deploymentOverrides: {spec: {template: {spec: {containers: [{env: [{name: RELAY_DISABLE_CLIENT_CERTIFICATE_AUTHENTICATION, value: 'true'}]}]}}}}}}\n"
		}, adopt.Answers{}, `v.yaml: RELAY_DISABLE_CLIENT_CERTIFICATE_AUTHENTICATION: it makes the relay server accept agents without a certificate`, "so that the mesh runs with mutual TLS", &adopt.Answers{Without: []string{"v"}}},
		{"plain HTTP, as Helm has recorded it", func(t *testing.T, x texts) {
			configure(t, x, two, `{"relay":{"cluster":"edge-2","insecure":true}}`)
		}, adopt.Answers{}, `Helm release agent in eks-edge-2.yaml: relay.insecure: agents and relay server would speak plain HTTP`, "remove this setting", nil},
		{"simple TLS in what runs", func(t *testing.T, x texts) {
			x.add(two, "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: enterprise-agent, namespace: gloo-mesh}\nspec: {template: {spec: {containers: [{name: agent, env: [{name: RELAY_DISABLE_SERVER_CERTIFICATE_VALIDATION, value: 'true'}]}]}}}")
		}, adopt.Answers{}, `Deployment enterprise-agent in eks-edge-2.yaml: RELAY_DISABLE_SERVER_CERTIFICATE_VALIDATION: it makes agents trust whoever answers`, "remove this setting", nil},
		{"no relay CA, and an agent without a certificate", func(t *testing.T, x texts) {
			x["v"] = "enterprise-networking: {disableRelayCa: true}\n"
			x.drop(t, one, "Secret", clientSecret)
		}, adopt.Answers{}, `^edge-1: Secret relay-client-tls-secret is missing, and in this mesh the relay server signs no agents' certificates`, "with its private key", nil},
		{"no relay CA, and another name of an agent's Secret", func(t *testing.T, x texts) {
			x["v"] = "enterprise-networking: {disableRelayCa: true}\n"
			x[two+"-values"] = "relay: {cluster: edge-2, serverAddress: 'a.example.com:1', clientCertSecret: {name: edge-2-cert}}\n"
		}, adopt.Answers{}, `relay.clientCertSecret.name is edge-2-cert, but relayform writes relay-client-tls-secret`, "a topology cannot name Secrets", nil},
		{"no relay CA, and an agent's key is masked", func(t *testing.T, x texts) {
			x["v"] = "enterprise-networking: {disableRelayCa: true}\n"
			x.set(t, one, clientSecret, "tls.key", "")
		}, adopt.Answers{}, `Secret relay-client-tls-secret: tls.key is missing`, "masked", nil},
		{"no relay CA, and an agent's Secret is of another type", func(t *testing.T, x texts) {
			x["v"] = "enterprise-networking: {disableRelayCa: true}\n"
			x.edit(t, one, "Secret", clientSecret, "type: Opaque", "type: kubernetes.io/tls")
		}, adopt.Answers{}, `^Secret relay-client-tls-secret has different types: `, "type Opaque", nil},
		{"no signing CA", func(t *testing.T, x texts) { x.drop(t, mgmt, "Secret", signingSecret) }, adopt.Answers{}, `it holds Secret relay-server-tls-secret, but not relay-tls-signing-secret`, "Helm values of the relay server's chart", nil},
		{"two authorities, and an agent of which nothing tells", func(t *testing.T, x texts) {
			configure(t, x, two, `{"relay":{"cluster":"edge-2","authority":"enterprise-networking.gloo-mesh.svc"}}`)
			x.add(mgmt, "apiVersion: multicluster.solo.io/v1alpha1\nkind: KubernetesCluster\nmetadata: {name: edge-3, namespace: gloo-mesh}")
			copyOf(x, one, "eks-edge-3")
			x.drop(t, "eks-edge-3", "Secret", clientSecret)
			configure(t, x, "eks-edge-3", `{"relay":{"cluster":"edge-3","serverAddress":"a.example.com:1"}}`)
		}, adopt.Answers{}, `verify the relay server by different names \(enterprise-networking.gloo-mesh in edge-1; enterprise-networking.gloo-mesh.svc in edge-2\), and nothing says which name agents in edge-3 use`, "--authority NAME", &adopt.Answers{Authority: "enterprise-networking.gloo-mesh"}},
		{"an authority of a remote that the certificate lacks", func(t *testing.T, x texts) {
			configure(t, x, two, `{"relay":{"cluster":"edge-2","authority":"other.example.com"}}`)
		}, adopt.Answers{}, `but agents in edge-2 verify it by other.example.com \(Helm release agent in eks-edge-2.yaml\)`, "--without", &adopt.Answers{Without: []string{"edge-2"}}},
		{"a name that the certificate lacks", func(*testing.T, texts) {}, adopt.Answers{Authority: "other.example.com"}, `for enterprise-networking.gloo-mesh and enterprise-networking.gloo-mesh.svc, not for the authority other.example.com`, "--authority", &adopt.Answers{}},
		{"a name that no topology has", func(t *testing.T, x texts) {
			x.edit(t, mgmt, "KubernetesCluster", "edge-2", "name: edge-2", "name: edge.2")
		}, adopt.Answers{Clusters: map[string]string{"edge.2": two}}, `"edge.2" is not a DNS label`, "--without edge.2", nil},
	} {
		t.Run(r.name, func(t *testing.T) { r.run(t, "chart-1.x") })
	}
}
