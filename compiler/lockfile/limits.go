package lockfile

import (
	"fmt"

	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/diag"
)

// The limits of a lockfile: each certificate is parsed, and each root may be tried for each of the others.
const (
	MaxEntries = 10_000
	MaxRoots   = 2 * pki.MaxCertificates // those of two PKIs, while one takes the place of the other
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

// maxTold is how much of a value of the lockfile a fault quotes, in bytes.
const maxTold = 1024

// told is values in quotes, as far as a person reads them.
func told(v any) string {
	text := fmt.Sprintf("%.1024q", v)
	if len(text) > maxTold {
		return diag.Shorten(text)
	}
	return text
}
