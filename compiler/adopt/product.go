package adopt

import (
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/helm"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// shared asks for what no object determines.
func (f *finder) shared(because string, products []string) {
	f.fault("", "add the Helm releases (Secrets of the type "+helm.Type+") or the Helm values; or name the product: --product "+strings.Join(products, ", or --product "),
		"cannot tell which product runs: found %s, which is the same in the charts of %s", because, strings.Join(products, " and of "))
}

// evidence indicates which product runs: one of several, if their charts look alike.
type evidence struct {
	products []string
	because  string
}

// product determines the product by what is installed; otherwise by values, then by the relay server's Service, then by the objects that
// register clusters.
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
		if answered := f.mesh.Product.Name; len(found) > 0 && answered != "" && !slices.ContainsFunc(found, func(e evidence) bool { return slices.Contains(e.products, answered) }) {
			f.fault("--product "+f.answers.Product, "leave it out, or give only the manifests of this mesh", "%s belongs to %s", found[0].because, strings.Join(found[0].products, " or "))
		}
		if len(f.faults) > 0 || f.mesh.Product.Name != "" { // whatever the answers, charts of a different generation are refused
			return
		}
		if len(found) == 0 {
			continue
		}
		left := found[0].products
		for _, e := range found[1:] {
			both := slices.DeleteFunc(slices.Clone(left), func(p string) bool { return !slices.Contains(e.products, p) })
			if len(both) == 0 {
				f.fault("", "name the one that runs in this mesh: --product "+left[0]+", or --product "+e.products[0], "found both %s (%s) and %s (%s)", left[0], found[0].because, e.products[0], e.because)
				return
			}
			left = both
		}
		if len(left) > 1 {
			f.shared(found[0].because, left)
			return
		}
		f.mesh.Product, _ = product.Find(left[0])
		f.mesh.Because.Product = found[0].because
		return
	}
	f.fault("", "name it: --product "+strings.Join(product.Names(), ", or --product "), "cannot tell which product runs: found no Helm release, no Helm values, no Service of a relay server and no KubernetesCluster")
}

// charts returns evidence from Helm releases of the relay's charts.
func (f *finder) charts() (found []evidence) {
	for _, s := range f.sources {
		for _, r := range f.releases[s.Name] {
			if !r.ours() {
				continue
			}
			p, ok := product.Fitting(r.Chart, r.Version)
			if !ok {
				var known []string
				for _, p := range product.Profiles {
					if p.Installs(r.Chart) {
						known = append(known, "from "+p.Versions.From+" to before "+p.Versions.Before)
					}
				}
				f.fault(r.At, "relayform supports versions "+strings.Join(known, ", and "), "relayform does not support the chart %s %s", r.Chart, r.Version)
				continue
			}
			found = append(found, evidence{[]string{p.Name}, fmt.Sprintf("chart %s %s, %s", r.Chart, r.Version, r.At)})
			f.version(r)
		}
	}
	return found
}

// chartsValues returns evidence from values that only one product's charts have.
func (f *finder) chartsValues() (found []evidence) {
	for _, v := range f.allValues() {
		for _, p := range product.Profiles {
			if path := own(v, p); path != "" {
				found = append(found, evidence{[]string{p.Name}, path + " in " + v.At})
			}
		}
	}
	return found
}

// own returns a path in values that only one product's charts have; may be empty.
func own(v verify.Values, p product.Profile) string {
	paths := func(p product.Profile) []string {
		s, a := p.Server, p.Agent
		return []string{s.ServiceType, s.ServerSecret, s.SigningSecret, s.TokenSecret, a.Address, a.Authority, a.RootSecret, a.ClientSecret, a.TokenSecret}
	}
	for _, path := range paths(p) {
		if v.Value(path) == nil || slices.ContainsFunc(product.Profiles, func(o product.Profile) bool { return o.Name != p.Name && slices.Contains(paths(o), path) }) {
			continue
		}
		return path
	}
	return ""
}

func (f *finder) services() (found []evidence) {
	return f.objects("Service", func(o Object, p product.Profile) string {
		if o.Name != p.Service {
			return ""
		}
		return "Service " + o.Name
	})
}

func (f *finder) registrations() (found []evidence) {
	return f.objects("KubernetesCluster", func(o Object, p product.Profile) string {
		if o.APIVersion != p.ClusterAPIVersion {
			return ""
		}
		return "KubernetesCluster " + o.APIVersion
	})
}

// objects returns evidence from objects of a kind: is describes an object that belongs to a product.
func (f *finder) objects(kind string, is func(Object, product.Profile) string) (found []evidence) {
	for _, s := range f.sources {
		for _, o := range s.Objects {
			if o.Kind != kind {
				continue
			}
			var e evidence
			for _, p := range product.Profiles {
				if what := is(o, p); what != "" {
					e.products, e.because = append(e.products, p.Name), what+" in "+o.At
				}
			}
			if len(e.products) > 0 {
				found = append(found, e)
			}
		}
	}
	return found
}

// allValues returns those of releases of the relay's charts, and those in files.
func (f *finder) allValues() (all []verify.Values) {
	for _, s := range f.sources {
		all = append(all, f.values[s.Name]...)
	}
	return all
}
