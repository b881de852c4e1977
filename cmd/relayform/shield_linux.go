package main

import "syscall"

// undumpable covers what the limit does not: programs that the system pipes core dumps to, and other processes of the same user (core(5),
// prctl(2)). After that, only root can attach a debugger.
func undumpable() {
	_, _, _ = syscall.RawSyscall(syscall.SYS_PRCTL, syscall.PR_SET_DUMPABLE, 0, 0)
}
