package main

import (
	"fmt"
	"io"
	"path/filepath"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/shell"
)

func newCompile() *cobra.Command {
	var at files
	var form format
	var options compiler.Options
	c := &cobra.Command{
		Use:   "compile [FILE]",
		Short: "Compile a topology into overlays that kubectl applies",
		Long: `Compile issues the certificates that the topology asks for and the lockfile lacks, records
them in the lockfile, and writes the overlays. Where nothing changed, nothing is written.

In CI, without any key: relayform compile --locked --check`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			env, err := at.environment()
			if err != nil {
				return err
			}
			project := at.project(args)
			result, err := compiler.Compile(project, env, options)
			if err != nil {
				return err
			}
			if options.Check {
				if result.Changes.None() {
					return nil
				}
				fmt.Fprintf(c.ErrOrStderr(), "relayform: %s is stale: %s; run relayform compile and commit the result\n", project.Build, changes(result))
				if _, err := c.OutOrStdout().Write(result.Diff); err != nil {
					return err
				}
				return errShort
			}
			summarize(c.ErrOrStderr(), project, result)
			return nil
		},
	}
	at.register(c)
	form.register(c)
	at.registerIdentity(c)
	c.Flags().BoolVar(&options.Locked, "locked", false, "issue nothing; exit 1 where something would have to be")
	c.Flags().BoolVar(&options.Check, "check", false, "write nothing; print what would change and exit 1 where something would")
	c.Flags().BoolVar(&options.ProveAll, "prove-all", false, "build every overlay in memory before writing, not one of each that are alike")
	c.Flags().BoolVar(&options.ReissueRoot, "reissue-root", false, "replace the root in one step where the topology asks for another; agents that trust the old one alone are cut off")
	return c
}

// summarize says what a compile did and what comes next.
func summarize(w io.Writer, project compiler.Project, r *compiler.Result) {
	for _, due := range r.Issued {
		if due.Role == compiler.RootRotation {
			fmt.Fprintf(w, "%s\n", due.Reason)
			continue
		}
		until := ""
		if c := r.Lock.Newest(due.Role); c != nil {
			until = fmt.Sprintf(" %d, valid until %s", c.Generation, c.NotAfter)
		}
		fmt.Fprintf(w, "issued %s%s: %s\n", due.Role, until, due.Reason)
	}
	fmt.Fprintf(w, "%s: %d clusters, %s in %s\n", r.Plan.Name, len(r.Plan.Clusters()), changes(r), project.Build)
	warn(w, project, r)
	if r.Changes.None() {
		return
	}
	if r.Lock.Rotation != nil {
		fmt.Fprintf(w, "next:\n  git add %s\n", shell.Paths(committed(project, r)...))
		fmt.Fprintf(w, "  then what %s says of the phase %s\n", filepath.Join(project.Build, "RUNBOOK.md"), r.Lock.Phase())
		return
	}
	fmt.Fprintf(w, "next:\n  git add %s\n", shell.Paths(committed(project, r)...))
	fmt.Fprintf(w, "  kubectl --context %s apply -k %s\n", shell.Word(r.Plan.Management.Context), shell.Path(filepath.Join(project.Build, r.Plan.Management.Name)))
	fmt.Fprintf(w, "  then the other steps of %s\n", filepath.Join(project.Build, "RUNBOOK.md"))
	if r.Plan.RelayAddress == "" {
		fmt.Fprintf(w, "management.relayAddress is not set: agents cannot start until it is; step 3 of the runbook finds it\n")
	}
}

func changes(r *compiler.Result) string {
	if r.Changes.None() {
		return "nothing changed"
	}
	return fmt.Sprintf("%d files added, %d changed, %d removed", len(r.Changes.Added), len(r.Changes.Changed), len(r.Changes.Removed))
}
