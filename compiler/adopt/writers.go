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

// writers reports who else writes a cluster's Secrets: each would revert relayform's changes, or remove the Secrets. It reports a cause
// once, with all Secrets that it affects.
func (f *finder) writers(c *Cluster) {
	var issued, owned, released secretNames
	var certificates, owners []string
	var engines []sameIn // Secrets by engine
	for i := range c.Secrets {
		s := &c.Secrets[i]
		if f.agentsOwn(s) {
			continue
		}
		if of := s.Annotations[certManager]; of != "" {
			issued, certificates = append(issued, s.Name), append(certificates, of)
			continue
		}
		for _, owner := range s.Owners {
			if kind, _, _ := strings.Cut(owner, "/"); kind == sealedSecrets || kind == operator {
				owned, owners = append(owned, s.Name), append(owners, owner)
			}
		}
		if engine := engineOf(s); engine != "" && s.Labels[manifest.ManagedByLabel] != manifest.ManagedBy {
			engines = group(engines, engine, s.Name)
		}
		if s.Annotations[helmRelease] != "" && s.Annotations[helmKeeps] != "keep" {
			released = append(released, s.Name)
		}
	}
	run := "kubectl --context CONTEXT --namespace " + f.mesh.Namespace
	if len(issued) > 0 {
		f.fault(c.source.Name, "to keep cert-manager, write a topology with pki.certManager (begin with relayform init): ca is the root in the Secrets' ca.crt, issuer is that of the Certificate. Otherwise delete the Certificate, which keeps the Secret, and remove cert-manager's annotations from the Secret; then adopt",
			"cert-manager writes %s, from Certificate %s", issued, listed(certificates))
	}
	if len(owned) > 0 {
		f.warnIn(c.Name, "%s %s also written by %s. Before the first apply, delete what writes %s, and keep the Secret%s: %s delete --cascade=orphan %s", owned, owned.are(), listed(owners), owned.them(), owned.s(), run, words(owners))
	}
	for _, e := range engines {
		of := secretNames(e.clusters)
		f.warnIn(c.Name, "%s applies %s from git. Before the first apply, switch pruning off for %s there and remove %s from git; otherwise both write %s", e.text, of, of.them(), of.them(), of.them())
	}
	if len(released) > 0 {
		f.warnIn(c.Name, "Helm created %s: an upgrade with relayform's values would delete %s. Before that, run: %s annotate secret %s %s=keep", released, released.them(), run, strings.Join(released, " "), helmKeeps)
	}
}

// secretNames are the names of one or more Secrets, as the subject of a sentence.
type secretNames []string

func (n secretNames) String() string { return "Secret" + n.s() + " " + listed(n) }

func (n secretNames) s() string    { return n.number("", "s") }
func (n secretNames) are() string  { return n.number("is", "are") }
func (n secretNames) them() string { return n.number("it", "them") }

func (n secretNames) number(one, many string) string {
	if len(n) == 1 {
		return one
	}
	return many
}

// words returns objects, as KIND/NAME, as the words of a kubectl command.
func words(objects []string) string {
	var all []string
	for _, o := range objects {
		all = append(all, shell.Word(strings.ToLower(o)))
	}
	return strings.Join(all, " ")
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

// strangers reports Secrets of the management cluster in other clusters.
func (f *finder) strangers() {
	for i := range f.mesh.Remotes {
		c := &f.mesh.Remotes[i]
		var found secretNames
		for _, role := range []pki.Role{pki.Server, pki.Signing} {
			if s := c.Secret(role); s != nil {
				found = append(found, s.Name)
			}
		}
		if len(found) > 0 {
			f.warnIn(c.Name, "only the management cluster should hold %s: here, others may have read the private key%s. relayform does not touch %s here: delete %s, and replace the certificate%s", found, found.s(), found.them(), found.them(), found.s())
		}
	}
}
