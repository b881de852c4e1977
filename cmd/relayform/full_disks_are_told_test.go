package main

import (
	"errors"
	"io"
	"testing"

	"github.com/spf13/cobra"
)

var errFull = errors.New("the disk is full")

// room is an output with room for a number of writes.
type room int

func (r *room) Write(p []byte) (int, error) {
	if *r--; *r < 0 {
		return 0, errFull
	}
	return len(p), nil
}

// TestOutputThatIsCutShortIsTold has each command whose output is used write to a full disk: otherwise half an overlay would be applied as
// if complete.
func TestOutputThatIsCutShortIsTold(t *testing.T) {
	const topology = "../../fixtures/reference/topology.yaml"
	for _, c := range []struct {
		command *cobra.Command
		args    []string
		writes  int // that the command makes
	}{
		{newRender(), []string{"-f", topology, "mgmt-cluster", "--public"}, 1},
		{newRender(), []string{"-f", topology, "--all", "--public"}, 4},
		{newReview(), []string{topology, "--from", "../../fixtures/reference"}, 1},
	} {
		for n := range c.writes {
			left := room(n)
			c.command.SetArgs(c.args)
			c.command.SetOut(&left)
			c.command.SetErr(io.Discard)
			c.command.SilenceUsage, c.command.SilenceErrors = true, true
			if err := c.command.Execute(); !errors.Is(err, errFull) {
				t.Errorf("%s %q, no room after %d writes: %v", c.command.Name(), c.args, n, err)
			}
		}
	}
}
