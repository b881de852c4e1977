package compiler

import "testing"

// TestEveryOverlayIsProvedWhereAsked measures the work of a check, with 60 identical clusters. All overlays are built only if asked for.
func TestEveryOverlayIsProvedWhereAsked(t *testing.T) {
	c := newCounted(t, 60)
	c.compile(t)
	work := func(all bool) float64 {
		objects, _ := allocated(t, func() error {
			_, err := Compile(c.project, Env{Now: fixtureTime}, Options{Check: true, ProveAll: all})
			return err
		})
		return objects
	}
	if one, all := work(false), work(true); all < 3*one {
		t.Errorf("to prove all of them makes %.0f objects, and one of those that are alike %.0f", all, one)
	}
}
