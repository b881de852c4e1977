//go:build unix

package main

import (
	"syscall"
	"time"

	"relayform/compiler/policy"
)

// confine leaves a process that evaluates what users wrote without a way to open a file or a connection, or to take far
// more memory than it may at once.
func confine() {
	_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{})
	most := uint64(2 * policy.MaxMemory)
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: most, Max: most})
}

// processorTime is what this process has taken.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// shield keeps what is in memory, private keys among it, out of core dumps. The kubectl that is run from
// here inherits the limit.
func shield() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // less is always allowed
	undumpable()
}
