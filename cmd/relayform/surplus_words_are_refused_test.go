package main

import (
	"strings"
	"testing"
)

// TestSurplusWordsAreRefused gives every command a word more than it takes. Who names two topologies, or two
// clusters to render, would take the second for done.
func TestSurplusWordsAreRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range newRoot(nil, nil).Commands() {
		words := strings.Fields(c.Use)
		if strings.HasSuffix(words[len(words)-1], "...]") {
			continue // as many as there are
		}
		args := append([]string{c.Name()}, words[1:]...)
		if _, err := relayform(t, exitError, append(args, "and-more")...); !strings.Contains(err, "arg(s)") && !strings.Contains(err, `unknown command "and-more"`) {
			t.Errorf("relayform %s: a word too much is not what is told: %s", c.Use, err)
		}
	}
}
