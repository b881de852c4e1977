package compiler

import (
	"strings"
	"testing"
)

// TestSpansMayBeRespelled writes the same validity in other units: nothing is reissued, and no byte changes.
func TestSpansMayBeRespelled(t *testing.T) {
	s := newTestProject(t)
	lasting := func(validity string) string {
		return strings.Replace(own(""), "selfSigned: {", "selfSigned: {validity: "+validity+", ", 1)
	}
	s.compile(lasting("{root: 87600h, signing: 26280h, server: 9552h}"))
	before := s.all()
	for _, validity := range []string{"{root: 10y, signing: 3y, server: 398d}", "{root: 3650d, signing: 1095d, server: 9552h}"} {
		r := s.compile(lasting(validity))
		if len(r.Issued) > 0 || !r.Changes.None() {
			t.Errorf("%s: issued %v, changed %v", validity, r.Issued, r.Changes)
		}
		for name, text := range s.all() {
			if before[name] != text && name != "topology.yaml" {
				t.Errorf("%s: %s changed", validity, name)
			}
		}
	}
	if r := s.compile(lasting("{root: 10y, signing: 3y, server: 397d}")); len(r.Issued) != 1 {
		t.Errorf("a day less: issued %v, want the server's alone", r.Issued)
	}
}
