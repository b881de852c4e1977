package lockfile

import (
	"fmt"

	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/diag"
)

// Limits of a lockfile: each certificate is parsed, and each root may be tried for each of the others.
const (
	MaxEntries = 10_000
	MaxRoots   = 2 * pki.MaxCertificates // of two PKIs, during a rotation
)

// count refuses more certificates than the limits allow.
func count(doc *schema.Document, raw *schema.Lock) error {
	entries := raw.Certificates
	if raw.Rotation != nil {
		entries = append(entries[:len(entries):len(entries)], raw.Rotation.Aside...)
	}
	roots := 0
	for _, e := range entries {
		if pki.Role(e.Role) == pki.Root {
			roots++
		}
	}
	message := ""
	switch {
	case len(entries) > MaxEntries:
		message = fmt.Sprintf("%d certificates; the limit is %d", len(entries), MaxEntries)
	case roots > MaxRoots:
		message = fmt.Sprintf("%d roots; the limit is %d", roots, MaxRoots)
	default:
		return nil
	}
	return diag.List{doc.FaultAtKey([]string{"certificates"}, diag.LimitExceeded.Fault(message, restoreHint))}
}

// maxTold is the maximum length of a quoted lockfile value in a fault, in bytes.
const maxTold = 1024

// told quotes values, shortened to a readable length.
func told(v any) string {
	text := fmt.Sprintf("%.1024q", v)
	if len(text) > maxTold {
		return diag.Shorten(text)
	}
	return text
}
