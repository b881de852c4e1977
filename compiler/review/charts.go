package review

import (
	"maps"
	"slices"

	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// charts lists changes of the charts, and of the users' values for them.
func charts(was, is plan.Charts) (said lines) {
	said.differs("charts", was.Version, is.Version)
	before := map[string]string{}
	for _, v := range was.Values {
		before[v.Path] = string(v.Text)
	}
	for _, v := range is.Values {
		if text, ok := before[v.Path]; !ok || text != string(v.Text) {
			said = append(said, diag.Printable(v.Path)+" "+map[bool]string{true: "changes", false: "is new"}[ok])
		}
		delete(before, v.Path)
	}
	for _, path := range slices.Sorted(maps.Keys(before)) {
		said = append(said, diag.Printable(path)+" is gone")
	}
	if len(said) == 0 && !slices.EqualFunc(was.Values, is.Values, func(a, b plan.Values) bool { return a.Path == b.Path }) {
		said = append(said, "your values in a different order")
	}
	return said
}
