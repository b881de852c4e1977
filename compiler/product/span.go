package product

import (
	"fmt"
	"time"
)

const day = 24 * time.Hour

// year is the validity of agents' certificates issued by the relay server.
const year = 365 * day

// Soon is how long before its due date a certificate is renewed by default.
const Soon = 30 * day

// EarlyRoot returns how long before expiry a root is due, given the validity of agents' certificates: a rotation lasts as long as these,
// and nothing outlives its root.
func EarlyRoot(agents time.Duration) time.Duration { return 2 * agents }

// EarlySigning returns how long before expiry a signing CA is due: agents' certificates expire no later than their issuer.
func EarlySigning(agents time.Duration) time.Duration { return agents + 31*day }

// Span formats a duration for people.
func Span(d time.Duration) string {
	if d == year {
		return "a year"
	}
	return fmt.Sprintf("%d days", d/day)
}
