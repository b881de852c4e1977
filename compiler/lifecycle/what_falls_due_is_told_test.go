package lifecycle_test

import (
	"slices"
	"testing"
	"time"

	"relayform/compiler/lifecycle"
)

var at = time.Date(2026, 12, 1, 12, 0, 0, 0, time.UTC)

// in returns a certificate in a state that is due that many days after at.
func in(state string, days int) lifecycle.Certificate {
	due := at.AddDate(0, 0, days)
	return lifecycle.Certificate{
		Role: "root", Generation: days, State: state, Source: "selfSigned", Algorithm: "ECDSA P-256", Subject: "CN=root", SHA256: "ab",
		NotBefore: due.AddDate(-2, 0, 0), NotAfter: due.AddDate(1, 0, 0), Due: due, DaysLeft: days + 365, RenewedBy: "relayform renew root", Key: "here",
	}
}

// TestWhatFallsDueIsTold counts what is due within a duration. A certificate that is leaving or set aside would fail every job until it is
// gone; one left out would expire unnoticed.
func TestWhatFallsDueIsTold(t *testing.T) {
	r := lifecycle.Report{At: at, Certificates: []lifecycle.Certificate{
		in(lifecycle.InForce, -1), in(lifecycle.InForce, 29), in(lifecycle.InForce, 30), in(lifecycle.InForce, 31), in(lifecycle.Joining, 5), in(lifecycle.Leaving, -2), in(lifecycle.Aside, -3),
	}}
	for days, want := range map[int][]int{0: {-1}, 30: {-1, 29, 5}, 31: {-1, 29, 30, 5}, 365: {-1, 29, 30, 31, 5}} {
		var got []int
		for _, c := range r.DueWithin(time.Duration(days) * 24 * time.Hour) {
			got = append(got, c.Generation)
		}
		if !slices.Equal(got, want) {
			t.Errorf("within %d days: %v, want %v", days, got, want)
		}
	}
}
