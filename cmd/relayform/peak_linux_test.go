package main

import (
	"os"
	"runtime/debug"
	"syscall"
)

// forgetPeak resets the peak memory of this process to what it uses now (proc_pid_clear_refs(5)): a program that it starts begins with the
// peak of its parent.
func forgetPeak() error {
	debug.FreeOSMemory()
	return os.WriteFile("/proc/self/clear_refs", []byte("5"), 0)
}

// peak returns the most memory that a process used, in MiB.
func peak(p *os.ProcessState) float64 {
	return float64(p.SysUsage().(*syscall.Rusage).Maxrss) / 1024 // getrusage(2): kilobytes
}
