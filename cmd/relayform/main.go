// Command relayform compiles a topology file into per-cluster kustomize overlays that hold the
// secrets and ingress objects of a relay-based multi-cluster mesh.
package main

import (
	"io"
	"os"
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
	os.Exit(run(os.Args[1:], os.Stdout, os.Stderr))
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
	return report(c, err, stderr)
}
