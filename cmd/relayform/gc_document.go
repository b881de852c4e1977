package main

import (
	"io"
	"path/filepath"

	"github.com/spf13/cobra"
)

// collection is what gc removed, or would remove, with what each file belonged to.
type collection struct {
	command *cobra.Command
	Removed []removedDocument `json:"removed" jsonschema:"The private files that were removed, or would be with --dry-run."`
	Left    []string          `json:"left" jsonschema:"The files in the key store that relayform did not write, and keeps."`
	Keys    string            `json:"keys" jsonschema:"The folder of private keys."`
	DryRun  bool              `json:"dryRun" jsonschema:"Whether nothing was removed, as --dry-run asks."`
	faults
}

// removedDocument is a private file that nothing needs.
type removedDocument struct {
	File string `json:"file" jsonschema:"Its path."`
	Was  string `json:"was,omitempty" jsonschema:"What it belonged to, and until when, if git knows."`
}

func (r removedDocument) String() string {
	if r.Was == "" {
		return r.File
	}
	return r.File + " (" + r.Was + ")"
}

// removals are files of a key store, with what they were.
func removals(keys string, names []string, were map[string]string) []removedDocument {
	all := make([]removedDocument, len(names))
	for i, name := range names {
		all[i] = removedDocument{filepath.Join(keys, filepath.FromSlash(name)), were[name]}
	}
	return all
}

func collectionForms() forms[collection] {
	return formsOf(collection.writeText, func(r collection) answer { return &r })
}

func (r collection) writeText(w io.Writer) error {
	for _, f := range r.Removed {
		say(w, "%s", f)
	}
	leftAlone(r.command.ErrOrStderr(), r.Keys, r.Left)
	return nil
}
