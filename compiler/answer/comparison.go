package answer

import (
	"encoding/json"
	"fmt"
	"maps"
	"reflect"
	"slices"
)

// comparison collects differences between objects.
type comparison struct {
	of      *Emitted
	object  id // the one being compared
	changes []Change
}

// equal reports the differences of a field, as deep as both have the same structure.
func (c *comparison) equal(field string, ours, made any) {
	if same(ours, made) {
		return
	}
	if want, ok := ours.(map[string]any); ok {
		if have, ok := made.(map[string]any); ok {
			c.block(field, want, have)
			return
		}
	}
	want, have := list(ours), list(made)
	switch {
	case ours == nil:
		c.report(c.object, "adds", field, "")
	case made == nil:
		c.report(c.object, "removes", field, "")
	case len(want) == 0 || len(want) != len(have):
		c.report(c.object, "changes", field, "")
	default:
		for i := range want {
			c.equal(fmt.Sprintf("%s[%d]", field, i), want[i], have[i])
		}
	}
}

// block reports the differences between maps, except for some keys.
func (c *comparison) block(field string, ours, made map[string]any, but ...string) {
	if field != "" {
		field += "."
	}
	for _, key := range sorted(ours, made) {
		if !slices.Contains(but, key) {
			c.equal(field+key, ours[key], made[key])
		}
	}
}

// among reports each of our items that is missing from a list, and each additional item that conflicts with one of ours.
func (c *comparison) among(field string, ours, made any, clash func(ours, other any) bool) {
	want, have := list(ours), list(made)
	taken := make([]bool, len(have))
	for i, item := range want {
		at := -1
		for j := range have {
			if !taken[j] && same(item, have[j]) {
				at = j
				break
			}
		}
		switch {
		case at >= 0:
			taken[at] = true
		case i < len(have):
			c.equal(fmt.Sprintf("%s[%d]", field, i), item, have[i])
			return // it is unknown which of the others were meant to be ours
		default:
			c.equal(field, ours, made)
			return
		}
	}
	for j, other := range have {
		if !taken[j] && clash != nil && slices.ContainsFunc(want, func(item any) bool { return clash(item, other) }) {
			c.report(c.object, "adds", fmt.Sprintf("%s[%d]", field, j), ", which takes what arrives for the relay")
		}
	}
}

// same reports whether two values are equal to an API server: JSON has one number type.
func same(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// sorted returns the keys of both maps.
func sorted(a, b map[string]any) []string {
	keys := slices.AppendSeq(slices.Collect(maps.Keys(a)), maps.Keys(b))
	slices.Sort(keys)
	return slices.Compact(keys)
}

// block returns a map, or an empty one for any other type.
func block(v any) map[string]any {
	b, _ := v.(map[string]any)
	return b
}

// list returns a list, or an empty one for any other type.
func list(v any) []any {
	l, _ := v.([]any)
	return l
}

// text returns a string, or an empty one for any other type.
func text(v any) string {
	s, _ := v.(string)
	return s
}
