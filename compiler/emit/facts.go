package emit

import (
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// certificates returns the certificates in a role's file: every anchor, or only the newest certificate of another role; none if the product
// does not have the role.
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

// Facts describes a certificate in a few lines.
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
