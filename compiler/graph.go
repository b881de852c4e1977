package compiler

import (
	"relayform/compiler/graph"
	"relayform/compiler/project"
)

// Graph draws a project's mesh and its chain of trust. It needs no keys, and no certificates. Many remotes share boxes by the values of a
// label; see graph.Of.
func Graph(project project.Project, env Env, label string) (graph.Picture, error) {
	c := &compile{project: project, env: env}
	plan, l, err := c.load()
	if err != nil {
		return graph.Picture{}, err
	}
	return graph.Of(plan, l, label)
}
