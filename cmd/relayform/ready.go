package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/deploy"
	"relayform/compiler/kubectl"
	"relayform/compiler/lifecycle"
	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/compiler/shell"
	"relayform/compiler/verify"
)

// ready returns the plan of a topology whose overlays may be applied as they are.
func ready(c *cobra.Command, project project.Project, env compiler.Env) (*plan.Plan, error) {
	stderr := c.ErrOrStderr()
	result, err := compiler.Compile(project, env, compiler.Options{Locked: true, Check: true})
	switch {
	case err != nil:
		return nil, err
	case !result.Changes.None():
		say(stderr, "relayform: %s is stale: %s; nothing was applied; run %s, and %s to see what differs",
			project.Build, changes(result), project.Command("compile"), project.Command("compile --check"))
		return nil, &unreadyError{reason: fmt.Sprintf("%s is stale: %s", project.Build, changes(result))}
	case len(result.Missing) > 0:
		return nil, fmt.Errorf("kubectl needs private files that are %s first: %s", lacking(result.Missing), strings.ReplaceAll(errors.Join(result.Missing...).Error(), "\n", ", "))
	case result.Sealed:
		return nil, fmt.Errorf("the private files are encrypted, and kubectl cannot read them; first run relayform unlock %s%s", shell.Path(project.Topology), project.Flags())
	}
	report, err := compiler.Verify(project, env, env.Now)
	if err != nil {
		return nil, err
	}
	if report.Count(verify.Error) > 0 {
		say(stderr, "relayform: the clusters would not trust each other; nothing was applied")
		return nil, errors.Join(report.WriteText(stderr, screen(stderr)), &unreadyError{"what would be applied does not trust each other", report.Findings})
	}
	return result.Plan, nil
}

// overlaysOf returns the clusters whose overlays are applied, and the job of each.
func overlaysOf(stages [][]deploy.Job) (clusters []string, at map[string]*deploy.Job) {
	at = map[string]*deploy.Job{}
	for _, jobs := range stages {
		for i := range jobs {
			if !jobs[i].Register {
				clusters = append(clusters, jobs[i].Cluster)
				at[jobs[i].Cluster] = &jobs[i]
			}
		}
	}
	return clusters, at
}

// decrypted gives jobs their objects if build/ is encrypted with SOPS: kubectl cannot decrypt it.
func decrypted(project project.Project, env compiler.Env, stages [][]deploy.Job, feed kubectl.Feed) error {
	clusters, at := overlaysOf(stages)
	if len(clusters) == 0 { // no names would mean every cluster
		return nil
	}
	return compiler.Render(project, env, clusters, compiler.RenderOptions{}, func(cluster string, yaml []byte) error {
		at[cluster].Fed = feed.With(yaml)
		return nil
	})
}

// expected tells each job which workloads read its Secrets at start.
func expected(project project.Project, env compiler.Env, p *plan.Plan, stages [][]deploy.Job) error {
	want, err := compiler.Want(project, env)
	if err != nil {
		return err
	}
	deploy.Expect(stages, func(cluster string) []lifecycle.Reader { return lifecycle.Readers(p, cluster) }, want)
	return nil
}
