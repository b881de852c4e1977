package adopt

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"relayform/compiler/ingress"
	"relayform/compiler/scaffold"
)

// istioGateway is an Istio Gateway with the server that passes the relay's TLS through.
type istioGateway struct {
	object   Object
	selector map[string]string
	port     int
}

// route is a VirtualService that routes the authority to the relay server.
type route struct {
	object   Object
	host     string
	gateways []string
	port     int
}

const istioGroup = "networking.istio.io/"

// routes returns the VirtualServices that route TLS to the relay server.
func (f *finder) routes() (all []route) {
	for _, o := range f.mesh.Management.source.Objects {
		if o.Kind != "VirtualService" || !strings.HasPrefix(o.APIVersion, istioGroup) {
			continue
		}
		var spec struct {
			Gateways []string `json:"gateways"`
			TLS      []struct {
				Match []struct {
					Port     int      `json:"port"`
					SNIHosts []string `json:"sniHosts"`
				} `json:"match"`
				Route []struct {
					Destination struct {
						Host string `json:"host"`
					} `json:"destination"`
				} `json:"route"`
			} `json:"tls"`
		}
		if json.Unmarshal(o.Spec, &spec) != nil {
			continue
		}
		for _, t := range spec.TLS {
			for _, r := range t.Route {
				if !f.isRelay(r.Destination.Host, o.Namespace) {
					continue
				}
				for _, m := range t.Match {
					for _, sni := range m.SNIHosts {
						all = append(all, route{o, sni, spec.Gateways, m.Port})
					}
				}
			}
		}
	}
	return all
}

// isRelay reports whether a host is the relay server's Service, relative to a namespace.
func (f *finder) isRelay(host, namespace string) bool {
	svc, ns := f.mesh.Product.Service, f.mesh.Namespace
	return host == svc && namespace == ns || host == svc+"."+ns || host == svc+"."+ns+".svc" || strings.HasPrefix(host, svc+"."+ns+".svc.")
}

// routed returns the one name that an ingress routes to the relay server; empty for none or several.
func (f *finder) routed() string {
	names := map[string]bool{}
	for _, r := range f.routes() {
		names[r.host] = true
	}
	if len(names) != 1 {
		return ""
	}
	for name := range names {
		return name
	}
	return ""
}

// gateway finds the Gateway of a route.
func (f *finder) gateway(r route) (istioGateway, bool) {
	for _, o := range f.mesh.Management.source.Objects {
		full := o.Namespace + "/" + o.Name
		if o.Kind != "Gateway" || !strings.HasPrefix(o.APIVersion, istioGroup) || !slices.Contains(r.gateways, full) && !(slices.Contains(r.gateways, o.Name) && o.Namespace == r.object.Namespace) {
			continue
		}
		var spec struct {
			Selector map[string]string `json:"selector"`
			Servers  []struct {
				Port struct {
					Number int `json:"number"`
				} `json:"port"`
				TLS struct {
					Mode string `json:"mode"`
				} `json:"tls"`
				Hosts []string `json:"hosts"`
			} `json:"servers"`
		}
		if json.Unmarshal(o.Spec, &spec) != nil {
			continue
		}
		for _, s := range spec.Servers {
			if s.TLS.Mode == "PASSTHROUGH" && (r.port == 0 || r.port == s.Port.Number) {
				return istioGateway{o, spec.Selector, s.Port.Number}, true
			}
		}
	}
	return istioGateway{}, false
}

