package main

import (
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"relayform/compiler/emit"
	"relayform/compiler/issue"
	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// told describes what was due: issued by relayform, or imported from a file.
func told(verb string, due issue.Due, until string) string {
	would := verb != "issued" && verb != "renewed"
	switch {
	case due.Role == issue.Withdrawal:
		return due.Reason
	case due.IsRequest() && would:
		return fmt.Sprintf("would make a %s: %s", due.What(), due.Reason)
	case due.IsRequest():
		return fmt.Sprintf("made a %s: %s", due.What(), due.Reason)
	case due.From != "":
		generation, until, _ := strings.Cut(until, ",")
		reason := ": " + due.Reason
		if due.Reason == issue.NotLocked { // as on every first import
			reason = ""
		}
		return fmt.Sprintf("took %s%s from %s,%s%s", due.What(), generation, due.From, until, reason)
	}
	return fmt.Sprintf("%s %s%s: %s", verb, due.What(), until, due.Reason)
}

// sayWaiting says which requests still wait for a certificate, and what to do with them.
func sayWaiting(w io.Writer, project project.Project, waiting []issue.Waiting) {
	for _, q := range waiting {
		until := "the current certificate stays until then"
		if q.Come != "" {
			say(w, "relayform: %s: %s answers its request, and is imported once no other request waits", q.Role, q.Come)
			continue
		}
		switch {
		case q.Holds:
			until = "nothing else is compiled until then"
		case !q.Absent:
			until = "or replace the one that is named; " + until
		}
		say(w, "relayform: %s: a request waits for its certificate: send %s to the PKI, then name the certificate in %s; %s",
			q.Role, filepath.Join(project.Build, filepath.FromSlash(plan.RequestFile(q.Role))), q.Field, until)
	}
	if len(waiting) > 0 {
		say(w, "  hint: %s has the commands for OpenSSL, Vault and AWS Private CA", filepath.Join(project.Build, plan.RequestsFolder, emit.RunbookFile))
	}
}
