package compiler

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/helm"
	"relayform/compiler/manifest"
	"relayform/compiler/plan"
	"relayform/compiler/verify"
)

// charts is findings about the charts of one cluster. Helm's releases are not kept, as 10,000 clusters would need too much memory.
type charts struct {
	findings []verify.Finding
	unjudged []string // what could not be checked, and why
}

// askCharts queries a cluster for its Helm releases, and checks the relay's. Without permission to list them, or without Helm, that is
// reported, but not a fault.
func (c *compile) askCharts(ctx context.Context, p *plan.Plan, cluster plan.Cluster, flags []string) (found charts) {
	text, err := c.env.Kubectl.In(cluster.Context)(ctx, slices.Concat(flags,
		[]string{"--namespace=" + p.Namespace, "get", "secrets", "--selector=owner=helm,status=deployed", "--ignore-not-found", "--output", "json"})...)
	if err != nil {
		found.unjudged = append(found.unjudged, fmt.Sprintf("Helm's releases could not be listed: %v", err))
		return found
	}
	objects, _, err := manifest.ReadHeld(text, "Secret")
	if err != nil {
		found.unjudged = append(found.unjudged, fmt.Sprintf("Helm's releases: what kubectl printed: %v", err))
		return found
	}
	var releases []helm.Release
	deployed := helm.Deployed(objects, func(o manifest.Held) manifest.Held { return o })
	for i, o := range deployed {
		if i == helm.MaxReleases {
			found.unjudged = append(found.unjudged, fmt.Sprintf("there are %d Helm releases; the limit is %d, and the others were not read", len(deployed), helm.MaxReleases))
			break
		}
		r, err := helm.Read(o)
		if err != nil {
			found.unjudged = append(found.unjudged, fmt.Sprintf("Helm release %s: %v", helm.NameOf(o), err))
			continue
		}
		if r.OfRelay() {
			releases = append(releases, r)
		}
	}
	var missing []string
	found.findings, missing = verify.Releases(p.Product, cluster.Name, "context "+cluster.Context, installations(p, cluster), releases)
	if len(missing) > 0 {
		found.unjudged = append(found.unjudged, fmt.Sprintf("no Helm release of %s in the namespace %s (what Argo CD and helm template apply leaves none)", strings.Join(missing, ", or of "), p.Namespace))
	}
	return found
}

// installations returns the charts that a cluster should have. While an agent has no address, its chart is not among them.
func installations(p *plan.Plan, c plan.Cluster) (all []verify.Installation) {
	if c.Name == p.Management.Name {
		all = append(all, verify.Installation{Chart: p.Product.ServerChart.Name, Settings: p.ServerSettings(c.Name)})
	}
	if c.Agent && c.RelayAddress != "" {
		settings := p.AgentSettings(c.Name, c.RelayAddress, c.Authority)
		if c.Name == p.Management.Name {
			settings = p.OwnAgentSettings()
		}
		all = append(all, verify.Installation{Chart: p.Product.AgentChart.Name, Settings: settings})
	}
	return all
}

// installed is findings about the charts of all clusters.
type installed struct {
	findings []verify.Finding
	unjudged []string
	clusters map[string][]string // by what could not be checked
}

func (i *installed) add(cluster string, c charts) {
	i.findings = append(i.findings, c.findings...)
	for _, what := range c.unjudged {
		if i.clusters == nil {
			i.clusters = map[string][]string{}
		}
		if i.clusters[what] == nil {
			i.unjudged = append(i.unjudged, what)
		}
		i.clusters[what] = append(i.clusters[what], cluster)
	}
}

// leftOut returns what could not be checked, once, with the clusters concerned.
func (i *installed) leftOut() (all []string) {
	for _, what := range i.unjudged {
		all = append(all, fmt.Sprintf("the Helm values of %s: %s", verify.InWords(i.clusters[what]), what))
	}
	return all
}
