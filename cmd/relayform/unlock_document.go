package main

import (
	"io"

	"github.com/spf13/cobra"
)

// unlockOutcome is how unlock ended.
type unlockOutcome string

const (
	didUnlock     unlockOutcome = "unlocked"
	didLock       unlockOutcome = "removed"
	unlockRefused unlockOutcome = "refused"
)

// unlocking is what unlock wrote or removed.
type unlocking struct {
	command  *cobra.Command
	Outcome  unlockOutcome `json:"outcome" jsonschema:"unlocked; removed, with --remove; or refused, for the reasons in diagnostics."`
	Topology string        `json:"topology" jsonschema:"The topology's file."`
	Folder   string        `json:"folder" jsonschema:"The folder with the decrypted values, which git ignores."`
	Clusters []string      `json:"clusters" jsonschema:"The clusters whose overlays kubectl can build now; none with --remove."`
	Left     []string      `json:"left" jsonschema:"The files in the folder that relayform did not write, and leaves alone."`
	Next     []nextStep    `json:"next" jsonschema:"What to do next, in order; nothing with --remove."`
	faults
}

func unlockForms() forms[unlocking] {
	return formsOf(unlocking.writeText, func(u unlocking) answer { return &u })
}

// writeText tells all on stderr: there is no result to read.
func (u unlocking) writeText(io.Writer) error {
	stderr := u.command.ErrOrStderr()
	leftAlone(stderr, u.Folder, u.Left)
	if len(u.Next) > 0 {
		sayNext(stderr, u.Next)
	}
	return nil
}
