package answer

import (
	"slices"
	"strings"
)

// secret permits additional keys. An API server merges stringData over data, and never changes an immutable Secret: it could not be
// renewed.
func (c *comparison) secret(ours, made Object) {
	c.rest(ours, made, "data", "stringData", "immutable")
	want, have := block(ours["data"]), block(made["data"])
	for _, key := range sorted(want, have) {
		if _, ok := want[key]; (ok || slices.Contains(c.of.keys, key)) && !sameData(want[key], have[key]) {
			c.equal("data."+key, want[key], have[key])
		}
	}
	for _, key := range sorted(block(made["stringData"]), nil) {
		if _, ok := want[key]; ok || slices.Contains(c.of.keys, key) {
			c.report(c.object, "adds", "stringData."+key, "")
		}
	}
	if v := made["immutable"]; v != nil && v != false {
		c.report(c.object, "sets", "immutable", "")
	}
}

// sameData reports whether values are the same base64, whatever their line breaks.
func sameData(a, b any) bool {
	x, okX := a.(string)
	y, okY := b.(string)
	return okX && okY && strings.Join(strings.Fields(x), "") == strings.Join(strings.Fields(y), "")
}
