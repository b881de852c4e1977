package adopt

import (
	"relayform/compiler/mutualtls"
)

// keepsMutualTLS refuses meshes whose agents and relay server do not verify each other: certificates alone would not change that, as values
// and variables stay.
func (f *finder) keepsMutualTLS() {
	var off []sameIn
	for _, s := range f.sources {
		if f.left(s.Name) {
			continue
		}
		for _, v := range f.values[s.Name] {
			for _, x := range mutualtls.InTree(v.Tree) {
				off = group(off, x.String(), v.At)
			}
		}
		for _, o := range s.Objects {
			if o.Kind != "Deployment" || o.Name != f.mesh.Product.Service && o.Name != f.mesh.Product.AgentDeployment {
				continue
			}
			for _, x := range mutualtls.InManifests(o.Spec) {
				off = group(off, x.String(), "Deployment "+o.Name+" in "+o.At)
			}
		}
	}
	for _, g := range off {
		f.fault(named(g.clusters), "remove this setting and upgrade the chart, so that the mesh runs with mutual TLS; then adopt it. A topology cannot switch mutual TLS off", "%s", g.text)
	}
}
