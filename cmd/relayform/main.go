// Command relayform compiles a topology file into per-cluster kustomize overlays that hold the
// secrets and ingress objects of a relay-based multi-cluster mesh.
package main

import (
	"io"
	"os"
	"runtime"
	"runtime/debug"
)

// softMemory, in bytes, is where the garbage collector begins to work harder, so that what is at the limits of an
// input is judged in about as much. GOMEMLIMIT goes before it.
const softMemory = 320 << 20

func main() {
	shield()
	if os.Getenv("GOMEMLIMIT") == "" {
		debug.SetMemoryLimit(softMemory)
	}
	if os.Getenv("GOGC") == "" {
		collectLate()
	}
	os.Exit(run(named(os.Args[0], os.Args[1:]), os.Stdout, os.Stderr))
}

// lateStart, in percent of the runtime's least heap of 4 MiB, is how far the heap grows before the garbage
// collector's first cycle: to 64 MiB. What a small project takes is less, and is never collected; in a large
// one the cycles of the first milliseconds would find nearly everything in use.
const lateStart = 1600

// collectLate puts off the garbage collector's first cycle, and nothing beyond it: whatever the first cycle
// finds unused brings the pace back to what it was.
func collectLate() {
	pace := debug.SetGCPercent(lateStart)
	runtime.AddCleanup(new([16]byte), func(pace int) { debug.SetGCPercent(pace) }, pace)
}

// The exit codes. They are part of the interface.
const (
	exitDone  = 0
	exitShort = 1 // the input was judged and falls short
	exitError = 2 // it could not be judged or done
)

// run is the whole program but for the process.
func run(args []string, stdout, stderr io.Writer) int {
	root := newRoot(stdout, stderr)
	root.SetArgs(args)
	c, err := root.ExecuteC()
	if err != nil && c == root {
		err = unknownCommand(root, args, err)
	}
	return report(c, err, stderr)
}
