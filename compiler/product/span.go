package product

import (
	"fmt"
	"time"
)

const day = 24 * time.Hour

// year is how long the relay's agents hold a certificate.
const year = 365 * day

// Soon is how long before it is due a certificate is renewed, where nobody says another time.
const Soon = 30 * day

// EarlyRoot is how long before its end a root is due, by how long agents' certificates last: a rotation takes these
// their whole life, and nothing outlives its root.
func EarlyRoot(agents time.Duration) time.Duration { return 2 * agents }

// EarlySigning is how long before its end a signing CA is due: agents' certificates end with what signed them.
func EarlySigning(agents time.Duration) time.Duration { return agents + 31*day }

// Span is a time in words.
func Span(d time.Duration) string {
	if d == year {
		return "a year"
	}
	return fmt.Sprintf("%d days", d/day)
}
