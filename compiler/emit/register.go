package emit

import (
	"path"

	"relayform/compiler/manifest"
	"relayform/compiler/plan"
)

// register writes the objects that register agents with the relay server. They are in a separate folder, as their CRD is installed with the
// chart.
func (e *emitter) register() {
	p := e.plan
	dir := path.Join(p.Management.Name, plan.RegisterFolder)
	agents := p.Agents()
	if len(agents) == 0 {
		return // kustomize builds no overlay without objects
	}
	b := append(make([]byte, 0, 320*len(agents)), Header...) // a generous estimate, so that it never grows
	for i, c := range agents {
		if i > 0 {
			b = append(b, "---\n"...)
		}
		b = e.scalars.AppendCluster(b, p.Product.ClusterAPIVersion, p.Namespace, c.Name, c.ClusterDomain, c.Labels, e.annotations.Registered)
	}
	e.file(path.Join(dir, plan.ClustersFile), b)
	if _, isFile := p.Registration(); !isFile {
		e.kustomization(dir, manifest.Kustomization{Resources: []string{plan.ClustersFile}})
	}
}
