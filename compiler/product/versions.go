package product

import (
	"slices"
	"strconv"
	"strings"
)

// Versions are those from one, which is among them, to before another.
type Versions struct{ From, Before string }

// Have reports whether a version is among them: digits with periods, and whatever semantic versioning lets follow. A version
// before a release, as 3.0.0-rc.1, counts as that release.
func (v Versions) Have(version string) bool {
	return !less(version, v.From) && less(version, v.Before)
}

// less compares versions by their numbers; those that one lacks are 0.
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
		n, _ := strconv.Atoi(part) // the language has digits alone, and what else a release says is 0
		all = append(all, n)
	}
	return all
}
