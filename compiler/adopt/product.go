package adopt

import (
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// unknownCharts are charts of a generation that no profile describes, and its versions.
var unknownCharts = map[string]product.Versions{
	"gloo-mesh-enterprise": {From: "2.0", Before: "3.0"},
	"gloo-mesh-agent":      {From: "2.0", Before: "3.0"},
}

func (r release) unknown() bool {
	versions, ok := unknownCharts[r.Chart]
	return ok && versions.Have(r.Version)
}

// ours reports whether a release is of a chart of the relay's.
func (r release) ours() bool {
	return r.unknown() || slices.ContainsFunc(product.Profiles, func(p product.Profile) bool { return r.Chart == p.ServerChart.Name || r.Chart == p.AgentChart.Name })
}

const unknownHint = "the values of these charts have other names, and a chart ignores names that it does not know; upgrade to the chart gloo-platform 2.3 or later first, or wait until relayform has a profile of them"

// unknownValues are what only charts of that generation take; sharedValues, a Service and the objects that register clusters say nothing, as it
// has them like another.
var (
	unknownValues  = []string{"glooMeshMgmtServer", "relay.clientTlsSecret"}
	sharedValues   = []string{"relay.serverAddress", "relay.authority", "relay.rootTlsSecret", "relay.tokenSecret"}
	sharedService  = "gloo-mesh-mgmt-server"
	sharedRegister = "admin.gloo.solo.io/v2"
)

// shared asks for what no object tells.
func (f *finder) shared(because, product string) {
	f.fault("", "give the Helm releases (Secrets of the type "+releaseType+") or the Helm values; or say it, where charts of a known generation run: --product "+product,
		"%s: charts of a generation that relayform has no profile of yet (2.0 to 2.2) have that too", because)
}

// evidence is what says which product runs.
type evidence struct {
	product, because string
	shared           bool // a generation that no profile describes has it as well
}

// product finds the product by what is installed; where that is not known, by values, then by the relay server's Service, then by the
// objects that register clusters.
func (f *finder) product() {
	if f.answers.Product != "" {
		p, ok := product.Find(f.answers.Product)
		if !ok {
			f.fault("--product "+f.answers.Product, "want "+strings.Join(product.Names(), " or "), "no such product")
		}
		f.mesh.Product, f.mesh.Because.Product = p, "--product"
	}
	for _, find := range []func() []evidence{f.charts, f.chartsValues, f.services, f.registrations} {
		found := find()
		if len(f.faults) > 0 || f.mesh.Product.Name != "" { // whatever is answered, charts of which nothing is known are refused
			return
		}
		for _, e := range found {
			if e.product != found[0].product {
				f.fault("", "name the one that this mesh runs: --product "+found[0].product+", or --product "+e.product, "%s (%s) and %s (%s) are both here", found[0].product, found[0].because, e.product, e.because)
				return
			}
		}
		if len(found) > 0 && found[0].shared {
			f.shared(found[0].because, found[0].product)
			return
		}
		if len(found) > 0 {
			f.mesh.Product, _ = product.Find(found[0].product)
			f.mesh.Because.Product = found[0].because
			return
		}
	}
	f.fault("", "name it: --product "+strings.Join(product.Names(), ", or --product "), "nothing says which product runs: no Helm release of it, no Helm values, no Service of a relay server, no KubernetesCluster")
}

// charts are the Helm releases of the relay's charts.
func (f *finder) charts() (found []evidence) {
	for _, s := range f.sources {
		for _, r := range f.releases[s.Name] {
			if r.unknown() {
				f.fault(r.At, unknownHint, "the chart %s %s is of a generation that relayform has no profile of yet (2.0 to 2.2)", r.Chart, r.Version)
				continue
			}
			for _, p := range product.Profiles {
				switch {
				case r.Chart != p.ServerChart.Name && r.Chart != p.AgentChart.Name:
				case p.Versions.Have(r.Version):
					found = append(found, evidence{product: p.Name, because: fmt.Sprintf("chart %s %s, %s", r.Chart, r.Version, r.At)})
					f.version(r)
				default:
					f.fault(r.At, fmt.Sprintf("relayform knows versions from %s to before %s", p.Versions.From, p.Versions.Before), "the chart %s %s is none that relayform has a profile of", r.Chart, r.Version)
				}
			}
		}
	}
	return found
}

// chartsValues are values that only the charts of one product take.
func (f *finder) chartsValues() (found []evidence) {
	for _, v := range f.allValues() {
		for _, path := range unknownValues {
			if v.Value(path) != nil {
				f.fault(v.At, unknownHint, "%s is a value of charts of a generation that relayform has no profile of yet (2.0 to 2.2)", path)
			}
		}
		for _, p := range product.Profiles {
			if top := own(v, p); top != "" {
				found = append(found, evidence{product: p.Name, because: top + " in " + v.At})
			}
		}
	}
	return found
}

// own is a path that a product's charts take, and those of no other; empty where values have none.
func own(v verify.Values, p product.Profile) string {
	paths := func(p product.Profile) []string {
		s, a := p.Server, p.Agent
		return []string{s.ServiceType, s.ServerSecret, s.SigningSecret, s.TokenSecret, a.Address, a.Authority, a.RootSecret, a.ClientSecret, a.TokenSecret}
	}
	for _, path := range paths(p) {
		if v.Value(path) == nil || slices.Contains(sharedValues, path) || slices.ContainsFunc(product.Profiles, func(o product.Profile) bool { return o.Name != p.Name && slices.Contains(paths(o), path) }) {
			continue
		}
		return path
	}
	return ""
}

func (f *finder) services() (found []evidence) {
	for _, s := range f.sources {
		for _, o := range s.Objects {
			for _, p := range product.Profiles {
				if o.Kind == "Service" && o.Name == p.Service {
					found = append(found, evidence{p.Name, "Service " + o.Name + " in " + o.At, o.Name == sharedService})
				}
			}
		}
	}
	return found
}

func (f *finder) registrations() (found []evidence) {
	for _, s := range f.sources {
		for _, o := range s.Objects {
			for _, p := range product.Profiles {
				if o.Kind == "KubernetesCluster" && o.APIVersion == p.ClusterAPIVersion {
					found = append(found, evidence{p.Name, "KubernetesCluster of " + o.APIVersion + " in " + o.At, o.APIVersion == sharedRegister})
				}
			}
		}
	}
	return found
}

// allValues are those of releases of the relay's charts, and those of files.
func (f *finder) allValues() (all []verify.Values) {
	for _, s := range f.sources {
		all = append(all, f.values[s.Name]...)
	}
	return all
}
