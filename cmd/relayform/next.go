package main

import (
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/emit"
	"relayform/compiler/issue"
	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/compiler/shell"
)

// nextStep is something to do next.
type nextStep struct {
	Run string `json:"run,omitempty" jsonschema:"A command for a shell, or a comment."`
	Do  string `json:"do,omitempty" jsonschema:"What to do, in words, if no command does it."`
}

// nextSteps collects what to do next. It shows relayform's commands as the user types them here.
type nextSteps []nextStep

func (s *nextSteps) run(format string, args ...any) {
	*s = append(*s, nextStep{Run: typed(fmt.Sprintf(format, args...), ownName())})
}

func (s *nextSteps) do(format string, args ...any) {
	*s = append(*s, nextStep{Do: typed(fmt.Sprintf(format, args...), ownName())})
}

// add adds the command that adds files to git, by their paths in a folder.
func (s *nextSteps) add(dir string, files ...string) {
	git := "git"
	if dir != "." {
		git += " -C " + shell.Path(dir)
	}
	s.run("%s add %s", git, shell.Paths(files...))
}

// sayNext lists what to do next, for people.
func sayNext(w io.Writer, all nextSteps) {
	say(w, "next:")
	for _, s := range all {
		for line := range strings.Lines(s.Run + s.Do) {
			say(w, "  %s", strings.TrimSuffix(line, "\n"))
		}
	}
}

// nextOf returns what to do after a compile that changed something.
func nextOf(c *cobra.Command, project project.Project, r *compiler.Result) nextSteps {
	var all nextSteps
	all.commit(c, project, r, project.Committed(r.Plan))
	all.send(project, r)
	runbook := filepath.Join(project.Build, "RUNBOOK.md")
	switch {
	case r.Held():
		return all
	case r.Lock.Rotation != nil:
		all.do("then follow %s for the phase %s", runbook, r.Lock.Phase())
		return all
	}
	engine := all.deliver(r.Plan)
	switch {
	case r.Clusters != nil:
		for _, command := range r.Next(project) {
			all.run("%s", command)
		}
	case engine:
		all.do("then the other steps of %s", runbook)
	default:
		all.run("%s", kubectlApply(project, r.Plan, r.Plan.Management.Name))
		all.do("then the other steps of %s", runbook)
	}
	return all
}

// commit adds the first steps: commit the files, and give kubectl what it needs.
func (s *nextSteps) commit(c *cobra.Command, project project.Project, r *compiler.Result, files []string) {
	s.add(".", files...)
	if r.Sealed {
		s.run("%s", command(c, project, "unlock"))
	}
	if r.Plan.ExternalSecrets != nil {
		s.run("%s", command(c, project, "push"))
	}
}

// send adds what to do with requests that were just made.
func (s *nextSteps) send(project project.Project, r *compiler.Result) {
	if slices.ContainsFunc(r.Issued, issue.Due.IsRequest) {
		s.do("then follow %s for each request", filepath.Join(project.Build, plan.RequestsFolder, emit.RunbookFile))
	}
}

// deliver adds that an engine applies what is committed, if the topology has one, and reports whether it does.
func (s *nextSteps) deliver(p *plan.Plan) bool {
	if p.Deliver == nil {
		return false
	}
	s.do("git commit, git push; %s applies it", p.Deliver.Engine())
	return true
}
