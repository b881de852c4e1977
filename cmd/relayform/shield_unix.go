//go:build unix

package main

import "syscall"

// shield keeps what is in memory, private keys among it, out of core dumps. The kubectl that is run from
// here inherits the limit.
func shield() {
	_ = syscall.Setrlimit(syscall.RLIMIT_CORE, &syscall.Rlimit{}) // less is always allowed
	undumpable()
}
