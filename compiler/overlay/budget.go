package overlay

import (
	"errors"
	"fmt"
	"runtime/metrics"
	"time"
)

// budget limits the time and memory of a build.
type budget struct {
	time   time.Duration
	memory uint64 // bytes, in addition to those in use when it begins
}

// perOverlay is the budget of one overlay: hundreds of times what relayform's largest own overlay needs. A kustomize build cannot be
// stopped, so one over budget is abandoned, and the program reports the cause and exits.
var perOverlay = budget{time: 10 * time.Second, memory: 1 << 30}

// ErrBudget is the cause when a build exceeds its budget.
var ErrBudget = errors.New("the build needs too much")

// within runs a build with a budget. A panic becomes an error, since the input is a user's.
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

// inUse returns the memory used by heap objects, in bytes.
func inUse() uint64 {
	sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
	metrics.Read(sample)
	return sample[0].Value.Uint64()
}
