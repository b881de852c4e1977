package plan

import (
	"strings"
	"testing"

	"relayform/compiler/custom"
	"relayform/compiler/manifest"
	"relayform/schema"
)

// TestFleetsReachTheirLimitsAndNoFurther adds clusters up to exactly the limits that messages and README state: what fits is accepted, and
// the next byte or step is refused.
func TestFleetsReachTheirLimitsAndNoFurther(t *testing.T) {
	f := added{seen: map[string]bool{}}
	for range 16 {
		if fault := f.add(schema.Remote{}, []manifest.Patch{{Text: strings.Repeat("x", 16<<20)}}, custom.Cost{}); fault != nil {
			t.Fatal(fault)
		}
	}
	if f.patches != 256<<20 {
		t.Fatalf("%d bytes are counted", f.patches)
	}
	if fault := f.add(schema.Remote{}, []manifest.Patch{{Text: "x"}}, custom.Cost{}); fault == nil || !strings.Contains(fault.Message, "more than 256 MiB") {
		t.Errorf("a byte more: %+v", fault)
	}

	cost, fault := custom.Patch("p", "[{op: test}]", true)
	if fault != nil || cost.Steps() == 0 {
		t.Fatal(fault)
	}
	f = added{seen: map[string]bool{}, steps: 500_000_000 - cost.Steps()}
	if fault := f.add(schema.Remote{}, nil, cost); fault != nil || f.steps != 500_000_000 {
		t.Errorf("%d steps: %+v", f.steps, fault)
	}
	f = added{seen: map[string]bool{}, steps: 500_000_001 - cost.Steps()}
	if fault := f.add(schema.Remote{}, nil, cost); fault == nil || !strings.Contains(fault.Message, "more than 500 million steps") {
		t.Errorf("%d steps: %+v", f.steps, fault)
	}
}
