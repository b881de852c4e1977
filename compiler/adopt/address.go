package adopt

import (
	"encoding/json"
	"net"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/plan"
)

// said returns a cluster's Helm value at a path, and its source: installed values take precedence over those in files.
func (f *finder) said(c *Cluster, path string) (value, at string) {
	for _, v := range c.values {
		switch have := text(v, path); {
		case have == "":
		case value == "":
			value, at = have, v.At
		case have != value:
			f.warn("%s is %s in %s, but %s in %s; adopt uses the first", path, value, at, have, v.At)
		}
	}
	return value, at
}

// domain derives the management cluster's DNS domain from the server certificate's names, if nothing else has it.
func (f *finder) domain(names []string) {
	m := &f.mesh.Management
	for _, name := range names {
		if domain, ok := strings.CutPrefix(name, f.mesh.Product.Service+"."+f.mesh.Namespace+".svc."); ok && m.ClusterDomain == "" {
			m.ClusterDomain = domain
		}
	}
}

// address finds the address that agents dial: from their values, otherwise from the Service.
func (f *finder) address() {
	m := f.mesh
	var said []sameIn
	for _, c := range f.clusters()[1:] {
		if a, _ := f.said(c, m.Product.Agent.Address); a != "" {
			said = group(said, a, c.Name)
			c.RelayAddress = a
		}
	}
	for _, g := range said {
		if err := plan.CheckAddress(g.text); err != nil {
			f.warn("agents in %s dial %q: %v; the topology omits this address", named(g.clusters), g.text, err)
		}
	}
	said = slices.DeleteFunc(said, func(g sameIn) bool { return plan.CheckAddress(g.text) != nil })
	slices.SortStableFunc(said, func(a, b sameIn) int { return len(b.clusters) - len(a.clusters) })
	switch {
	case f.answers.RelayAddress != "":
		if err := plan.CheckAddress(f.answers.RelayAddress); err != nil {
			f.fault("--relay-address "+f.answers.RelayAddress, "", "%v", err)
		}
		m.RelayAddress, m.Because.RelayAddress = f.answers.RelayAddress, "--relay-address"
	case len(said) > 0:
		m.RelayAddress, m.Because.RelayAddress = said[0].text, "the agents' values in "+named(said[0].clusters)
	default:
		if a := f.balanced(); a != "" {
			m.RelayAddress, m.Because.RelayAddress = a, "the load balancer of Service "+m.Product.Service
		}
	}
	for i := range m.Remotes {
		if c := &m.Remotes[i]; c.RelayAddress == m.RelayAddress || plan.CheckAddress(c.RelayAddress) != nil {
			c.RelayAddress = ""
		}
	}
}

// service is the relevant part of a Service.
type service struct {
	Spec struct {
		Type  string `json:"type"`
		Ports []struct {
			Port     int `json:"port"`
			NodePort int `json:"nodePort"`
		} `json:"ports"`
	} `json:"spec"`
	Status struct {
		LoadBalancer struct {
			Ingress []struct {
				IP       string `json:"ip"`
				Hostname string `json:"hostname"`
			} `json:"ingress"`
		} `json:"loadBalancer"`
	} `json:"status"`
}

func serviceOf(o Object) (s service) {
	_ = json.Unmarshal(o.Spec, &s.Spec)     // an invalid one is treated as empty
	_ = json.Unmarshal(o.Status, &s.Status) // likewise
	return s
}

// relayService returns the relay server's own Service, or nil if it was not provided.
func (f *finder) relayService() *Object {
	for i, o := range f.mesh.Management.source.Objects {
		if o.Kind == "Service" && o.Name == f.mesh.Product.Service && (o.Namespace == "" || o.Namespace == f.mesh.Namespace) {
			return &f.mesh.Management.source.Objects[i]
		}
	}
	return nil
}

// balanced returns the address of the relay server's own load balancer; may be empty.
func (f *finder) balanced() string {
	o := f.relayService()
	if o == nil {
		return ""
	}
	s := serviceOf(*o)
	for _, at := range s.Status.LoadBalancer.Ingress {
		for _, host := range []string{at.IP, at.Hostname} {
			address := net.JoinHostPort(host, strconv.Itoa(f.mesh.Product.Port.Number))
			if s.Spec.Type == "LoadBalancer" && host != "" && plan.CheckAddress(address) == nil {
				return address
			}
		}
	}
	return ""
}

// nodePort returns the relay server's node port, or 0.
func (f *finder) nodePort(s service) int {
	for _, p := range s.Spec.Ports {
		if p.Port == f.mesh.Product.Port.Number {
			return p.NodePort
		}
	}
	return 0
}

// host returns the host of an address.
func host(address string) string {
	h, _, err := net.SplitHostPort(address)
	if err != nil {
		return ""
	}
	return h
}
