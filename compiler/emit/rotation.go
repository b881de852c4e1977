package emit

import (
	"fmt"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/shell"
)

// rotation writes the steps of the current phase of a root rotation. Each phase must be applied in every cluster before the next is
// compiled.
func (r *runbook) rotation() {
	l, p := r.lock, r.plan.Product
	if l.Rotation == nil {
		return
	}
	r.printf("\n## Now: the root is being rotated, phase %s\n\n", l.Phase())
	r.printf("| phase | what changes | where to apply it | what to restart |\n|---|---|---|---|\n")
	drain := []string{"agents get certificates under the new root", "nowhere", "agents, if you do not want to wait"}
	if r.plan.Product.Has(pki.Agent) {
		drain = []string{drain[0], "every cluster with an agent", "agents"}
	}
	roots, gateway, issued := "relay server and agents", "", []string{"server"}
	if p.Knows(pki.Signing) {
		issued = append(issued, "signing CA")
	}
	if p.Has(pki.Telemetry) {
		roots, gateway, issued = "relay server, telemetry gateway, agents and collectors", ", telemetry gateway", append(issued, "telemetry gateway")
	}
	for _, row := range [][]string{
		{string(lockfile.Distribute), "the new root joins every bundle", "every cluster", roots},
		{string(lockfile.Issue), comeFromTheNewRoot(issued), "the management cluster", "relay server" + hot(p) + gateway},
		append([]string{string(lockfile.Drain)}, drain...),
		{string(lockfile.Retire), "the old root leaves every bundle", "every cluster", roots},
	} {
		here := ""
		if row[0] == string(l.Phase()) {
			here = " (now)"
		}
		r.printf("| %s%s | %s | %s | %s |\n", row[0], here, row[1], row[2], row[3])
	}
	r.printf("\nNo cluster may be more than one phase behind another: finish this one everywhere before you compile the next.\n")
	switch l.Phase() {
	case lockfile.Distribute:
		r.change("Apply and restart, the management cluster first", "restart, the management cluster first")
		r.everywhere()
		r.rotationOfIssuers()
		r.check("every cluster trusts both roots")
		if l.Rotation.DrainUntil.IsZero() {
			r.next(lockfile.Issue, "remove `rotation` from the topology and compile: nothing was issued under the new root yet.")
		} else {
			r.next(lockfile.Issue, fmt.Sprintf("agents may hold certificates under the next root until %s. After that, remove `rotation` from the topology and compile. To do so earlier, first confirm that no agent holds one: compile with `agentsReissued: true`.", r.until()))
		}
	case lockfile.Issue:
		r.change("Apply to the management cluster and restart the relay server", "restart the relay server")
		r.management()
		if r.plan.BringsAgents() {
			r.printf("\nAgents keep their certificates from the old PKI. The next phase needs one from the new PKI for every agent, in the files of `pki.external.clients`; its compile names the clusters without one.\n")
		}
		r.rotationOfIssuers()
		r.check(map[bool]string{false: "the server and the signing CA chain to", true: "the server chains to"}[r.plan.Product.Has(pki.Agent)] + " the new root, and every agent is connected")
		if r.plan.CertManager != nil {
			r.next(lockfile.Drain, "set `phase: distribute`, name the old issuer again, compile, and repeat these steps. This is safe, as every bundle holds both roots.")
			return
		}
		r.next(lockfile.Drain, "set `phase: distribute`, compile, and repeat these steps: they restore the certificates under the old root. This is safe, as every bundle holds both roots. If those certificates have expired, the compile refuses.")
	case lockfile.Drain:
		if p.Has(pki.Agent) {
			r.change("Apply to every cluster with an agent, and restart the agents", "restart the agents")
			r.agentsEverywhere()
			r.rotationOfIssuers()
			r.check("every agent is connected, with a certificate under the new root")
			if !r.plan.GivesAgents() {
				r.next(lockfile.Retire, fmt.Sprintf("set `phase: issue`, name the old issuer again, compile, and repeat these steps. Before %s the compile refuses `phase: retire`, unless `agentsReissued: true` is beside it: set it once `%s` finds every agent under the new root.", r.until(), r.relayform("verify --live --before retire")))
				return
			}
			r.next(lockfile.Retire, "set `phase: issue`, compile, and repeat these steps: they restore the certificates under the old root.")
			return
		}
		if p.Has(pki.Signing) && p.ClientSecret != "" {
			r.printf("\nAgents that got their certificates before the phase issue keep them until %s at the latest. Either wait, or make each agent request a new one:\n\n", r.until())
			r.reissue()
			if signing := l.Newest(pki.Signing); signing != nil {
				r.printf("\nTo see the issuer of an agent's certificate, which should be `%s`:\n\n", signing.Subject)
				r.agentsIssuer()
			}
		}
		r.check("every agent is connected")
		r.next(lockfile.Retire, fmt.Sprintf("set `phase: issue`; nothing in the clusters changes. Before %s the compile refuses `phase: retire`, unless `agentsReissued: true` is beside it. The time counts from the compile of this phase, with which you confirm that the relay server runs with the new signing CA.", r.until()))
	case lockfile.Retire:
		r.change("Apply and restart, the remote clusters in any order", "restart, the remote clusters in any order")
		r.everywhere()
		r.check("no cluster trusts the old root any more, and every agent is connected")
		r.printf("\nThen: remove `rotation` from the topology, compile and commit; no overlay changes.\n")
		r.printf("\nTo go back: set `phase: drain`, compile, %s, restart. Once `rotation` is removed from the topology, this is no longer possible: relayform has forgotten the old root, and a return to it is a new rotation.\n", r.deliverWords())
	}
}

