package compiler

import (
	"context"
	"fmt"
	"slices"

	"relayform/compiler/lifecycle"
	"relayform/compiler/manifest"
	"relayform/compiler/plan"
	"relayform/compiler/verify"

	"golang.org/x/sync/errgroup"
)

// question is what clusters are asked.
type question struct {
	names   verify.SecretNames
	flags   []string // kubectl's
	running bool     // also whether workloads have read the current Secrets
	charts  bool     // also which Helm releases are installed, with which values
	most    int      // number of clusters queried in parallel
}

// reply is a cluster's answer.
type reply struct {
	secrets []verify.Secret
	stale   []string // workloads that started before a Secret changed that they read
	charts  charts
	err     error // why it could not be queried
}

// ask gets the Secrets of every cluster, findings about its charts and, if asked for, what still has to be restarted.
func (c *compile) ask(ctx context.Context, p *plan.Plan, want verify.Material, running bool) (have verify.Material, stale map[string][]string, of installed, err error) {
	clusters := p.All()
	answers := c.askEach(ctx, p, clusters, question{want.Names, []string{"--request-timeout=20s"}, running, true, maxAsked})
	have = verify.Material{Authority: want.Authority, DNSNames: want.DNSNames, Gateway: want.Gateway, Names: want.Names, AgentValidity: want.AgentValidity}
	stale = map[string][]string{}
	unreachable := &UnreachableError{}
	for i, cluster := range clusters {
		if answers[i].err != nil {
			unreachable.Clusters = append(unreachable.Clusters, cluster.Name)
			if unreachable.First == nil {
				unreachable.First = answers[i].err
			}
			continue
		}
		have.Clusters = append(have.Clusters, verify.Cluster{
			Name: cluster.Name, Management: i == 0, Agent: cluster.Agent, Authority: cluster.Authority, Secrets: answers[i].secrets,
		})
		stale[cluster.Name] = answers[i].stale
		of.add(cluster.Name, answers[i].charts)
	}
	if unreachable.First != nil {
		return have, stale, of, unreachable
	}
	return have, stale, of, nil
}

// askEach queries clusters for the relay's Secrets in parallel; the answers keep the clusters' order.
func (c *compile) askEach(ctx context.Context, p *plan.Plan, clusters []plan.Cluster, q question) []reply {
	answers := make([]reply, len(clusters))
	var asking errgroup.Group
	asking.SetLimit(q.most)
	for i, cluster := range clusters {
		asking.Go(func() error {
			if answers[i] = c.askOne(ctx, p, cluster, q); q.charts && answers[i].err == nil {
				answers[i].charts = c.askCharts(ctx, p, cluster, q.flags)
			}
			return nil // other clusters are still queried
		})
	}
	_ = asking.Wait()
	return answers
}

// askOne queries a cluster for Secrets with one kubectl.
func (c *compile) askOne(ctx context.Context, p *plan.Plan, cluster plan.Cluster, q question) reply {
	what := append([]string{"secret"}, q.names.All()...)
	var readers []lifecycle.Reader
	if q.running {
		what = []string{"--show-managed-fields"}
		for _, name := range q.names.All() {
			what = append(what, "secrets/"+name)
		}
		readers = lifecycle.Readers(p, cluster.Name)
		for _, r := range readers {
			what = append(what, manifest.Full(r.Workload))
		}
	}
	text, err := c.env.Kubectl.In(cluster.Context)(ctx, slices.Concat(q.flags,
		[]string{"--namespace=" + p.Namespace, "get"}, what, []string{"--ignore-not-found", "--output", "json"})...)
	if err != nil {
		return reply{err: err}
	}
	found, err := manifest.ReadSecrets(text)
	if err != nil {
		return reply{err: fmt.Errorf("what kubectl printed: %w", err)}
	}
	var a reply
	if a.secrets, a.err = verify.Choose(found, q.names, p.Namespace, "context "+cluster.Context); a.err != nil || !q.running {
		return a
	}
	there, err := manifest.ReadRunning(text)
	if err != nil {
		return reply{err: fmt.Errorf("what kubectl printed: %w", err)}
	}
	for _, r := range readers {
		if there.Stale(r.Workload, r.Secrets) {
			a.stale = append(a.stale, r.Workload)
		}
	}
	return a
}
