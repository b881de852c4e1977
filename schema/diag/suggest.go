package diag

import "strings"

// Nearest returns the option most similar to got, or "" if none is similar enough to suggest.
func Nearest(got string, options []string) string {
	best, bestDistance := "", 1+len(got)/3
	for _, o := range options {
		if o == got {
			continue
		}
		if strings.EqualFold(o, got) {
			return o
		}
		if d := distance(strings.ToLower(got), strings.ToLower(o), bestDistance); d <= bestDistance && (best == "" || d < bestDistance) {
			best, bestDistance = o, d
		}
	}
	return best
}

// Close reports whether two words probably differ by a typing error: at most two letters, in words that are long enough.
func Close(a, b string) bool {
	limit := min(2, min(len(a), len(b))/4)
	return a != b && distance(a, b, limit) <= limit
}

// DidYouMean suggests the option most similar to got, as the end of a message; empty if none is similar enough.
func DidYouMean(got string, options []string) string { return Meant(Nearest(got, options)) }

// Meant asks whether an option was meant; empty if near is empty.
func Meant(near string) string {
	if near == "" {
		return ""
	}
	return "; did you mean " + near + "?"
}

// distance returns the number of insertions, deletions, changes and swaps of neighbouring bytes between a and b (optimal string alignment);
// anything over limit is returned as limit+1.
func distance(a, b string, limit int) int {
	if len(a)-len(b) > limit || len(b)-len(a) > limit {
		return limit + 1
	}
	before, last, row := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range last {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			row[j] = min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				row[j] = min(row[j], before[j-2]+1)
			}
		}
		before, last, row = last, row, before
	}
	return min(last[len(b)], limit+1)
}
