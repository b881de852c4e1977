package review_test

import (
	"strings"
	"testing"
)

const (
	one = "age1yax4ul3uulxflwcwt6035533d7w5cr8kmydphqn5jt7ct6ehmuxsfrfuuf"
	two = "age1j5zw6my53djwyyfx6ragx2emj7rh994xwaccjezr7saafefkq3eqzfae2u"
)

// TestWhoOpensWhatIsTold changes who can decrypt what is in git: a new recipient can read the keys of the mesh, and reviewers must see it.
func TestWhoOpensWhatIsTold(t *testing.T) {
	store := "pki: {selfSigned: {keyAlgorithm: ecdsa}}\nsecrets: {sops: {management: [" + one + "], remotes: [" + one + "]}}"
	base := []string{"pki: {selfSigned: {keyAlgorithm: ecdsa}}", store}
	before := stateOf(t, "before", 0, base...)
	for what, c := range map[string]struct {
		edits []string
		said  string
	}{
		"management": {[]string{"management: [" + one + "]", "management: [" + one + ", " + two + "]"},
			"the management cluster's private values can be opened by 1 recipient (" + one + ") → 2 recipients (" + one + ", " + two + ")"},
		"remotes": {[]string{"remotes: [" + one + "]", "remotes: [" + two + "]"},
			"the remotes' private values can be opened by 1 recipient (" + one + ") → 1 recipient (" + two + ")"},
		"one remote": {[]string{"edge: {}", "edge: {sopsRecipients: [" + two + "]}"},
			"its private values can be opened by none → 1 recipient (" + two + ")"},
		"another store": {[]string{"secrets: {sops: {management: [" + one + "], remotes: [" + one + "]}}", "secrets: {local: {}}"},
			"private values from git, with SOPS → the key store"},
		"nothing": {nil, ""},
	} {
		after := stateOf(t, "after", 0, append(append([]string{}, base...), c.edits...)...)
		text := strings.Join(strings.Fields(reviewed(t, &before, after)), " ")
		if want := strings.Join(strings.Fields(c.said), " "); want != "" && !strings.Contains(text, want) {
			t.Errorf("%s: said\n%s\nwant %s", what, text, want)
		} else if want == "" && strings.Contains(text, "can be opened by") {
			t.Errorf("nothing changed, said\n%s", text)
		}
	}
}
