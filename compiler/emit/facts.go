package emit

import (
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// certificates are what a role's file holds: every anchor, or the newest of the others; nothing of a role that
// the product does not have.
func (e *emitter) certificates(role pki.Role) []lockfile.Certificate {
	newest := e.lock.Newest(role)
	switch {
	case newest == nil || !e.plan.Product.Has(role):
		return nil
	case role == pki.Root:
		return e.lock.All(pki.Root)
	}
	return []lockfile.Certificate{*newest}
}

// Facts is a certificate in words, a few lines.
func Facts(c lockfile.Certificate) []string {
	lines := []string{
		fmt.Sprintf("%s %d: %s, %s, %s", c.Role, c.Generation, c.Subject, c.Algorithm, c.Source),
		fmt.Sprintf("  valid %s to %s", c.NotBefore, c.NotAfter),
		fmt.Sprintf("  serial %s, sha256 %s", c.Serial, c.SHA256),
	}
	if c.Issuer != c.Subject {
		lines = slices.Insert(lines, 1, "  issued by "+c.Issuer)
	}
	if len(c.SANs) > 0 {
		lines = append(lines, "  SANs "+strings.Join(c.SANs, ", "))
	}
	for i := range lines {
		lines[i] = diag.Printable(lines[i])
	}
	return lines
}
