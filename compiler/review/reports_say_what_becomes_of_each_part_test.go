package review_test

import (
	"testing"

	"relayform/compiler/review"
)

// TestReportsSayWhatBecomesOfEachPart checks whole reports: approvals depend on what they say, and on what they do not say.
func TestReportsSayWhatBecomesOfEachPart(t *testing.T) {
	for _, c := range []struct {
		name   string
		before int // chapter of the rotation; -1 for none
		after  int
		edits  []string
		want   string
	}{
		{"the first compile", -1, 0, nil, `topology.yaml: nothing → now

certificates
  made     root 1, until 2036-11-28, sha256 f4a3d9f7e3ef0647…
  made     signing 1, until 2029-11-30, sha256 2073f59f6b646a13…
  made     server 1, until 2028-01-03, sha256 56bcbfd37a2e139f…
  made     token 1, sha256 5c5c23f556935bd7…

clusters
  added    mgmt
             context mgmt
  added    asia
             context asia
  added    core
             context core
  added    edge
             context edge

to do, in this order
  1. apply: mgmt, asia and 2 others
  2. helm upgrade: mgmt, asia and 2 others (their values change)
  3. apply mgmt/register: mgmt (the clusters that the relay server knows)
  4. restart enterprise-networking: mgmt (reads at start: root, signing, token)
  5. restart enterprise-agent: asia, core, edge (reads at start: root)

4 certificates made; clusters: 4 added, 0 removed, 0 changed, 0 unchanged
`},
		{"clusters come, go and change", 0, 0, []string{
			"asia: {}", "asiatic: {context: asia}", "a.yaml, target: {kind: Namespace}}]", "b.yaml, target: {kind: Namespace}}, {path: a.yaml, target: {kind: Namespace}}], components: [own]",
			"edge: {}", "far: {labels: {a: b}}", "31443", "31444",
		}, `topology.yaml: HEAD → now

warning [address-changed]
  their agents dial another address from their next helm upgrade on
  hits: core
  hint: keep the old address working until all of them are upgraded

warning [cluster-renamed]
  an agent's certificate carries its cluster's old name, and the relay server
  refuses it for the new one
  hits: asiatic
  hint: with the helm upgrade, delete the agent's Secret
        relay-client-tls-secret, so that it gets another

mesh
  relay address 203.0.113.7:31443 → 203.0.113.7:31444

clusters
  renamed  asiatic, which was asia
  changed  core
             patches 1 → 2 (1 new or changed)
             components 0 → 1 (1 new or changed)
             value relay.serverAddress 203.0.113.7:31443 → 203.0.113.7:31444
  added    far
             context far
  removed  edge
             its agent keeps running until it is uninstalled; relayform apply --prune --register removes its KubernetesCluster

to do, in this order
  1. apply: asiatic, core, far
  2. helm upgrade: asiatic, core, far (their values change)
  3. apply mgmt/register: mgmt (the clusters that the relay server knows)

2 warnings; no agent is cut off; clusters: 1 added, 1 removed, 2 changed, 1 unchanged
`},
		{"clusters move, and one runs an agent", 0, 0, []string{
			"edge: {}", "edge: {context: other, labels: {z: zed, a: b}, clusterDomain: example.internal}", "name: mgmt", "name: mgmt, context: elsewhere, agent: true", "istio", "nodePort",
		}, `topology.yaml: HEAD → now

error [relay-moved]
  the relay server moves: kube context of the management cluster mgmt →
  elsewhere; agents lose it until both charts are installed again, and the
  objects in the old place stay there
  hint: add the new place beside the old one, move the agents, then remove the
        old one

mesh
  ingress istio → nodePort

clusters
  changed  mgmt
             moved: context mgmt → elsewhere
             agent false → true
             value enterprise-networking.enterpriseNetworking.serviceType ClusterIP → NodePort
             value relay.authority none → enterprise-networking.gloo-mesh
             value relay.clientCertSecret.name none → relay-client-tls-secret
             value relay.cluster none → mgmt
             value relay.rootTlsSecret.name none → relay-root-tls-secret
             value relay.serverAddress none → enterprise-networking.gloo-mesh.svc.cluster.local:9900
             value relay.tokenSecret.key none → token
             value relay.tokenSecret.name none → relay-identity-token-secret
             value relay.tokenSecret.namespace none → gloo-mesh
             ingress.yaml is gone
  changed  edge
             moved: context edge → other
             cluster domain cluster.local → example.internal
             labels none → a=b,z=zed

to do, in this order
  1. apply: mgmt, edge
  2. helm upgrade: mgmt (their values change)
  3. apply mgmt/register: mgmt (the clusters that the relay server knows)

1 error; clusters: 0 added, 0 removed, 2 changed, 2 unchanged
`},
		{"no address, and an external store", 0, 0, []string{
			"name: demo", "name: demo\nsecrets: {externalSecrets: {store: {name: vault}, path: relayform/demo}}", `, relayAddress: "203.0.113.7:31443"`, "",
		}, `topology.yaml: HEAD → now

error [relay-unreachable]
  their agents no longer have an address of the relay, and stop when their chart
  is upgraded
  hits: asia, core, edge
  hint: set management.relayAddress; relayform address finds it

mesh
  relay address 203.0.113.7:31443 → none
  private values from the key store → ClusterSecretStore vault, below relayform/demo

clusters
  changed  mgmt
             kustomization.yaml changes
  changed  asia, core, edge
             value relay.serverAddress 203.0.113.7:31443 → none

to do, in this order
  1. apply: mgmt, asia and 2 others
  2. helm upgrade: asia, core, edge (their values change)

1 error; clusters: 0 added, 0 removed, 4 changed, 0 unchanged
`},
		{"the next root is distributed", 0, 1, nil, `topology.yaml: HEAD → now

certificates
  made     root 2, until 2036-11-28, sha256 37c6ae48317a3ced…
  kept     4 others

to do, in this order
  1. apply: mgmt, asia and 2 others
  2. restart enterprise-networking: mgmt (reads at start: root)
  3. restart enterprise-agent: asia, core, edge (reads at start: root)

no agent is cut off; 1 certificate made; clusters: 0 added, 0 removed, 0 changed, 4 unchanged
`},
		{"the next root issues", 1, 2, nil, `topology.yaml: HEAD → now

certificates
  made     signing 2, until 2029-11-30, sha256 f5903b954ce0caa1…
  aside    signing 1, sha256 2073f59f6b646a13…
  made     server 2, until 2028-01-03, sha256 9cce1061d89a2450…
  aside    server 1, sha256 56bcbfd37a2e139f…
  kept     3 others

to do, in this order
  1. apply: mgmt
  2. restart enterprise-networking: mgmt (reads at start: signing)

no agent is cut off; 2 certificates made; clusters: 0 added, 0 removed, 0 changed, 4 unchanged
`},
		{"agents drain", 2, 3, nil, `topology.yaml: HEAD → now

nothing changes for the mesh
`},
		{"the old root retires", 3, 4, nil, `topology.yaml: HEAD → now

certificates
  aside    root 1, sha256 f4a3d9f7e3ef0647…
  kept     4 others

to do, in this order
  1. apply: mgmt, asia and 2 others
  2. restart enterprise-networking: mgmt (reads at start: root)
  3. restart enterprise-agent: asia, core, edge (reads at start: root)

no agent is cut off; clusters: 0 added, 0 removed, 0 changed, 4 unchanged
`},
		{"the rotation ends", 4, 5, nil, `topology.yaml: HEAD → now

nothing changes for the mesh
`},
		{"the root is swapped", 0, 5, nil, `topology.yaml: HEAD → now

error [root-replaced]
  the root is replaced in one step: agents that trust only the old one refuse
  the relay server from the moment the management cluster is applied, and it
  refuses their certificates
  hits: asia, core, edge
  hint: rotate the root instead: rotation: {phase: distribute}; or, if an outage
        is acceptable, apply every cluster at once and restart every agent

certificates
  made     root 2, until 2036-11-28, sha256 37c6ae48317a3ced…
  removed  root 1, sha256 f4a3d9f7e3ef0647…
  made     signing 2, until 2029-11-30, sha256 f5903b954ce0caa1…
  replaced signing 1, sha256 2073f59f6b646a13…
  made     server 2, until 2028-01-03, sha256 9cce1061d89a2450…
  replaced server 1, sha256 56bcbfd37a2e139f…
  kept     1 other

to do, in this order
  1. apply: mgmt, asia and 2 others
  2. restart enterprise-networking: mgmt (reads at start: root, signing)
  3. restart enterprise-agent: asia, core, edge (reads at start: root)

1 error; 3 certificates made; clusters: 0 added, 0 removed, 0 changed, 4 unchanged
`},
	} {
		var before *review.State
		if c.before >= 0 {
			s := stateOf(t, "HEAD", c.before)
			before = &s
		}
		if got := reviewed(t, before, stateOf(t, "now", c.after, c.edits...)); got != c.want {
			t.Errorf("%s:\n%swant\n%s", c.name, got, c.want)
		}
	}
}