// hot says what the relay server reloads, if it reloads only its own certificate.
func hot(p product.Profile) string {
	if p.Role(pki.Server).RestartServer || !p.Role(pki.Signing).RestartServer {
		return ""
	}
	return " (it reloads its own certificate, but not the signing CA)"
}

// until returns the day on which the last certificate under the other root expires.
func (r *runbook) until() string { return pki.Day(r.lock.Rotation.DrainUntil) }

func (r *runbook) next(phase lockfile.Phase, back string) {
	rotation := strings.Join(append(r.plan.Source(), "rotation", "phase"), ".")
	r.printf("\nThen: set `%s: %s`, compile and review.\n\nTo go back: %s\n", rotation, phase, back)
}

func (r *runbook) check(wanted string) {
	r.printf("\nCheck that %s:\n\n", wanted)
	r.sh("%s", r.relayform("verify --live"))
}

// change says to apply and restart something, or to let the engine apply it first.
func (r *runbook) change(apply, restart string) {
	if d := r.plan.Deliver; d != nil {
		apply = "Commit and push. Once " + d.Engine() + " has applied it everywhere, " + restart
	}
	r.printf("\n%s:\n\n", apply)
}

// deliverWords says how a change gets to every cluster.
func (r *runbook) deliverWords() string {
	if d := r.plan.Deliver; d != nil {
		return "commit and push, wait until " + d.Engine() + " has applied it everywhere"
	}
	return "apply to every cluster"
}

// applyFirst returns the command that applies an overlay before another command; empty if an engine does it.
func (r *runbook) applyFirst(cluster, context string) string {
	if r.plan.Deliver != nil {
		return ""
	}
	return r.awaited(cluster == r.plan.Management.Name, context, r.apply(cluster, context)) + "\n"
}

// management applies the management cluster's overlay and restarts the relay server and, if there is one, the telemetry gateway.
func (r *runbook) management() {
	m, p := r.plan.Management, r.plan.Product
	context := shell.Word(m.Context)
	text := r.applyFirst(m.Name, context) + r.restart(context, manifest.Deployment(p.Service))
	if p.Has(pki.Telemetry) {
		text += "\n" + r.restart(context, manifest.Deployment(p.Telemetry.Gateway))
	}
	r.sh("%s", text)
}

// everywhere applies every overlay and restarts the workloads that read it.
func (r *runbook) everywhere() {
	p := r.plan
	r.management()
	if p.Management.Agent {
		r.sh("%s", r.beside(shell.Word(p.Management.Context)))
	}
	r.each(func(cluster, context string) string {
		return r.applyFirst(cluster, context) + r.beside(context)
	})
}

// beside restarts the workloads that read the roots in a cluster with an agent: the agent and, if there is one, the collector.
func (r *runbook) beside(context string) string {
	p := r.plan.Product
	text := r.restart(context, manifest.Deployment(p.AgentDeployment))
	if p.Has(pki.Telemetry) {
		text += "\n" + r.restart(context, manifest.DaemonSet(p.Telemetry.Collector))
	}
	return text
}

// agentsEverywhere applies the overlay of every cluster with an agent, and restarts the agent.
func (r *runbook) agentsEverywhere() {
	if m := r.plan.Management; m.Agent {
		context := shell.Word(m.Context)
		r.sh("%s%s", r.applyFirst(m.Name, context), r.restart(context, manifest.Deployment(r.plan.Product.AgentDeployment)))
	}
	r.each(func(cluster, context string) string {
		return r.applyFirst(cluster, context) + r.restart(context, manifest.Deployment(r.plan.Product.AgentDeployment))
	})
}

// reissue deletes agents' certificates, so that they request new ones as at first contact.
func (r *runbook) reissue() {
	r.eachAgent(func(context string) string {
		return fmt.Sprintf("kubectl --context %s --namespace %s delete secret %s", context, r.plan.Namespace, r.plan.Product.ClientSecret) +
			"\n" + r.restart(context, manifest.Deployment(r.plan.Product.AgentDeployment))
	})
}

func (r *runbook) agentsIssuer() {
	r.eachAgent(func(context string) string {
		return fmt.Sprintf("kubectl --context %s --namespace %s get secret %s --output jsonpath='{.data.%s}' | base64 -d | openssl x509 -noout -issuer -nameopt RFC2253",
			context, r.plan.Namespace, r.plan.Product.ClientSecret, strings.ReplaceAll(r.plan.Product.Keys.Cert, ".", `\.`))
	})
}

func (r *runbook) eachAgent(command func(context string) string) {
	if m := r.plan.Management; m.Agent {
		r.sh("%s", command(shell.Word(m.Context)))
	}
	r.each(func(_, context string) string { return command(context) })
}

func (r *runbook) restart(context, workload string) string {
	return fmt.Sprintf("kubectl --context %[1]s --namespace %[2]s rollout restart %[3]s\nkubectl --context %[1]s --namespace %[2]s rollout status %[3]s", context, r.plan.Namespace, workload)
}

// comeFromTheNewRoot says which certificates come from the new root.
func comeFromTheNewRoot(of []string) string {
	if len(of) == 1 {
		return "the " + of[0] + " comes from the new root"
	}
	return strings.Join(of[:len(of)-1], ", ") + " and " + of[len(of)-1] + " come from the new root"
}
