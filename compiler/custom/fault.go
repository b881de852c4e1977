// Package custom checks what users add to a cluster, patches and components, before kustomize reads any of it: what would be fetched or run
// is refused, and so is what exceeds a limit. Its faults are positioned in the topology; if they are in a user's file, the message names
// the position there.
package custom

import (
	"fmt"

	"relayform/schema/diag"
	"relayform/schema/source"
)

// limit returns a fault that names a limit.
func limit(hint, format string, args ...any) *diag.Fault {
	return diag.LimitExceeded.Fault(fmt.Sprintf(format, args...), hint)
}

// documents parses the objects in a file.
func documents(file, text string) ([]*source.Node, *diag.Fault) {
	docs, d := source.Documents(file, []byte(text))
	if d == nil {
		return docs, nil
	}
	return nil, from(file, *d)
}

// from puts a position in a user's file into the message, as the diagnostic itself is positioned in the topology.
func from(file string, d diag.Diagnostic) *diag.Fault {
	if d.Code != diag.LimitExceeded {
		d.Code = diag.BadComponent
	}
	if d.Line > 0 {
		return d.Fault.At(fmt.Sprintf("%s:%d", file, d.Line))
	}
	return d.Fault.At(file)
}
