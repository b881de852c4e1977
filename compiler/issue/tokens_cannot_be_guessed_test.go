package issue

import (
	"regexp"
	"strings"
	"testing"

	"relayform/compiler/lockfile"
)

// TestTokensCannotBeGuessed generates some: each has 256 bits, all differ, and none equals its digest, which is public in the lockfile.
func TestTokensCannotBeGuessed(t *testing.T) {
	seen := map[string]bool{}
	for range 20 {
		token, err := NewToken()
		if err != nil {
			t.Fatal(err)
		}
		if !regexp.MustCompile(`^[0-9a-f]{64}$`).Match(token) || strings.Contains(string(token), strings.Repeat("0", 16)) || string(token) == lockfile.TokenDigest(token) {
			t.Errorf("a token of %d characters", len(token))
		}
		seen[string(token)] = true
	}
	if len(seen) != 20 {
		t.Errorf("%d different tokens of 20", len(seen))
	}
}
