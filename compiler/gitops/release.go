package gitops

import "relayform/compiler/product"

// release is a chart installed in a cluster.
type release struct {
	product.Chart
	what   string // crds, server or agent
	file   string // relayform's values file in the cluster's folder; may be empty
	values []byte // its content
}

// ofServer returns the releases of the management cluster, in order; none if charts are installed by other means.
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

// ofAgent returns the releases of a remote, the agent's last.
func (w *Writer) ofAgent(values []byte) []release {
	releases := w.crds()
	if releases == nil {
		return nil
	}
	return append(releases, release{w.plan.Product.AgentChart, "agent", ValuesFile, values})
}

// crds returns the release that every cluster needs first, if any; nil if charts are installed by other means.
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
