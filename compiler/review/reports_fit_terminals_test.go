package review_test

import (
	"strings"
	"testing"

	"relayform/compiler/review"
	"relayform/schema/diag"
)

// TestReviewsFitTerminals writes a report at many widths: no line is too long, except for one long word, and no word is lost.
func TestReviewsFitTerminals(t *testing.T) {
	before, after := stateOf(t, "HEAD", 0), stateOf(t, "now", 2)
	r := review.Review(&before, after, "topology.yaml", noon)
	r.Mesh = append(r.Mesh, strings.Repeat("long ", 40)+"change")
	words := func(width int) string {
		var b strings.Builder
		if err := r.WriteText(&b, diag.Screen{Width: width}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			line = strings.TrimSuffix(line, "\n")
			if width > 0 && diag.Columns(line) > width && len(strings.Fields(line)) > 1 {
				t.Errorf("wider than %d: %s", width, line)
			}
		}
		return strings.Join(strings.Fields(b.String()), " ")
	}
	plain := words(0)
	if !strings.Contains(plain, "phase-skipped") || !strings.Contains(plain, "to do") {
		t.Errorf("the report says too little: %s", plain)
	}
	for _, width := range []int{60, 80, 100, 120, 200} {
		if words(width) != plain {
			t.Errorf("at %d columns other words are told", width)
		}
	}
}
