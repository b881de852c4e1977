package seal

import (
	"slices"
	"testing"
)

// TestASetOfRecipientsHasOneDigest lists recipients in every order: the digest depends only on the set, and the input is not changed.
func TestASetOfRecipientsHasOneDigest(t *testing.T) {
	all := []string{"age1c", "age1a", "age1b"}
	given := slices.Clone(all)
	want := Digest(given)
	if !slices.Equal(given, all) {
		t.Errorf("what was given is now %v", given)
	}
	for _, other := range [][]string{{"age1a", "age1b", "age1c"}, {"age1b", "age1c", "age1a"}} {
		if have := Digest(other); have != want || len(have) != 64 {
			t.Errorf("%v: %s, want %s", other, have, want)
		}
	}
	for _, other := range [][]string{{"age1a", "age1b"}, {"age1a", "age1b", "age1d"}, {"age1aage1bage1c"}, {"age1a", "age1b", "age1c", "age1c"}, nil} {
		if Digest(other) == want {
			t.Errorf("%v has the digest of %v", other, all)
		}
	}
}
