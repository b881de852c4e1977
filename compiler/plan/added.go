package plan

import (
	"fmt"

	"relayform/compiler/custom"
	"relayform/compiler/manifest"
	"relayform/schema"
	"relayform/schema/diag"
)

// Limits of what users add to all clusters together.
const (
	maxFleetPatches = 256 << 20   // bytes of patches in all overlays
	maxFleetSteps   = 500_000_000 // cost of building the distinct overlays
)

// added totals what users add to all clusters.
type added struct {
	patches, steps int
	seen           map[string]bool // customizations already counted; clusters with the same ones are built once
}

// add counts a cluster. The first cluster that exceeds a limit is reported.
func (f *added) add(c schema.Remote, patches []manifest.Patch, cost custom.Cost) *diag.Fault {
	before := *f
	for _, p := range patches {
		f.patches += len(p.Text)
	}
	if key := fmt.Sprintf("%q", [2]any{patchesOf(c), c.Components}); !f.seen[key] {
		f.seen[key] = true
		f.steps += cost.Steps()
	}
	over := func(before, now, limit int) bool { return before <= limit && now > limit }
	switch {
	case over(before.patches, f.patches, maxFleetPatches):
		return diag.LimitExceeded.Fault("together with those of the clusters above, the patches have more than 256 MiB in the overlays; the limit is 256 MiB", "move what many clusters share into a component")
	case over(before.steps, f.steps, maxFleetSteps):
		return diag.LimitExceeded.Fault("together with the clusters above, building the overlays that differ takes more than 500 million steps; the limit is 500 million", "give more clusters the same patches and components")
	}
	return nil
}

// patchesOf returns a cluster's patches, by value.
func patchesOf(c schema.Remote) []string {
	var patches []string
	for _, p := range c.Patches {
		patches = append(patches, fmt.Sprint(p.Path, " ", selector(p.Target)))
	}
	return patches
}
