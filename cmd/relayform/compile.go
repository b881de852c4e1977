package main

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/issue"
	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/compiler/shell"
	"relayform/schema/diag"
)

func newCompile() *cobra.Command {
	var at files
	var output format
	var options compiler.Options
	var yes bool
	review := reviewing{format: "text"}
	c := &cobra.Command{
		Use:   "compile [FILE]",
		Short: "Compile a topology into overlays that kubectl applies",
		Long: `Compile issues the certificates that the topology asks for and the lockfile lacks, records
them in the lockfile, and writes the overlays. Where nothing changed, nothing is written.

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
			if err != nil {
				return err
			}
			if options.Check {
				warnOf(c.ErrOrStderr(), result.Plan.Warnings)
				noteOf(c.ErrOrStderr(), result.Plan.Notes)
				warnOf(c.ErrOrStderr(), result.Exposed)
				if review.against != "" {
					return review.run(c, project) // it tells of a stale build folder, too
				}
				if result.Changes.None() {
					return waits(c, project, result)
				}
				say(c.ErrOrStderr(), "relayform: %s is stale: %s; run %s and commit the result", project.Build, changes(result), command(c, project, "compile"))
				if _, err := io.WriteString(c.OutOrStdout(), printableText(string(result.Diff))); err != nil {
					return err
				}
				return errShort
			}
			summarize(c, project, result)
			return waits(c, project, result)
		},
	}
	at.register(c)
	output.register(c)
	at.registerIdentity(c)
	c.Flags().BoolVar(&options.Locked, "locked", false, "issue nothing; exit 1 where something would have to be")
	c.Flags().BoolVar(&options.Check, "check", false, "write nothing; print what would change and exit 1 where something would")
	c.Flags().BoolVar(&yes, "yes", false, "go on where a phase of a rotation follows another within an hour, or an engine would uninstall charts that run")
	c.Flags().BoolVar(&options.NewPKI, "new-pki", false, "make a new root though the lockfile that there was is missing; every running agent is cut off")
	c.Flags().StringVar(&review.against, "against", "", "with --check: print what relayform review says against this git revision, and exit as it does")
	c.Flags().StringSliceVar(&review.allow, "allow", nil, "with --against: findings that are meant, by their codes")
	c.Flags().BoolVar(&options.ProveAll, "prove-all", false, "build every overlay in memory before writing, not one of each that are alike")
	c.Flags().BoolVar(&options.ReissueRoot, "reissue-root", false, "replace the root in one step where the topology asks for another; agents that trust the old one alone are cut off")
	return c
}

// summarize says what a compile did and what comes next.
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
	warn(w, project, r)
	if r.Changes.None() {
		return
	}
	if r.Held() {
		next(c, project, r, project.Committed(r.Plan))
		send(w, project, r)
		return
	}
	runbook := filepath.Join(project.Build, "RUNBOOK.md")
	next(c, project, r, project.Committed(r.Plan))
	send(w, project, r)
	if r.Lock.Rotation != nil {
		say(w, "  then what %s says of the phase %s", runbook, r.Lock.Phase())
		return
	}
	engine := delivered(w, r.Plan)
	switch {
	case r.Clusters != nil:
		for _, command := range r.Next(project) {
			for line := range strings.Lines(command) {
				say(w, "  %s", strings.TrimSuffix(line, "\n"))
			}
		}
	case engine:
		say(w, "  then the other steps of %s", runbook)
	default:
		say(w, "  %s", kubectlApply(project, r.Plan, r.Plan.Management.Name))
		say(w, "  then the other steps of %s", runbook)
	}
	if r.Plan.RelayAddress == "" {
		say(w, "management.relayAddress is not set: agents cannot start until it is; %s says how to find it", runbook)
	}
	if t := r.Plan.Telemetry; t != nil && t.Address == "" {
		say(w, "management.telemetry.address is not set: collectors send nothing until it is; %s says how to find it", runbook)
	}
}

// validUntil says what was issued, by its generation and its end.
func validUntil(r *compiler.Result, due issue.Due) string {
	if len(due.Clusters) > 0 {
		if a := r.Lock.Agent(due.Clusters[0]); a != nil {
			return ", valid until " + a.NotAfter
		}
	}
	if c := r.Lock.Newest(due.Role); c != nil {
		return fmt.Sprintf(" %d, valid until %s", c.Generation, c.NotAfter)
	}
	return ""
}

// encrypted says what was encrypted, but for what was issued with it, which is said.
func encrypted(w io.Writer, verb string, r *compiler.Result) {
	newly := slices.DeleteFunc(slices.Clone(r.Newly), func(s issue.Sealing) bool { return issue.IsDue(r.Issued, s.Role) })
	for _, line := range issue.InWords(newly) {
		say(w, "%s %s", verb, line)
	}
}

// next begins the list of what comes next: what is committed, and what kubectl needs.
func next(c *cobra.Command, project project.Project, r *compiler.Result, commit []string) {
	w := c.ErrOrStderr()
	say(w, "next:")
	say(w, "  git add %s", shell.Paths(commit...))
	if r.Sealed {
		say(w, "  %s", command(c, project, "unlock"))
	}
	if r.Plan.ExternalSecrets != nil {
		say(w, "  %s", command(c, project, "push"))
	}
}

// delivered says that an engine applies what is committed, where one does.
func delivered(w io.Writer, p *plan.Plan) bool {
	if p.Deliver == nil {
		return false
	}
	say(w, "  git commit, git push; %s applies it", p.Deliver.Engine())
	return true
}

func changes(r *compiler.Result) string {
	if r.Changes.None() {
		return "nothing changed"
	}
	return fmt.Sprintf("%s added, %d changed, %d removed", diag.Count(len(r.Changes.Added), "file"), len(r.Changes.Changed), len(r.Changes.Removed))
}
