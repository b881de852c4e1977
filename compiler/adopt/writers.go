package adopt

import (
	"strings"

	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/shell"
)

// Annotations and labels that say who writes a Secret.
const (
	certManager   = "cert-manager.io/certificate-name"
	helmRelease   = "meta.helm.sh/release-name"
	helmKeeps     = "helm.sh/resource-policy"
	sealedSecrets = "SealedSecret"
	operator      = "ExternalSecret"
)

// writers reports who else writes a Secret: each would revert relayform's changes, or remove the Secret.
func (f *finder) writers(c *Cluster, s *Secret) {
	where := s.At + ": Secret " + s.Name
	if of := s.Annotations[certManager]; of != "" {
		f.fault(where, "adopt takes over certificates with their keys, and of cert-manager's it needs none: write a topology with pki.certManager, whose ca is the root in Secrets' ca.crt and whose issuer that of the Certificate (relayform init, then relayform compile); or take the Certificate away (the Secret stays, with its keys), and cert-manager's annotations with it, then adopt", "cert-manager's Certificate %s writes it", of)
		return
	}
	for _, owner := range s.Owners {
		if kind, _, _ := strings.Cut(owner, "/"); kind == sealedSecrets || kind == operator {
			f.warnIn(c.Name, "%s writes Secret %s, too; before the first apply remove that and keep the Secret: kubectl --context CONTEXT --namespace %s delete --cascade=orphan %s", owner, s.Name, f.mesh.Namespace, shell.Word(strings.ToLower(owner)))
		}
	}
	if engine := engineOf(s); engine != "" && s.Labels[manifest.ManagedByLabel] != manifest.ManagedBy {
		f.warnIn(c.Name, "%s keeps Secret %s as git has it; before the first apply take the Secret out there, with pruning off for it, else both write it", engine, s.Name)
	}
	if release := s.Annotations[helmRelease]; release != "" && s.Annotations[helmKeeps] != "keep" {
		f.warnIn(c.Name, "Helm made Secret %s, and an upgrade with relayform's values would delete it; before that: kubectl --context CONTEXT --namespace %s annotate secret %s %s=keep", s.Name, f.mesh.Namespace, s.Name, helmKeeps)
	}
}

// engineOf returns the GitOps engine that manages a Secret; may be empty.
func engineOf(s *Secret) string {
	switch {
	case s.Labels["kustomize.toolkit.fluxcd.io/name"] != "":
		return "Flux's Kustomization " + s.Labels["kustomize.toolkit.fluxcd.io/name"]
	case s.Annotations["argocd.argoproj.io/tracking-id"] != "":
		application, _, _ := strings.Cut(s.Annotations["argocd.argoproj.io/tracking-id"], ":")
		return "Argo CD's Application " + application
	case s.Labels["argocd.argoproj.io/instance"] != "":
		return "Argo CD's Application " + s.Labels["argocd.argoproj.io/instance"]
	}
	return ""
}

// strangers reports objects of the relay in the wrong place.
func (f *finder) strangers() {
	for i := range f.mesh.Remotes {
		c := &f.mesh.Remotes[i]
		for _, role := range []pki.Role{pki.Server, pki.Signing} {
			if s := c.Secret(role); s != nil {
				f.warnIn(c.Name, "Secret %s belongs only on the management cluster, and others know its private key; relayform does not touch it there: delete it, and replace the certificate", s.Name)
			}
		}
	}
}
