// Package scaffold writes a first topology: the user's answers, with comments on other options.
package scaffold

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/ingress"
	"relayform/compiler/product"
)

// Answers are the input of a first topology.
type Answers struct {
	Name         string
	Product      string
	Namespace    string
	Management   Cluster
	Agent        bool // the management cluster also runs an agent
	RelayAddress string
	Ingress      string // one of ingress.Names
	Algorithm    string
	Remotes      []Cluster
	Schema       string // the file of the JSON Schema, relative to the topology's directory
}

// Cluster is a cluster and its kube context.
type Cluster struct{ Name, Context string }

// Topology returns the text of the topology file.
func (a Answers) Topology() []byte {
	var b strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&b, format+"\n", args...) }
	line("# yaml-language-server: $schema=%s", a.Schema)
	line("# One mesh, as relayform compiles it into an overlay for each cluster. The line above gives an")
	line("# editor completion and checking; everything the language knows: relayform schema --format cue")
	line("apiVersion: relayform/v1")
	line("kind: Topology")
	line("name: %s", Word(a.Name))
	line("")
	line("# The product whose charts are installed, by their versions: %s.", strings.Join(product.Names(), ", "))
	line("product: %s", Word(a.Product))
	line("")
	line("# The namespace of every object, the same in all clusters.")
	line("namespace: %s", Word(a.Namespace))
	line("")
	line("# The cluster that runs the relay server.")
	line("management:")
	line("  name: %s", Word(a.Management.Name))
	line("  context: %s  # of the kubeconfig", Word(a.Management.Context))
	line("  # What agents dial, host:port. Leave it out until the ingress has an address; then this finds it and")
	line("  # writes it here: relayform address --write")
	if a.RelayAddress != "" {
		line("  relayAddress: %s", Word(a.RelayAddress))
	}
	if a.Agent {
		line("  agent: true  # this cluster runs an agent too")
	}
	line("  # How agents reach the relay server: exactly one of these.")
	line("  ingress:")
	for _, form := range ingress.Forms {
		off := "# "
		if form.Name == a.Ingress {
			off = ""
		}
		block, _ := ingress.Block(form.Name)
		line("    %-22s # %s", off+form.Name+": "+block, form.Note)
	}
	line("  # The telemetry gateway, with collectors beside the agents, and its own way in, of the same forms. It needs %s.", strings.Join(withTelemetry(), " or "))
	line("  # telemetry: {ingress: {loadBalancer: {}}}  # relayform address --telemetry --write adds its address")
	line("")
	a.remotes(line)
	line("")
	line("# Where certificates come from: issued here under a root of their own, or by a PKI that you have.")
	line("pki:")
	line("  selfSigned:")
	line("    keyAlgorithm: %s  # rsa or ecdsa", Word(a.Algorithm))
	line("    # validity: {root: 10y, signing: 3y, server: 398d}")
	line("  # external:")
	line("  #   ca: pki/chain.pem")
	line("  #   server: {cert: pki/server.crt, key: pki/server.key}")
	line("  #   signing: {}                       # no cert: relayform makes the key and a request for your PKI")
	line("  #   # clients: pki/clients  # without signing: the agents' certificates, CLUSTER.crt with CLUSTER.key, or CLUSTER.p12, of each")
	line("  #   telemetry: {cert: pki/telemetry.crt, key: pki/telemetry.key}  # only with management.telemetry")
	line("  # certManager:  # which has an issuer in each cluster issue, under the root in ca")
	line("  #   ca: pki/root.pem")
	line("  #   issuer: {name: vault}  # kind: ClusterIssuer, group: cert-manager.io")
	line("")
	line("# How clusters get private keys: from the folder keys/ of whoever applies, or one of these, for which git is enough.")
	line("# secrets:")
	line("#   sops: {management: [age1...], remotes: [age1...]}")
	line("#   sealedSecrets: {management: sealing/mgmt.pem, remotes: sealing/fleet.pem}")
	line("#   externalSecrets: {store: {name: vault}, path: relayform/%s, provider: vault}", a.Name)
	line("")
	line("# The GitOps engine that applies what is committed, if there is one. It needs a secret store of git's, and charts.version.")
	line("# deliver:")
	line("#   flux: {source: {name: mesh}, path: ., mode: pull}  # mode: hub reaches all clusters from the management cluster")
	line("#   argoCD: {repository: https://git.example.com/mesh.git, path: ., mode: pull}")
	line("")
	line("# Constraints of your own, as files of CUE: relayform schema --policy shows what they can be about.")
	line("# policies: [policies/mesh.cue]")
	return []byte(b.String())
}

// withTelemetry returns the names of the products that have a telemetry gateway.
func withTelemetry() []string {
	var names []string
	for _, p := range product.Profiles {
		if p.Telemetry != nil {
			names = append(names, p.Name)
		}
	}
	return names
}

func (a Answers) remotes(line func(string, ...any)) {
	line("# The clusters whose agents dial the relay server, by name. A cluster's context is its name unless")
	line("# it says otherwise; labels select clusters, as in: relayform apply --selector region=eu")
	if len(a.Remotes) == 0 {
		line("remotes: {}")
		line("  # remote-cluster: {context: kind-remote-cluster, labels: {region: eu}}")
		return
	}
	line("remotes:")
	remotes := slices.Clone(a.Remotes)
	slices.SortFunc(remotes, func(x, y Cluster) int { return strings.Compare(x.Name, y.Name) })
	for _, c := range remotes {
		if c.Context == "" || c.Context == c.Name {
			line("  %s: {}", Word(c.Name))
			continue
		}
		line("  %s: {context: %s}", Word(c.Name), Word(c.Context))
	}
}

// notText are words that some YAML version reads as something other than text.
var notText = []string{"true", "false", "null", "yes", "no", "on", "off", "y", "n"}

// Word returns a text as a YAML scalar.
func Word(s string) string {
	plain := s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./@:+") == ""
	number := strings.Trim(s, "0123456789.+-_eExXoObBaAcCdDfF") == ""
	edge := strings.HasSuffix(s, ":") || strings.Trim(s[:min(1, len(s))], "-.:@+") == ""
	if !plain || number || edge || slices.Contains(notText, strings.ToLower(s)) {
		return strconv.Quote(s)
	}
	return s
}
