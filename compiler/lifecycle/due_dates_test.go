package lifecycle

import (
	"testing"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/product"
)

// TestDueDatesLeaveTimeForWhatIsSigned checks the due date of each role with validities of every length: too late cuts off what is below,
// too early raises needless alarms.
func TestDueDatesLeaveTimeForWhatIsSigned(t *testing.T) {
	from := time.Date(2026, 11, 20, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		role pki.Role
		life int // days
		want int // days before expiry
	}{
		{pki.Server, 398, 0}, {pki.Server, 90, 0}, // nothing is below it
		{pki.Signing, 1095, 396}, {pki.Signing, 793, 396}, {pki.Signing, 792, 396}, {pki.Signing, 791, 263}, {pki.Signing, 700, 233}, {pki.Signing, 396, 132}, {pki.Signing, 90, 30},
		{pki.Root, 3650, 730}, {pki.Root, 1461, 730}, {pki.Root, 1460, 730}, {pki.Root, 1459, 486}, {pki.Root, 730, 243},
	} {
		until := from.Add(time.Duration(c.life) * 24 * time.Hour)
		got := int(until.Sub(Due(product.Profiles[0].Role(c.role), from, until)) / (24 * time.Hour))
		if got != c.want {
			t.Errorf("%s of %d days: due %d days before its end, want %d", c.role, c.life, got, c.want)
		}
	}
}
