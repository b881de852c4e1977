//go:build unix

package main

import (
	"syscall"
	"time"

	"relayform/compiler/policy"
)

// confine prevents a process that evaluates users' policies from opening a file or a connection, and from allocating far more memory than
// it may use.
func confine() {
	_ = syscall.Setrlimit(syscall.RLIMIT_NOFILE, &syscall.Rlimit{})
	most := uint64(2 * policy.MaxMemory)
	_ = syscall.Setrlimit(syscall.RLIMIT_DATA, &syscall.Rlimit{Cur: most, Max: most})
}

// processorTime returns the processor time that this process has used.
func processorTime() time.Duration {
	var usage syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &usage) != nil {
		return 0
	}
	return time.Duration(usage.Utime.Nano() + usage.Stime.Nano())
}

// shield keeps memory, with its private keys, out of core dumps. The kubectl that this process starts inherits the limit.
func shield() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // lowering it is always allowed
	undumpable()
}
