package overlay

import (
	"errors"
	"fmt"
	"runtime/metrics"
	"time"
)

// budget is what a build may take.
type budget struct {
	time   time.Duration
	memory uint64 // bytes, beyond what is held when it begins
}

// perOverlay is the budget of one overlay: hundreds of times of what the largest of relayform's own
// takes. kustomize cannot be stopped, so a build beyond it is left to itself, and the program says why
// and ends.
var perOverlay = budget{time: 10 * time.Second, memory: 1 << 30}

// ErrBudget is the cause where a build takes more than it may.
var ErrBudget = errors.New("the build needs too much")

// within runs a build that may take so much. A panic is an error: what is built is a user's.
func within[T any](b budget, build func() (T, error)) (T, error) {
	type outcome struct {
		made T
		err  error
	}
	done := make(chan outcome, 1)
	go func() {
		var o outcome
		defer func() {
			if cause := recover(); cause != nil {
				o.err = fmt.Errorf("kustomize fails on it: %v", cause)
			}
			done <- o
		}()
		o.made, o.err = build()
	}()
	const every = 20 * time.Millisecond
	tick := time.NewTicker(every)
	defer tick.Stop()
	var none T
	var before uint64
	for spent := time.Duration(0); ; spent += every {
		select {
		case o := <-done:
			return o.made, o.err
		case <-tick.C:
		}
		switch now := inUse(); {
		case spent == 0:
			before = now
		case now > before+b.memory:
			return none, fmt.Errorf("%w: more than %d MiB of memory", ErrBudget, b.memory>>20)
		case spent > b.time:
			return none, fmt.Errorf("%w: more than %s", ErrBudget, b.time)
		}
	}
}

// inUse is the memory, in bytes, that objects take.
func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
