package product

import (
	"slices"
	"strconv"
	"strings"
)

// Versions is a range of versions, including From and excluding Before.
type Versions struct{ From, Before string }

// Have reports whether a version is in the range: digits with periods, and any suffix of semantic versioning. A pre-release such as
// 3.0.0-rc.1 counts as its release.
func (v Versions) Have(version string) bool {
	return !less(version, v.From) && less(version, v.Before)
}

// less compares versions by their numbers; missing ones are 0.
func less(a, b string) bool {
	x, y := numbers(a), numbers(b)
	for len(x) < len(y) {
		x = append(x, 0)
	}
	for len(y) < len(x) {
		y = append(y, 0)
	}
	return slices.Compare(x, y) < 0
}

func numbers(version string) []int {
	version, _, _ = strings.Cut(strings.TrimPrefix(version, "v"), "+")
	version, _, _ = strings.Cut(version, "-")
	var all []int
	for part := range strings.SplitSeq(version, ".") {
		n, _ := strconv.Atoi(part) // the schema permits only digits, and anything else in a release counts as 0
		all = append(all, n)
	}
	return all
}
