package compiler

import (
	"path/filepath"
	"testing"

	"relayform/compiler/project"
	"relayform/compiler/review"
)

// TestReviewKnowsWhichPhasesWorkTogether reviews every step in the story of a rotation, from each chapter to each: one phase forward or
// back cuts nobody off, and every other step is refused, like the real handshakes of TestNoClusterIsCutOff.
func TestReviewKnowsWhichPhasesWorkTogether(t *testing.T) {
	chapters := make([]project.Project, len(story))
	states := make([]review.State, len(story))
	for i, chapter := range story {
		s := newTestProject(t)
		from := filepath.Join("../fixtures/rotation/story", chapter.name)
		s.write("topology.yaml", read(t, filepath.Join(from, "topology.yaml")))
		s.write("topology.lock.yaml", read(t, filepath.Join(from, "topology.lock.yaml")))
		if _, err := Compile(s.project, s.env(), Options{Locked: true}); err != nil {
			t.Fatal(err)
		}
		var err error
		if states[i], err = ReviewNow(s.project, s.env(), chapter.name, func() ([]string, error) { return nil, nil }); err != nil {
			t.Fatal(err)
		}
		chapters[i] = s.project
	}
	// From 5-after there is no way back, as the old root is gone; nor from 4-retire to 0-before.
	safe := func(i, j int) bool { return i == j || j == i+1 || j == i-1 && i != len(story)-1 }
	for i := range chapters {
		before, err := ReviewThen(chapters[i], newTestProject(t).env(), story[i].name, states[i], nil)
		if err != nil || before == nil {
			t.Fatal(before, err)
		}
		for j := range states {
			r := review.Review(before, states[j], "topology.yaml", fixtureTime)
			if r.Breaks() == safe(i, j) {
				t.Errorf("%s → %s: breaks %v: %+v", story[i].name, story[j].name, r.Breaks(), r.Findings)
			}
			if i == j && !r.Nothing() {
				t.Errorf("%s → itself: %s", story[i].name, r.Summary())
			}
		}
	}
}
