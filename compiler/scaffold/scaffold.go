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
	line("# One mesh, which relayform compiles into an overlay for each cluster. The line above gives editors")
	line("# completion and checks. To see all fields, run: relayform schema --format cue")
	line("apiVersion: relayform/v1")
	line("kind: Topology")
	line("name: %s", Word(a.Name))
	line("")
	line("# The product, named for the versions of its charts: %s.", strings.Join(product.Names(), ", "))
	line("product: %s", Word(a.Product))
	line("")
	line("# The namespace of every object, the same in all clusters.")
	line("namespace: %s", Word(a.Namespace))
	line("")
	line("# The cluster that runs the relay server.")
	line("management:")
	line("  name: %s", Word(a.Management.Name))
	line("  context: %s  # in the kubeconfig", Word(a.Management.Context))
	line("  # The address that agents dial, host:port. Leave it out until the ingress has one. To find it and")
	line("  # write it here, run: relayform address --write")
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
	line("  # The telemetry gateway and its collectors. Its ingress is one of the forms above. Available with %s.", strings.Join(withTelemetry(), " or "))
	line("  # telemetry: {ingress: {loadBalancer: {}}}  # relayform address --telemetry --write adds its address")
	line("")
	a.remotes(line)
	line("")
	line("# Who issues certificates: relayform (selfSigned), your PKI (external), or cert-manager (certManager).")
	line("pki:")
	line("  selfSigned:")
	line("    keyAlgorithm: %s  # rsa or ecdsa", Word(a.Algorithm))
	line("    # validity: {root: 10y, signing: 3y, server: 398d}")
	line("  # external:")
	line("  #   ca: pki/chain.pem")
	line("  #   server: {cert: pki/server.crt, key: pki/server.key}")
	line("  #   signing: {}                       # without cert: relayform creates the key and a CSR for your PKI")
	line("  #   # clients: pki/clients  # instead of signing: each agent's certificate, as CLUSTER.crt and CLUSTER.key, or CLUSTER.p12")
	line("  #   telemetry: {cert: pki/telemetry.crt, key: pki/telemetry.key}  # only with management.telemetry")
	line("  # certManager:  # an issuer in each cluster issues, under the root in ca")
	line("  #   ca: pki/root.pem")
	line("  #   issuer: {name: vault}  # defaults: kind ClusterIssuer, group cert-manager.io")
	line("")
	line("# How clusters get private keys: by default, from keys/ on the machine that applies. With one of these, a git clone is enough.")
	line("# secrets:")
	line("#   sops: {management: [age1...], remotes: [age1...]}")
	line("#   sealedSecrets: {management: sealing/mgmt.pem, remotes: sealing/fleet.pem}")
	line("#   externalSecrets: {store: {name: vault}, path: relayform/%s, provider: vault}", a.Name)
	line("")
	line("# The GitOps engine that applies what is committed, if you use one. It needs one of the stores above, and charts.version.")
	line("# deliver:")
	line("#   flux: {source: {name: mesh}, path: ., mode: pull}  # mode: hub reaches all clusters from the management cluster")
	line("#   argoCD: {repository: https://git.example.com/mesh.git, path: ., mode: pull}")
	line("")
	line("# Your own constraints, in CUE files. To see what they can check, run: relayform schema --policy")
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
	line("# The clusters whose agents dial the relay server, by name. The context defaults to the name.")
	line("# Labels select clusters, as in: relayform apply --selector region=eu")
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
