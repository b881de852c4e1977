package plan

import (
	"fmt"

	"relayform/compiler/folder"
	"relayform/compiler/mutualtls"
	"relayform/schema/diag"
)

// switchesOff reports whether users' files switch off mutual TLS, and reports faults at the field that names them. Files are checked once,
// however many clusters name them; the first time, all faults are reported.
func (r *resolver) switchesOff(at []string, key string, judge func() []string) bool {
	found, known := r.weakened[key]
	if !known {
		found = judge()
		r.weakened[key] = found
	}
	told := found[:min(len(found), diag.MaxFaults)]
	if known {
		told = told[:min(len(told), 1)]
	}
	if r.doc.Refused(at...) {
		told = nil
	}
	for _, message := range told {
		r.faults = append(r.faults, r.doc.Fault(at, diag.NoMutualTLS.Fault(message, mutualtls.Hint)))
	}
	return len(found) > 0
}

// inFiles returns findings as text, with their positions.
func inFiles(find func([]byte) []mutualtls.Finding, files ...folder.File) (all []string) {
	for _, f := range files {
		for _, x := range find(f.Data) {
			place := f.Name
			if x.Line > 0 {
				place += fmt.Sprintf(":%d", x.Line)
			}
			all = append(all, place+": "+x.String())
		}
	}
	return all
}
