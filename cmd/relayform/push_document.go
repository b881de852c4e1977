package main

import (
	"io"

	"github.com/spf13/cobra"
)

// pushState is the result for an entry.
type pushState string

const (
	isWritten pushState = "written"
	isThere   pushState = "there already"
)

// pushing is what was written into an external store, or the commands that would write it.
type pushing struct {
	command  *cobra.Command
	Provider string          `json:"provider" jsonschema:"The store's provider: vault, aws, gcp, azure or kubernetes."`
	Entries  []entryDocument `json:"entries" jsonschema:"The entries that the store must hold; if one fails, those before it."`
	faults
}

// entryDocument is an entry of the store, without its value.
type entryDocument struct {
	What    string    `json:"what" jsonschema:"What it holds: a role and its generation, such as server 2."`
	Key     string    `json:"key" jsonschema:"Its name in the store."`
	Done    pushState `json:"done,omitempty" jsonschema:"written or there already; absent with --print."`
	Command string    `json:"command,omitempty" jsonschema:"With --print, the command that writes it, for a shell. It reads the value from a file."`
}

// pushForms are the formats of push. As text, each entry is reported as soon as it is done.
func pushForms() forms[pushing] {
	return formsOf(func(pushing, io.Writer) error { return nil }, func(p pushing) answer { return &p })
}

// tell prints the result for an entry.
func (p pushing) tell(e entryDocument) {
	if e.Command != "" {
		say(p.command.OutOrStdout(), "%s", e.Command)
		return
	}
	say(p.command.ErrOrStderr(), "%s: %s: %s", e.What, e.Key, e.Done)
}
