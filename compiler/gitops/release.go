package gitops

import "relayform/compiler/product"

// release is a chart as it is installed in a cluster.
type release struct {
	product.Chart
	what   string // crds, server or agent
	file   string // of relayform's values, in the cluster's folder; empty for none
	values []byte // what that says
}

// ofServer are the releases of the management cluster, in order; none where somebody else installs charts.
func (w *Writer) ofServer(values map[string][]byte) []release {
	p := w.plan.Product
	releases := w.crds()
	if releases == nil {
		return nil
	}
	releases = append(releases, release{p.ServerChart, "server", ValuesFile, values[ValuesFile]})
	if w.plan.Management.Agent && !p.OneChart() {
		releases = append(releases, release{p.AgentChart, "agent", AgentValuesFile, values[AgentValuesFile]})
	}
	return releases
}

// ofAgent are the releases of a remote; the agent's is the last.
func (w *Writer) ofAgent(values []byte) []release {
	releases := w.crds()
	if releases == nil {
		return nil
	}
	return append(releases, release{w.plan.Product.AgentChart, "agent", ValuesFile, values})
}

// crds is the release that every cluster has first, where there is one; nil where somebody else installs charts.
func (w *Writer) crds() []release {
	if !w.plan.Deliver.Charts {
		return nil
	}
	releases := []release{}
	if c := w.plan.Product.CRDChart; c.Name != "" {
		releases = append(releases, release{Chart: c, what: "crds"})
	}
	return releases
}