// ingress finds how agents reach the relay server, from existing objects.
func (f *finder) ingress() {
	found := map[string]Ingress{}
	because := map[string]string{}
	authorities := f.mesh.authorities()
	for _, r := range f.routes() {
		if g, ok := f.gateway(r); ok && authorities[r.host] && found["istio"].Form == "" {
			found["istio"] = f.istio(r, g)
			because["istio"] = fmt.Sprintf("VirtualService %s/%s and Gateway %s/%s", r.object.Namespace, r.object.Name, g.object.Namespace, g.object.Name)
		}
	}
	if o := f.relayService(); o != nil {
		s := serviceOf(*o)
		switch s.Spec.Type {
		case "LoadBalancer":
			found["loadBalancer"] = Ingress{"loadBalancer", annotations(o.Annotations)}
			because["loadBalancer"] = "Service " + o.Name + " is of type LoadBalancer"
		case "NodePort":
			found["nodePort"] = Ingress{Form: "nodePort"}
			because["nodePort"] = "Service " + o.Name + " is of type NodePort"
			f.note("the cluster chose the node port %d of Service %s; it stays as long as the Service", f.nodePort(s), o.Name)
		}
	}
	form := f.answers.Ingress
	switch {
	case form != "" && !slices.Contains(ingress.Names(), form):
		f.fault("--ingress "+form, "want "+strings.Join(ingress.Names(), ", "), "no such form")
		return
	case form != "":
		because[form] = "--ingress"
		if found[form].Form == "" {
			found[form] = Ingress{Form: form}
			if block, example := ingress.Block(form); example {
				f.note("management.ingress.%s: %s is an example; replace it with the values of your ingress", form, block)
			}
		}
	case len(found) == 0:
		f.fault("", "name the form: --ingress "+strings.Join(ingress.Names(), ", or --ingress ")+"; or add the objects that show it: kubectl get services,gateways.networking.istio.io,virtualservices --all-namespaces -o yaml", "nothing in the input shows how the relay server is reached from outside")
		return
	case len(found) == 1:
		form = slices.Collect(maps.Keys(found))[0]
	case found["loadBalancer"].Form != "" && f.balanced() != "": // the chart's Service has that type by default, whether agents use it or not
		if form = "istio"; host(f.balanced()) == host(f.mesh.RelayAddress) {
			form = "loadBalancer"
		}
	default:
		names := slices.Sorted(maps.Keys(found))
		f.fault("", "name the one that agents use: --ingress "+strings.Join(names, ", or --ingress "), "%s", inBoth(names, because))
		return
	}
	f.mesh.Ingress, f.mesh.Because.Ingress = found[form], because[form]
	if service := found["loadBalancer"]; form == "istio" && service.Form != "" {
		f.warn("Service %s is of type LoadBalancer, but agents connect through Istio: the next upgrade with relayform's values changes it to ClusterIP", f.mesh.Product.Service)
	}
}

func inBoth(names []string, because map[string]string) string {
	var parts []string
	for _, name := range names {
		parts = append(parts, because[name])
	}
	return "found several ways to reach the relay server: " + strings.Join(parts, "; ")
}

// istio returns the block for existing Istio objects. If their names are not relayform's, relayform's would be additional objects.
func (f *finder) istio(r route, g istioGateway) Ingress {
	var block []string
	if !maps.Equal(g.selector, map[string]string{"istio": "ingressgateway"}) && len(g.selector) > 0 {
		block = append(block, "selector: "+flow(g.selector))
	}
	if g.port != 443 {
		block = append(block, fmt.Sprintf("port: %d", g.port))
	}
	if v := g.object.APIVersion; v != "networking.istio.io/v1" && slices.Contains([]string{"networking.istio.io/v1beta1", "networking.istio.io/v1alpha3"}, v) {
		f.note("Gateway %s has the API version %s, but relayform writes networking.istio.io/v1, which needs Istio 1.22 or later: for an older Istio, set management.ingress.istio.apiVersion", g.object.Name, v)
	}
	for _, o := range []Object{r.object, g.object} {
		if o.Name != ingress.ObjectName || o.Namespace != f.mesh.Namespace {
			f.warn("%s %s/%s routes agents to the relay server, and relayform writes a second one, %s/%s. If two routes have the same name and port, Istio ignores one of them: delete yours right after the first apply", o.Kind, o.Namespace, o.Name, f.mesh.Namespace, ingress.ObjectName)
		}
	}
	return Ingress{"istio", block}
}

// foreign are prefixes of labels and annotations that tools and controllers write.
var foreign = []string{"app.kubernetes.io/", "kubectl.kubernetes.io/", "meta.helm.sh/", "helm.sh/", "argocd.argoproj.io/", "kustomize.toolkit.fluxcd.io/", "service.kubernetes.io/", "cloud.google.com/neg", "metallb.universe.tf/ip-allocated-from-pool", "deployment.kubernetes.io/"}

// users returns labels or annotations without those of tools.
func users(all map[string]string) map[string]string {
	own := maps.Clone(all)
	maps.DeleteFunc(own, func(key, _ string) bool {
		return slices.ContainsFunc(foreign, func(prefix string) bool { return strings.HasPrefix(key, prefix) })
	})
	return own
}

// annotations returns the block for a load balancer's annotations, without those of tools.
func annotations(all map[string]string) []string {
	own := users(all)
	if len(own) == 0 {
		return nil
	}
	lines := []string{"annotations:"}
	for _, key := range slices.Sorted(maps.Keys(own)) {
		lines = append(lines, "  "+scaffold.Word(key)+": "+scaffold.Word(own[key]))
	}
	return lines
}

// flow formats labels as a YAML flow mapping.
func flow(labels map[string]string) string {
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		parts = append(parts, scaffold.Word(key)+": "+scaffold.Word(labels[key]))
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
