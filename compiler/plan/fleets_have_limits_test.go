package plan

import (
	"fmt"
	"strings"
	"testing"

	"relayform/compiler/custom"
	"relayform/compiler/manifest"
	"relayform/schema"
)

// TestFleetsHaveLimits adds clusters until a limit is reached. The limit must be reported once, and clusters with the same patches count as
// one build.
func TestFleetsHaveLimits(t *testing.T) {
	big := []manifest.Patch{{Text: strings.Repeat("x", 1<<20)}}
	f := added{seen: map[string]bool{}}
	told := 0
	for range 1000 {
		if fault := f.add(schema.Remote{}, big, custom.Cost{}); fault != nil {
			told++
			if !strings.Contains(fault.Message, "256 MiB") {
				t.Error(fault)
			}
		}
	}
	if told != 1 {
		t.Errorf("the size of the patches is told %d times", told)
	}
	for _, c := range []struct {
		different bool
		want      int
	}{{false, 0}, {true, 1}} {
		f, told := added{seen: map[string]bool{}}, 0
		heavy, fault := custom.Patch("p", "[{op: test}]", true)
		if fault != nil {
			t.Fatal(fault)
		}
		heavy.Each.Operations = 30_000
		for i := range 1000 {
			remote := schema.Remote{Patches: []schema.Patch{{Path: "p"}}}
			if c.different {
				remote.Patches[0].Path = schema.Path(fmt.Sprint(i))
			}
			if f.add(remote, nil, heavy) != nil {
				told++
			}
		}
		if told != c.want {
			t.Errorf("different %v: told %d times, want %d", c.different, told, c.want)
		}
	}
}
