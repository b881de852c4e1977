package main

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"testing"
)

// TestOneOfManyCompilesWins starts compiles at the same time: those that come too late say who holds the lock, and the result is complete.
func TestOneOfManyCompilesWins(t *testing.T) {
	s := newTestProject(t)
	for _, n := range []int{2, 8} {
		for round := range 2 {
			s.dir = t.TempDir()
			s.ask("")
			outputs, codes := make([]bytes.Buffer, n), make([]int, n)
			var all sync.WaitGroup
			for i := range n {
				all.Go(func() {
					c := s.command("compile")
					c.Stderr = &outputs[i]
					_ = c.Run()
					codes[i] = c.ProcessState.ExitCode()
				})
			}
			all.Wait()
			won := 0
			for i, code := range codes {
				switch {
				case code == exitDone:
					won++
				case code != exitError || !strings.Contains(outputs[i].String(), "held by "):
					t.Errorf("%d compiles, round %d: exit %d: %s", n, round, code, outputs[i].String())
				}
			}
			if won == 0 {
				t.Errorf("%d compiles, round %d: none won", n, round)
			}
			s.whole(fmt.Sprintf("%d compiles, round %d", n, round), deed{})
		}
	}
}
