// Command relayform compiles a topology file into per-cluster kustomize overlays with the Secrets and ingress objects of a relay-based
// multi-cluster mesh.
package main

import (
	"context"
	"io"
	"os"
	"runtime"
	"runtime/debug"
)

// softMemory, in bytes, is where the garbage collector starts to work harder, so that inputs at the limits are checked in about as much.
// GOMEMLIMIT takes precedence.
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

// lateStart, in percent of the runtime's minimum heap of 4 MiB, is how far the heap grows before the first garbage collection: to 64 MiB. A
// small project needs less, and is never collected; for a large one, early cycles would find nearly everything in use.
const lateStart = 1600

// collectLate delays only the first garbage collection: its first cycle restores the pace.
func collectLate() {
	pace := debug.SetGCPercent(lateStart)
	runtime.AddCleanup(new([16]byte), func(pace int) { debug.SetGCPercent(pace) }, pace)
}

// The exit codes. They are part of the interface.
const (
	exitDone  = 0
	exitShort = 1 // the input was checked and refused
	exitError = 2 // it could not be checked or done
)

// run is the whole program except for the process.
func run(args []string, stdout, stderr io.Writer) int {
	root := newRoot(stdout, stderr)
	ctx := context.WithValue(context.Background(), typedLine{}, args)
	if c, _, err := root.Find(args); err == nil {
		if args, err = valued(c, args); err != nil {
			c.SetContext(ctx)
			return report(c, c.FlagErrorFunc()(c, err), stderr)
		}
	}
	root.SetArgs(args)
	root.SetContext(ctx)
	c, err := root.ExecuteC()
	if err != nil && c == root {
		err = unknownCommand(root, args, err)
	}
	return report(c, err, stderr)
}
