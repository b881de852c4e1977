package compiler

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets the collector run less often: nothing here measures what the heap is at its highest, and a fifth of the work was its.
func TestMain(m *testing.M) {
	debug.SetGCPercent(400)
	os.Exit(m.Run())
}

// everyCase reports whether every case is tried, as in make long and where goldens are written. Otherwise tests that go through hundreds
// of cases try a sample.
func everyCase() bool { return os.Getenv("RELAYFORM_LONG") != "" || *update }

// sampled reports whether case n of many is tried: each of them in make long, else every third.
func sampled(n int) bool { return everyCase() || n%3 == 0 }
