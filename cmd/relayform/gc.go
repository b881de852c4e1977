package main

import (
	"errors"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/schema/diag"
)

func newGC() *cobra.Command {
	var at files
	var dryRun, yes bool
	var output chosen
	all := collectionForms()
	c := &cobra.Command{
		Use:   "gc [FILE]",
		Short: "Remove private keys that no certificate needs any more",
		Long: `Gc removes keys and tokens that no lockfile beside the topology uses, and prints their paths and, if
git knows, what they belonged to. It keeps what a rotation has set aside, and every file that relayform
did not write; it names these files. If you restore an older lockfile from git, the removed keys will
be missing. On a terminal gc asks first.`,
		RunE: func(c *cobra.Command, args []string) error {
			project := at.project()
			found, _, err := compiler.Collect(project, environment(), true)
			if err != nil {
				return err
			}
			were := retired(project.Lock, found)
			if ask := newAsker(c.ErrOrStderr()); ask != nil && !dryRun && !yes && len(found) > 0 {
				for _, f := range removals(project.Keys, found, were) {
					say(ask.out, "%s", f)
				}
				if err := ask.agree("remove " + diag.Count(len(found), "file") + "?"); err != nil {
					return err
				}
			}
			removed, left, err := compiler.Collect(project, environment(), dryRun)
			done := collection{command: c, Removed: removals(project.Keys, removed, were), Left: left, Keys: project.Keys, DryRun: dryRun}
			return errors.Join(all.write(c.OutOrStdout(), &output, done), err)
		},
	}
	at.register(c)
	all.register(c, &output, func() answer { return &collection{Keys: at.project().Keys, DryRun: dryRun} })
	c.Flags().BoolVar(&dryRun, "dry-run", false, "remove nothing; print what would be removed")
	c.Flags().BoolVar(&yes, "yes", false, "do not ask")
	return c
}

// retired says what private files belonged to, and since when they do not, from the lockfile's history in git: its newest version that
// names one, and the date of the next.
func retired(lockfile string, files []string) map[string]string {
	were := map[string]string{}
	r, err := openRevision(filepath.Dir(lockfile), "HEAD")
	if err != nil || r.tree == "" || len(files) == 0 {
		return were
	}
	log, err := r.ask("log", "--format=%H %cs", "--max-count="+maxHistory, "--", filepath.Base(lockfile))
	if err != nil {
		return were
	}
	since := "retired, and not committed yet"
	for line := range strings.Lines(log) {
		commit, day, _ := strings.Cut(strings.TrimSpace(line), " ")
		text, err := r.ask("show", commit+":./"+filepath.Base(lockfile))
		if err != nil { // it was removed there
			since = "retired " + day
			continue
		}
		owners := ownersIn(text)
		left := 0
		for _, name := range files {
			digest, _, _ := strings.Cut(filepath.Base(name), ".")
			switch owner := owners[digest]; {
			case were[name] != "":
			case owner != "":
				were[name] = owner + ", " + since
			default:
				left++
			}
		}
		if left == 0 {
			break
		}
		since = "retired " + day
	}
	return were
}

// maxHistory is the maximum number of versions of a lockfile to search.
const maxHistory = "2000"

// ownersIn returns the owners of the private files in a lockfile's text, by digest. It reads line by line, as an old version may have any
// fault.
func ownersIn(text string) map[string]string {
	owners := map[string]string{}
	role, generation := "token", ""
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "- "), ": ")
		switch key {
		case "role":
			role = value
		case "token:":
			role = "token"
		case "generation":
			generation = value
		case "spki":
			owners[value] = role + " " + generation
		case "sha256":
			if role == "token" {
				owners[value] = role + " " + generation
			}
		}
	}
	return owners
}
