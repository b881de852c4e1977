package emit

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"relayform/compiler/lifecycle"
	"relayform/compiler/manifest"
	"relayform/compiler/overlay"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/shell"
)

// Named is the maximum number of clusters with their own commands in the next steps; more are listed together.
const Named = 10

// Change is what a compile changed in a build folder.
type Change struct {
	Files    overlay.Changes
	Clusters plan.Changes
	Steps    []lifecycle.Step // steps that follow from issued certificates
}

// next collects commands.
type next struct {
	*runbook
	change Change
	lines  []string
}

// Next returns what to do in the clusters after a change, in order: lines of shell commands, with comments between. Paths are relative to
// the user's working directory.
func Next(p *plan.Plan, at RunbookPaths, change Change) []string {
	n := &next{runbook: &runbook{emitter: &emitter{plan: p}, at: at}, change: change}
	if change.Clusters.Management {
		n.say("the relay server moves to another cluster: follow %s from the beginning, and remove the old relay server once every agent has moved", n.file(RunbookFile))
	}
	if p.Deliver == nil {
		n.applies()
		n.registers()
	}
	n.renamed()
	n.moved()
	n.removed()
	if p.Deliver == nil || !p.Deliver.Charts {
		n.upgrades()
	}
	n.restarts()
	return n.lines
}

func (n *next) line(format string, args ...any) {
	n.lines = append(n.lines, fmt.Sprintf(format, args...))
}

func (n *next) say(format string, args ...any) { n.line("# "+format, args...) }

// notApplied are the parts of a cluster's folder that its overlay does not contain.
var notApplied = []string{valuesFile, agentValuesFile, plan.RegisterFolder + "/", "charts/", plan.DeliverFolder + "/", overlay.CopiesFile, manifest.ClusterFile}

// changed returns the clusters with a changed file that matches.
func (n *next) changed(fits func(rest string) bool) []plan.Cluster {
	names := map[string]bool{}
	shared := false
	for _, name := range slices.Concat(n.change.Files.Added, n.change.Files.Changed, n.change.Files.Removed) {
		cluster, rest, _ := strings.Cut(name, "/")
		if cluster == "bases" {
			shared = shared || fits("bases")
		} else if fits(rest) {
			names[cluster] = true
		}
	}
	var clusters []plan.Cluster
	for c := range n.plan.Each {
		if names[c.Name] || shared && c.Name != n.plan.Management.Name {
			clusters = append(clusters, c)
		}
	}
	return clusters
}

// applies adds commands for the overlays that changed.
func (n *next) applies() {
	clusters := n.changed(func(rest string) bool {
		return rest != "" && !slices.ContainsFunc(notApplied, func(part string) bool { return strings.HasPrefix(rest, part) })
	})
	if len(clusters) > Named {
		n.say("%d clusters", len(clusters))
		n.line("%s", n.relayform("apply"))
		return
	}
	for _, c := range clusters {
		if !slices.ContainsFunc(n.change.Clusters.Moved, func(p plan.Pair) bool { return p.Is.Name == c.Name }) {
			n.line("%s", n.applyHere(c.Name, shell.Word(c.Context)))
		}
	}
}

// applyHere returns the command that applies a cluster's overlay from the user's working directory.
func (n *next) applyHere(cluster, context string) string {
	if n.plan.Sops != nil {
		return fmt.Sprintf("relayform apply %s --file %s%s", cluster, shell.Path(n.at.Topology), n.at.Flags)
	}
	return n.apply(cluster, context)
}

// registers adds the command for the registration if it changed.
func (n *next) registers() {
	at := path.Join(n.plan.Management.Name, plan.RegisterFolder) + "/"
	is := func(name string) bool { return strings.HasPrefix(name, at) }
	if len(n.plan.Agents()) > 0 && slices.ContainsFunc(slices.Concat(n.change.Files.Added, n.change.Files.Changed), is) {
		n.line("%s", n.registration())
	}
}

// unregister deletes the object that registers an agent with the relay server.
func (n *next) unregister(name string) {
	if n.plan.Deliver == nil && n.plan.Cluster(name).Name == "" { // an engine prunes it, and a different cluster may have the name now
		n.line("kubectl --context %s --namespace %s delete --ignore-not-found kubernetesclusters %s", shell.Word(n.plan.Management.Context), n.plan.Namespace, shell.Word(name))
	}
}

// renamed handles clusters whose name changed. The relay server takes the name from the agent's certificate.
func (n *next) renamed() {
	for _, c := range few(n, n.change.Clusters.Renamed, "renamed") {
		management := c.Is.Name == n.plan.Management.Name
		n.say("%s is now named %s", c.Was.Name, c.Is.Name)
		context := shell.Word(c.Is.Context)
		n.bootstrap(c)
		if c.Is.Agent || management && n.plan.Management.Agent {
			if secret := n.plan.Product.ClientSecret; secret != "" {
				n.line("kubectl --context %s --namespace %s delete --ignore-not-found secret %s", context, n.plan.Namespace, secret)
			}
			n.upgrade(c.Is)
			n.line("%s", n.restart(context, manifest.Deployment(n.plan.Product.AgentDeployment)))
			n.unregister(c.Was.Name)
		}
	}
}

// bootstrap replaces the old name of a cluster's folder with the new one, if the cluster's own engine pulls it.
func (n *next) bootstrap(c plan.Pair) {
	d := n.plan.Deliver
	if !n.plan.Apart() {
		return
	}
	context := shell.Word(c.Is.Context)
	n.line("kubectl --context %s apply -f %s", context, n.engineFile(c.Is.Name))
	n.line("kubectl --context %s --namespace %s delete --ignore-not-found %s %s.%s.%s", context, d.Namespace(), n.engineKind(), n.plan.Name, shell.Word(c.Was.Name), plan.DeliverFolder)
}

