package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/issue"
	"relayform/compiler/project"
	"relayform/schema/diag"
)

func newCompile() *cobra.Command {
	var at files
	var output chosen
	all := compilationForms()
	var options compiler.Options
	var yes bool
	var review reviewing
	c := &cobra.Command{
		Use:   "compile [FILE]",
		Short: "Compile a topology into overlays that kubectl applies",
		Long: `Compile issues the certificates that the topology asks for and the lockfile lacks, records
them in the lockfile, and writes the overlays. If nothing changed, it writes nothing.

In CI, without any key: relayform compile --locked --check`,
		RunE: func(c *cobra.Command, args []string) error {
			env, err := at.environment()
			if err != nil {
				return err
			}
			project := at.project()
			if review.against != "" && !options.Check {
				return errors.New("--against goes with --check")
			}
			options.Settle = !yes
			result, err := compiler.Compile(project, env, options)
			done := compilation{c, project, options.Check, result, err}
			if review.against != "" && err == nil {
				done.warn()
				review.format = &output
				return review.run(c, project) // it reports a stale build folder, too
			}
			if err != nil && !output.machine() {
				return err
			}
			return errors.Join(all.write(c.OutOrStdout(), &output, done), done.err())
		},
	}
	at.register(c)
	all.register(c, &output, func() answer { return compilation{c, at.project(), options.Check, nil, errUndone}.document() })
	at.registerIdentity(c)
	c.Flags().BoolVar(&options.Locked, "locked", false, "issue nothing; exit 1 if something would have to be issued")
	c.Flags().BoolVar(&options.Check, "check", false, "write nothing; print what would change, and exit 1 if anything would")
	c.Flags().BoolVar(&yes, "yes", false, "continue even if a phase of a rotation follows another within an hour, or an engine would uninstall running charts")
	c.Flags().BoolVar(&options.NewPKI, "new-pki", false, "make a new root although the previous lockfile is missing; this cuts off every running agent")
	c.Flags().StringVar(&review.against, "against", "", "with --check: print what relayform review says against this git revision, and exit as it does")
	c.Flags().StringSliceVar(&review.allow, "allow", nil, "with --against: codes of findings that are intended")
	c.Flags().BoolVar(&options.ProveAll, "prove-all", false, "build every overlay in memory before writing, not only one of each identical set")
	c.Flags().BoolVar(&options.ReissueRoot, "reissue-root", false, "replace the root in one step if the topology asks for another; this cuts off agents that trust only the old one")
	return c
}

// summarize prints what a compile did and what comes next.
func summarize(c *cobra.Command, project project.Project, r *compiler.Result) {
	w := c.ErrOrStderr()
	for _, due := range r.Issued {
		if due.Role == issue.RootRotation {
			say(w, "%s", due.Reason)
			continue
		}
		say(w, "%s", told("issued", due, validUntil(r, due)))
	}
	encrypted(w, "encrypted", r)
	say(w, "%s: %s, %s in %s", r.Plan.Name, diag.Count(len(r.Plan.Clusters()), "cluster"), changes(r), project.Build)
	sayClusters(w, r)
	warn(w, project, r)
	if r.Changes.None() {
		return
	}
	sayNext(w, nextOf(c, project, r))
	for _, text := range unaddressed(project, r) {
		say(w, "%s", text)
	}
}

// unaddressed says which sides have no address to dial yet; nothing if something else must be done first.
func unaddressed(project project.Project, r *compiler.Result) []string {
	if r.Lock.Rotation != nil || r.Held() {
		return nil
	}
	var all []string
	runbook := filepath.Join(project.Build, "RUNBOOK.md")
	if r.Plan.RelayAddress == "" {
		all = append(all, fmt.Sprintf("management.relayAddress is not set: agents cannot start until it is; %s says how to find it", runbook))
	}
	if t := r.Plan.Telemetry; t != nil && t.Address == "" {
		all = append(all, fmt.Sprintf("management.telemetry.address is not set: collectors send nothing until it is; %s says how to find it", runbook))
	}
	return all
}

// validUntil describes what was issued, with generation and expiry.
func validUntil(r *compiler.Result, due issue.Due) string {
	switch generation, notAfter := ends(r, due); {
	case generation > 0:
		return fmt.Sprintf(" %d, valid until %s", generation, notAfter)
	case notAfter != "":
		return ", valid until " + notAfter
	}
	return ""
}

// encrypted prints what was encrypted, except for what was issued at the same time.
func encrypted(w io.Writer, verb string, r *compiler.Result) {
	newly := slices.DeleteFunc(slices.Clone(r.Newly), func(s issue.Sealing) bool { return issue.IsDue(r.Issued, s.Role) })
	for _, line := range issue.InWords(newly) {
		say(w, "%s %s", verb, line)
	}
}

func changes(r *compiler.Result) string {
	if r.Changes.None() {
		return "nothing changed"
	}
	return fmt.Sprintf("%s added, %d changed, %d removed", diag.Count(len(r.Changes.Added), "file"), len(r.Changes.Changed), len(r.Changes.Removed))
}
