package emit

import (
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/delivery"
	"relayform/compiler/pki"
	"relayform/compiler/shell"
)

// store writes what a store of private values needs before the overlays are applied.
func (r *runbook) store() {
	switch p := r.plan; {
	case !p.Product.Private():
	case p.ExternalSecrets != nil:
		r.push()
	case p.Sops != nil && p.Deliver != nil: // see identities
	case p.Sops != nil:
		r.step("Check that private values can be decrypted")
		r.printf("Secrets whose files end in %s are encrypted with SOPS; an API server refuses them as they are. The commands below decrypt them in memory.\n", delivery.SopsSuffix)
		r.printf("Flux decrypts them by itself, with the cluster's age identity in a Secret whose key ends in .agekey. Its Kustomization needs:\n\n")
		r.printf("```yaml\nspec:\n  decryption:\n    provider: sops\n    secretRef: {name: sops-age}\n```\n\n")
		r.printf("Argo CD does not support SOPS, and its authors advise against decryption while manifests are generated: use sealedSecrets or externalSecrets instead. The KSOPS plugin, if installed, reads the same files.\n")
	case p.SealedSecrets != nil:
		r.step("Check that the controllers are installed")
		r.printf("Each cluster needs the Sealed Secrets controller, with the key for which its values are encrypted. It creates the Secrets; kubectl and GitOps engines apply the SealedSecrets as they are.\n")
		r.printf("To encrypt for a controller's newer certificate, put it into the file that the topology names, and run `%s`. This is optional: old keys still decrypt.\n", r.relayform("renew --reseal --file"))
	}
}

// push uploads private values to where the clusters fetch them from.
func (r *runbook) push() {
	from := r.plan.ExternalSecrets
	r.step("Write private values into the external store")
	r.printf("Each cluster needs the External Secrets Operator (external-secrets.io/v1), and the %s %s, which must be able to read below `%s`.\n", from.Store.Kind, from.Store.Name, from.Path)
	if from.Provider == "" {
		r.printf("Write each of these into the store, with the file's content under `%s`:\n\n", delivery.Property)
		entries := delivery.Entries(r.plan, r.lock)
		for i, e := range entries {
			if n := len(entries) - i; i >= RunbookRemotes && n > 1 {
				r.printf("- and %d more: `%s` prints a command for each\n", n, r.relayform("push --print --provider PROVIDER"))
				break
			}
			r.printf("- `%s`: %s, %s\n", e.Key, e.What, e.File)
		}
		return
	}
	r.printf("Existing values stay.\n\n")
	r.sh("%s", r.relayform("push"))
}

// apply returns the command that applies a cluster's overlay.
func (r *runbook) apply(cluster, context string) string {
	if r.plan.Sops != nil {
		return fmt.Sprintf("relayform render %s --file %s%s | kubectl --context %s apply -f -", cluster, shell.Path(r.at.Topology), r.at.Flags, context)
	}
	return fmt.Sprintf("kubectl --context %s apply -k %s", context, r.file(cluster))
}

// moving says how to migrate clusters whose Secrets come from a different store. Each Secret changes its owner once, and nothing may delete
// it in between.
func (r *runbook) moving() {
	p := r.plan
	if p.Local() && p.CertManager == nil {
		return
	}
	secrets, sealed := map[bool][]string{}, map[string]bool{} // secrets by whether remotes have them, and those that the store provides
	for _, role := range p.Product.Roles {
		if role.Role != pki.Root {
			secrets[role.Agents] = append(secrets[role.Agents], role.Secret)
			sealed[role.Secret] = !role.Issued
		}
	}
	management := append(secrets[false], secrets[true]...)
	if client := p.Product.Secret(pki.Agent); !p.Management.Agent {
		management = slices.DeleteFunc(management, func(name string) bool { return name == client })
	}
	each := func(command func(context string, names []string) string) {
		r.sh("%s", command(shell.Word(p.Management.Context), management))
		if len(p.Remotes) > 0 && len(secrets[true]) > 0 {
			r.printf("\n")
			r.each(func(_, context string) string { return command(context, secrets[true]) })
		}
	}
	r.step("Only if another store created these Secrets")
	r.printf("The Secrets leave the overlay before their new owner takes them over, so the first commit with this store must not prune anything. ")
	r.printf("%s\n", r.noPrune())
	r.printf("If an operator created the Secrets, delete its objects and keep the Secrets. For SealedSecrets (for ExternalSecrets, use that kind):\n\n")
	each(func(context string, names []string) string {
		return fmt.Sprintf("kubectl --context %s --namespace %s delete sealedsecrets --cascade=orphan --ignore-not-found %s", context, p.Namespace, strings.Join(names, " "))
	})
	if p.SealedSecrets != nil && p.Product.Private() {
		r.printf("\nThe controller takes over only marked Secrets, and checks only once: mark them before you apply.\n\n")
		each(func(context string, names []string) string {
			names = slices.DeleteFunc(slices.Clone(names), func(name string) bool { return !sealed[name] })
			return fmt.Sprintf("kubectl --context %s --namespace %s annotate --overwrite secrets %s sealedsecrets.bitnami.com/managed=true", context, p.Namespace, strings.Join(names, " "))
		})
	}
	if d := p.Deliver; d != nil {
		r.printf("\nThen let %s continue, and check that `%s` finds no error.\n", d.Engine(), r.relayform("verify --live"))
		return
	}
	r.printf("\nApply, check that `%s` finds no error, and switch pruning on again.\n", r.relayform("verify --live"))
}

// noPrune says how to prevent pruning of a Secret that changes its owner.
func (r *runbook) noPrune() string {
	d := r.plan.Deliver
	switch {
	case d == nil:
		return "Flux: set `spec.prune: false` in the Kustomization. Argo CD: set the sync option Prune=false. relayform apply: omit --prune."
	case d.Flux != nil:
		return "First exclude the old Secrets in each cluster from pruning, with the annotation kustomize.toolkit.fluxcd.io/prune: disabled. Or suspend the Kustomizations, and apply the first commit with relayform apply, without --prune."
	}
	return "First exclude the old Secrets in each cluster from pruning, with the annotation argocd.argoproj.io/sync-options: Prune=false. Or switch automated sync off, and apply the first commit with relayform apply, without --prune."
}
