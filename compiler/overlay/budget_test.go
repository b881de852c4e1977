package overlay

import (
	"errors"
	"strings"
	"testing"
	"time"
)

// TestBuildsEndWithinTheirBudget runs builds that never end.
func TestBuildsEndWithinTheirBudget(t *testing.T) {
	end := make(chan struct{})
	defer close(end)
	b := budget{time: 100 * time.Millisecond, memory: 16 << 20}
	if _, err := within(b, func() (int, error) { <-end; return 0, nil }); !errors.Is(err, ErrBudget) || !strings.Contains(err.Error(), "100ms") {
		t.Errorf("a build that waits: %v", err)
	}
	b.time = time.Minute
	_, err := within(b, func() (int, error) {
		var held [][]byte
		for {
			select {
			case <-end:
				return len(held), nil
			case <-time.After(time.Millisecond):
				held = append(held, make([]byte, 1<<20))
			}
		}
	})
	if !errors.Is(err, ErrBudget) || !strings.Contains(err.Error(), "16 MiB") {
		t.Errorf("a build that grows: %v", err)
	}
}

// TestPanicsOfABuildAreErrors has a build panic.
func TestPanicsOfABuildAreErrors(t *testing.T) {
	if _, err := within(perOverlay, func() (int, error) { panic("slice bounds") }); err == nil || !strings.Contains(err.Error(), "slice bounds") {
		t.Error(err)
	}
	if n, err := within(perOverlay, func() (int, error) { return 7, nil }); n != 7 || err != nil {
		t.Errorf("%d: %v", n, err)
	}
}
