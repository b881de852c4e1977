//go:build !unix

package main

import "time"

// confine does nothing here: the process only watches its own memory.
func confine() {}

// processorTime is unknown here; the time limit of the whole evaluation still applies.
func processorTime() time.Duration { return 0 }

// shield does nothing here: what the system keeps of a crashed program is not under the program's control.
func shield() {}
