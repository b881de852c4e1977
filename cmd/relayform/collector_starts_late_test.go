package main

import (
	"runtime"
	"runtime/debug"
	"runtime/metrics"
	"testing"
)

// TestCollectorStartsLateAndGoesOnAsEver checks the garbage collector's pace before its first cycle and after.
func TestCollectorStartsLateAndGoesOnAsEver(t *testing.T) {
	const ordinary = 123 // different from the runtime's default
	defer debug.SetGCPercent(debug.SetGCPercent(ordinary))
	collectLate()
	if got := pace(); got != lateStart {
		t.Errorf("the pace is %d%% before the first cycle, want %d%%", got, lateStart)
	}
	for range 1000 {
		if runtime.GC(); pace() == ordinary { // the cleanup runs concurrently with the cycle
			return
		}
	}
	t.Errorf("the pace is %d%% after a thousand cycles, want %d%%", pace(), ordinary)
}

// pace returns how much the heap grows between two garbage collections, in percent.
func pace() uint64 {
	s := []metrics.Sample{{Name: "/gc/gogc:percent"}}
	metrics.Read(s)
	return s[0].Value.Uint64()
}
