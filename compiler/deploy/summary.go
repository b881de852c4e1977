package deploy

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"relayform/schema/pattern"
)

// applied matches kubectl's line for an applied object: secret/x configured. Its other output is not repeated: it may contain private
// values.
var applied = pattern.Late(`^[a-z0-9.-]+/\S+ (created|configured|unchanged|serverside-applied)\b`)

// Summary counts what was done with objects: 2 created, 3 unchanged. It is only for people; nothing depends on kubectl's wording.
func (o Outcome) Summary() string {
	type count struct {
		verb string
		n    int
	}
	var counts []count
	add := func(verb string, n int) {
		i := slices.IndexFunc(counts, func(c count) bool { return c.verb == verb })
		if i < 0 {
			counts, i = append(counts, count{verb: verb}), len(counts)
		}
		counts[i].n += n
	}
	for _, line := range o.Said {
		if m := applied().FindStringSubmatch(line); m != nil {
			add(m[1], 1)
		}
	}
	if n := len(o.Deleted); n > 0 {
		add("deleted", n)
	}
	if n := len(o.Doomed); n > 0 {
		add("to delete", n)
	}
	slices.SortFunc(counts, func(a, b count) int { return cmp.Compare(a.verb, b.verb) })
	words := make([]string, len(counts))
	for i, c := range counts {
		words[i] = fmt.Sprintf("%d %s", c.n, c.verb)
	}
	return strings.Join(words, ", ")
}
