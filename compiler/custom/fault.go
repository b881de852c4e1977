// Package custom judges what users add to a cluster, patches and components, before kustomize sees any of
// it: what would be fetched or run is refused, and so is what would grow beyond a limit.
package custom

import (
	"fmt"

	"relayform/schema/diag"
	"relayform/schema/source"
)

// Fault is why what a user adds is refused. The message names the place in the user's file, where it
// has one.
type Fault struct {
	Code          diag.Code
	Message, Hint string
}

// Error is the message.
func (f *Fault) Error() string { return f.Message }

// limit is a fault that names a limit.
func limit(format string, args ...any) *Fault {
	return &Fault{Code: diag.LimitExceeded, Message: fmt.Sprintf(format, args...)}
}

// documents reads the objects of a file.
func documents(file, text string) ([]*source.Node, *Fault) {
	docs, d := source.Documents(file, []byte(text))
	if d == nil {
		return docs, nil
	}
	return nil, from(file, *d)
}

// from puts a place in a user's file into a message, as the diagnostic itself stands in the topology.
func from(file string, d diag.Diagnostic) *Fault {
	code := d.Code
	if code != diag.LimitExceeded {
		code = diag.BadComponent
	}
	at := file
	if d.Line > 0 {
		at = fmt.Sprintf("%s:%d", file, d.Line)
	}
	return &Fault{Code: code, Message: at + ": " + d.Message, Hint: d.Hint}
}
