package emit

import (
	"fmt"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/shell"
	"relayform/schema"
)

// issuers lists what each cluster needs before its Certificates can be issued.
func (r *runbook) issuers() {
	p := r.plan
	if p.CertManager == nil {
		return
	}
	r.step("Check that cert-manager and its issuers are installed")
	r.printf("cert-manager creates these Secrets in each cluster that needs them: %s. Their private keys never leave the cluster. Each such cluster needs cert-manager (cert-manager.io/v1) and its issuer.", strings.Join(p.Product.Issued(), ", "))
	r.printf(" An issuer of a namespaced kind, such as Issuer, must be in the namespace %s.\n", p.Namespace)
	if p.CertManager.Signing != nil {
		r.printf("The issuer of the signing CA must sign CAs; with Vault, its path ends in sign-intermediate.\n")
	}
	r.printf("Every issuer must chain to a root in `%s`: clusters trust only these, and nothing checks this before cert-manager has issued.\n\n", p.CertManager.CA)
	m := p.Management
	seen := map[schema.Issuer]bool{}
	var all []string
	for _, role := range p.Product.Roles {
		if from := p.CertManager.Issuer(role.Role, m.Name); role.Issued && (!role.Own || m.Agent) && !seen[from] {
			seen[from], all = true, append(all, r.getIssuer(from, shell.Word(m.Context)))
		}
	}
	r.sh("%s", strings.Join(all, "\n"))
	if p.Product.Has(pki.Agent) && len(p.Remotes) > 0 {
		r.each(func(cluster, context string) string {
			return r.getIssuer(p.CertManager.Issuer(pki.Agent, cluster), context)
		})
		if len(p.Remotes) > RunbookRemotes && p.CertManager.Single() {
			r.printf("\nThe clusters in pki.certManager.issuers have other issuers.\n")
		}
	}
}

func (r *runbook) getIssuer(i schema.Issuer, context string) string {
	return fmt.Sprintf("kubectl --context %s --namespace %s get %s.%s %s", context, r.plan.Namespace, strings.ToLower(i.Kind), i.Group, i.Name)
}

// certificates returns the command that waits until cert-manager has issued a cluster's certificates; empty if there are none.
func (r *runbook) certificates(management bool, context string) string {
	var names []string
	for _, role := range r.plan.Product.Roles {
		if role.Issued && (management && (!role.Own || r.plan.Management.Agent) || !management && role.Own) {
			names = append(names, role.Secret)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return fmt.Sprintf("kubectl --context %s --namespace %s wait %s %s --for=condition=Ready --timeout=5m", context, r.plan.Namespace, manifest.Certificate, strings.Join(names, " "))
}

// awaited returns a command, followed by the wait for what cert-manager issues in the cluster.
func (r *runbook) awaited(management bool, context, command string) string {
	if wait := r.certificates(management, context); wait != "" {
		return command + "\n" + wait
	}
	return command
}

// reissued returns the commands that have cert-manager reissue a cluster's certificates of a role after its issuer's CA changed.
func (r *runbook) reissued(role pki.Role, context string) string {
	secret := r.plan.Product.Secret(role)
	return fmt.Sprintf("cmctl renew --context %s --namespace %s %s\n%s", context, r.plan.Namespace, secret,
		fmt.Sprintf("kubectl --context %s --namespace %s wait %s %s --for=condition=Ready --timeout=5m", context, r.plan.Namespace, manifest.Certificate, secret))
}

const withoutCmctl = "Without cmctl: `kubectl --subresource=status patch certificate NAME --type=merge --patch '{\"status\":{\"conditions\":[{\"type\":\"Issuing\",\"status\":\"True\",\"reason\":\"ManuallyTriggered\",\"lastTransitionTime\":\"'$(date -u +%Y-%m-%dT%H:%M:%SZ)'\"}]}}'` does the same.\n"

// rotationOfIssuers says what happens to the issuers in this phase.
func (r *runbook) rotationOfIssuers() {
	p := r.plan
	if p.CertManager == nil {
		return
	}
	m, source := p.Management, strings.Join(p.Source(), ".")
	switch r.lock.Phase() {
	case lockfile.Distribute:
		r.printf("\nDo not change issuers in this phase: they issue under the old root. In the next phase, name the relay server's new issuer as `%s.issuer`", source)
		if p.Product.Has(pki.Agent) {
			r.printf(", and the old one as `%s.agentIssuer` until the phase drain", source)
		}
		r.printf("; or replace the CA of the old issuer in the management cluster.\n")
	case lockfile.Issue:
		r.printf("\nIf the topology names a new issuer, cert-manager reissues by itself. If the issuer is the same but has a new CA, ask cert-manager to reissue:\n\n")
		if p.CertManager.Signing != nil {
			r.sh("%s", r.reissued(pki.Signing, shell.Word(m.Context)))
		}
		r.sh("%s", r.reissued(pki.Server, shell.Word(m.Context)))
		r.printf("\n%s", withoutCmctl)
		r.printf("\nBeside the certificate, cert-manager writes ca.crt as the issuer reports it: only the new root. So the relay server must verify agents by %s, which has both roots: check that agents reconnect before you continue.\n", p.Product.Secret(pki.Root))
	case lockfile.Drain:
		r.printf("\nIn this phase the topology no longer names an old issuer, neither as `%s.agentIssuer` nor for single clusters. If an issuer is the same but has a new CA, ask cert-manager to reissue, then restart the agents:\n\n", source)
		r.eachAgent(func(context string) string {
			return r.reissued(pki.Agent, context) + "\n" + r.restart(context, manifest.Deployment(p.Product.AgentDeployment))
		})
	}
}

// renewals says what remains to be done after cert-manager renews: workloads that read a certificate only at start keep using the old one.
func (r *runbook) renewals() {
	p := r.plan
	if p.CertManager == nil {
		return
	}
	lasts, what, who := p.CertManager.Lasts, "agents read their certificates", p.Product.AgentDeployment
	if p.CertManager.Signing != nil {
		lasts, what, who = *p.CertManager.Signing, "the relay server reads the signing CA", p.Product.Service
	}
	r.printf("\ncert-manager renews by itself, %s before the end. But %s only at start: restart deployment/%s within that time after each renewal. `%s` does so if it is still needed.\n",
		plan.Hours(lasts.RenewBefore), what, who, r.relayform("apply --restart"))
}
