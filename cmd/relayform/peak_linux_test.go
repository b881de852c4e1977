package main

import (
	"os"
	"syscall"
)

// peak returns the most memory that a process used, in MiB.
func peak(p *os.ProcessState) float64 {
	return float64(p.SysUsage().(*syscall.Rusage).Maxrss) / 1024 // getrusage(2): kilobytes
}
