package adopt

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// rootBegins is the beginning of the common name of relayform's roots.
const rootBegins = "relay root g"

// roles determines whether relayform itself issued the certificates, under a root whose private key is in the key store: then they continue
// unchanged. All others belong to an external PKI.
func (f *finder) roles() {
	t := &f.mesh.Trust
	if len(t.Anchors) != 1 || len(t.More) > 0 {
		if slices.ContainsFunc(t.Anchors, func(c *x509.Certificate) bool { return strings.HasPrefix(c.Subject.CommonName, rootBegins) }) {
			f.note("relayform issued one of several roots: adopt uses pki.external for all of them")
		}
		return
	}
	root := t.Anchors[0]
	organisation := root.Subject.Organization
	if len(organisation) != 1 || !strings.HasPrefix(root.Subject.CommonName, rootBegins) {
		return
	}
	own := map[pki.Role]lockfile.Certificate{}
	for _, role := range pki.Roles {
		chain := t.Chains[role]
		if role == pki.Root {
			chain = t.Anchors
		}
		if len(chain) == 0 && !f.mesh.Product.Has(role) {
			continue
		}
		c, ok := issued(role, chain, organisation[0], root)
		if !ok {
			f.note("relayform issued the root, but not the %s certificate: adopt uses pki.external", role)
			return
		}
		own[role] = c
	}
	spki := pki.KeyOf(root)
	if _, here := t.Keys[spki]; !here && !f.hasKey(organisation[0], spki) {
		f.warn("relayform issued these certificates for the topology %s, but the root's private key is not in the key store: adopt uses pki.external. To keep pki.selfSigned, name the folder that has the key: --keys FOLDER", organisation[0])
		return
	}
	if f.answers.Name != "" && f.answers.Name != organisation[0] {
		f.fault("--name "+f.answers.Name, "leave --name out", "the certificates contain the name of their topology, %s", organisation[0])
		return
	}
	f.mesh.Name, t.Own = organisation[0], own
	f.note("relayform issued these certificates, and the root's private key is there: they stay pki.selfSigned")
}

// issued returns a certificate as it was in the lockfile; false if relayform did not issue it.
func issued(role pki.Role, chain []*x509.Certificate, organisation string, root *x509.Certificate) (lockfile.Certificate, bool) {
	if len(chain) != 1 {
		return lockfile.Certificate{}, false
	}
	c := chain[0]
	generation := 0
	_, counted, _ := strings.Cut(c.Subject.CommonName, " g")
	if _, err := fmt.Sscanf(counted, "%d ", &generation); err != nil || generation < 1 || pki.FindMisfit(role, c, organisation, generation) != nil || !pki.Issued(c, root) {
		return lockfile.Certificate{}, false
	}
	validity := pki.ValidityOf(c, root, min(usual[role], pki.ValidityOf(root, root, 0))) // no topology asks for more than the root's
	return lockfile.NewCertificate(role, generation, lockfile.SelfSigned, validity, c), pki.Lasts(c, root, validity)
}

// usual are the default validities of a topology.
var usual = map[pki.Role]time.Duration{pki.Root: 87600 * time.Hour, pki.Signing: 26280 * time.Hour, pki.Server: 9552 * time.Hour}

// validity returns the topology line for validities other than the defaults; empty if there are none.
func validity(own map[pki.Role]lockfile.Certificate) string {
	var parts []string
	for _, role := range pki.Roles {
		if c, ok := own[role]; ok && c.Validity != usual[role] {
			parts = append(parts, fmt.Sprintf("%s: %dh", role, int64(c.Validity/time.Hour)))
		}
	}
	slices.Sort(parts)
	return strings.Join(parts, ", ")
}
