package main

import (
	"strings"
	"testing"
)

// TestSurplusWordsAreRefused gives every command one argument too many. A user who names two topologies, or two clusters to render, would
// otherwise believe that both are done.
func TestSurplusWordsAreRefused(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, c := range newRoot(nil, nil).Commands() {
		words := strings.Fields(c.Use)
		if strings.HasSuffix(words[len(words)-1], "...]") {
			continue // takes any number
		}
		args := append([]string{c.Name()}, words[1:]...)
		if _, err := relayform(t, exitError, append(args, "and-more")...); !strings.Contains(err, "arg(s)") && !strings.Contains(err, `unknown command "and-more"`) {
			t.Errorf("relayform %s: a word too much is not what is told: %s", c.Use, err)
		}
	}
}
