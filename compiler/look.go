package compiler

import (
	"context"
	"slices"

	"relayform/compiler/manifest"
	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/compiler/readiness"
	"relayform/compiler/verify"
)

// Looked is the reasons against applying overlays, given the clusters' state.
type Looked struct {
	Findings []verify.Finding
	Unasked  map[string]error // clusters that could not be queried
}

// Look queries the clusters whose overlays are to be applied, up to most in parallel, and others if their state matters. It only reads,
// with one kubectl for each cluster.
func Look(ctx context.Context, project project.Project, env Env, clusters []string, most int) (Looked, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	p, l, err := c.complete()
	if err != nil {
		return Looked{}, err
	}
	names := verify.NamesOf(p.Product)
	looked := Looked{Unasked: map[string]error{}}
	var seen []readiness.Cluster
	look := func(all []plan.Cluster, applied bool) {
		answers := c.askEach(ctx, p, all, question{names: names, most: most})
		for i, cluster := range all {
			for _, s := range answers[i].secrets {
				delete(s.Data, names.Keys.Key) // not needed for any check
			}
			seen = append(seen, readiness.Cluster{
				Name: cluster.Name, Management: cluster.Name == p.Management.Name, Agent: cluster.Agent,
				Applied: applied, Unasked: answers[i].err != nil, Secrets: answers[i].secrets,
			})
			if answers[i].err != nil && applied {
				looked.Unasked[cluster.Name] = answers[i].err
			}
		}
	}
	chosen := make(map[string]bool, len(clusters))
	for _, name := range clusters {
		chosen[name] = true
	}
	apart := func(applied bool) []plan.Cluster {
		return slices.DeleteFunc(p.All(), func(c plan.Cluster) bool { return chosen[c.Name] != applied })
	}
	judge := func() *readiness.Mesh { return readiness.New(l, names, makers(p), env.Now, seen) }
	look(apart(true), true)
	mesh := judge()
	switch management, agents := mesh.Wider(); {
	case management:
		look([]plan.Cluster{p.Management}, false)
		mesh = judge()
	case agents:
		look(slices.DeleteFunc(apart(false), func(c plan.Cluster) bool { return !c.Agent }), false)
		mesh = judge()
	}
	looked.Findings = mesh.Apply()
	return looked, ctx.Err()
}

// makers returns the kinds of objects from which operators create the topology's Secrets.
func makers(p *plan.Plan) []string {
	var all []string
	switch {
	case p.SealedSecrets != nil:
		all = append(all, manifest.SealedSecret.Name)
	case p.ExternalSecrets != nil:
		all = append(all, manifest.ExternalSecret.Name)
	}
	if len(p.Product.Issued()) > 0 {
		all = append(all, manifest.Certificate.Name)
	}
	return all
}

// standing returns clusters in their current state, none of them to be applied.
func standing(clusters []verify.Cluster, stale map[string][]string) []readiness.Cluster {
	all := make([]readiness.Cluster, len(clusters))
	for i, c := range clusters {
		all[i] = readiness.Cluster{Name: c.Name, Management: c.Management, Agent: c.Agent, Secrets: c.Secrets, Stale: stale[c.Name]}
	}
	return all
}