// moved handles clusters that are reached by a different context: one cluster leaves the mesh and another joins.
func (n *next) moved() {
	for _, c := range few(n, n.change.Clusters.Moved, "moved") {
		n.say("%s now has the context %s; remove the mesh from the cluster of the context %s", c.Is.Name, c.Is.Context, c.Was.Context)
		n.leave(c.Was)
		if n.plan.Deliver == nil {
			n.line("%s", n.applyHere(c.Is.Name, shell.Word(c.Is.Context)))
		}
		if n.plan.Apart() {
			n.line("kubectl --context %s apply -f %s", shell.Word(c.Is.Context), n.engineFile(c.Is.Name))
		}
		n.upgrade(c.Is)
	}
}

// removed handles clusters that leave the mesh.
func (n *next) removed() {
	for _, c := range few(n, n.change.Clusters.Removed, "removed") {
		n.say("%s leaves the mesh", c.Name)
		n.leave(c)
		n.unregister(c.Name)
	}
	if len(n.change.Clusters.Removed) > 0 && n.plan.Product.Has(product.Token) {
		n.say("the removed clusters still know the token")
		n.line("relayform renew token --file %s%s", shell.Path(n.at.Topology), n.at.Flags)
	}
}

// leave removes from a cluster what the mesh installed there.
func (n *next) leave(c plan.Cluster) {
	p, context := n.plan, shell.Word(c.Context)
	switch d := p.Deliver; {
	case d != nil && d.Hub: // the hub's engine does it
		return
	case d != nil:
		n.line("kubectl --context %s --namespace %s delete --ignore-not-found %s %s.%s.%s", context, d.Namespace(), n.engineKind(), p.Name, shell.Word(c.Name), plan.DeliverFolder)
		if d.Charts {
			break
		}
		fallthrough
	default:
		n.line("helm uninstall %s --kube-context %s --namespace %s --ignore-not-found", p.Product.AgentChart.Name, context, p.Namespace)
	}
	kinds := "secrets"
	switch {
	case p.SealedSecrets != nil:
		kinds = "sealedsecrets,secrets"
	case p.ExternalSecrets != nil:
		kinds = "externalsecrets,secrets"
	}
	if p.CertManager != nil {
		kinds = manifest.Certificate.String() + "," + kinds
	}
	var secrets []string
	for _, r := range p.Product.Roles {
		if r.Agents {
			secrets = append(secrets, r.Secret)
		}
	}
	if p.Product.ClientSecret != "" {
		secrets = append(secrets, p.Product.ClientSecret)
	}
	n.line("kubectl --context %s --namespace %s delete --ignore-not-found %s %s", context, p.Namespace, kinds, strings.Join(secrets, " "))
}

// upgrades handles charts whose values changed.
func (n *next) upgrades() {
	clusters := n.changed(func(rest string) bool { return rest == valuesFile || rest == agentValuesFile })
	clusters = slices.DeleteFunc(clusters, func(c plan.Cluster) bool {
		return slices.ContainsFunc(slices.Concat(n.change.Clusters.Renamed, n.change.Clusters.Moved), func(p plan.Pair) bool { return p.Is.Name == c.Name })
	})
	if len(clusters) > Named {
		n.say("upgrade the charts of %d clusters, whose values changed: see the step \"Install the agents\" in %s", len(clusters), n.file(RunbookFile))
		return
	}
	for _, c := range clusters {
		n.upgrade(c)
	}
}

// upgrade upgrades a cluster's charts to its current values.
func (n *next) upgrade(c plan.Cluster) {
	p, context := n.plan, shell.Word(c.Context)
	switch {
	case p.Deliver != nil && p.Deliver.Charts:
		return
	case c.Name != p.Management.Name && c.RelayAddress == "":
		n.say("the agent of %s has no address to dial yet: set management.relayAddress, compile, and then upgrade its chart", c.Name)
		return
	case c.Name != p.Management.Name:
		if t := p.Telemetry; t != nil && t.Address == "" {
			n.say("the collector of %s has no telemetry gateway to send to yet: set management.telemetry.address, compile, and then upgrade its chart", c.Name)
		}
		n.line("%s%s", n.crds(context), n.helm(p.Product.AgentChart, context, n.item(c.Name, valuesFile)))
		return
	}
	n.line("%s%s%s", n.crds(context), n.helm(p.Product.ServerChart, context, n.item(c.Name, valuesFile)), n.licensed())
	if p.Management.Agent && !p.Product.OneChart() {
		n.line("%s", n.helm(p.Product.AgentChart, context, n.item(c.Name, agentValuesFile)))
	}
}

// restarts handles workloads that read what was issued only at start.
func (n *next) restarts() {
	done := map[string]bool{}
	for _, s := range n.change.Steps {
		if s.Role == pki.Root && n.plan.Rotation.Phase != "" {
			continue // the runbook covers it
		}
		for _, w := range s.Restarts {
			if len(w.Clusters) > Named {
				n.say("restart %s in %d clusters, with relayform apply --restart", cmp.Or(w.Deployment, w.DaemonSet), len(w.Clusters))
				continue
			}
			for _, cluster := range w.Clusters {
				if key := cluster + "/" + w.Resource(); !done[key] {
					done[key] = true
					n.line("%s", n.restart(shell.Word(n.plan.Context(cluster)), w.Resource()))
				}
			}
		}
	}
}

// few returns the first items of a list, and sums up the others in one line.
func few[T any](n *next, all []T, what string) []T {
	if len(all) > Named {
		n.say("%d clusters are %s; the first %d:", len(all), what, Named)
		return all[:Named]
	}
	return all
}
