package plan

import (
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/ingress"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

// Telemetry is the telemetry gateway of a mesh.
type Telemetry struct {
	Name    string // the name by which collectors verify it
	Address string // host:port that the remotes' collectors dial, from the topology; empty if not known yet
	Ingress ingress.Chosen
}

// telemetry resolves the telemetry gateway, if the topology asks for one and the product has it.
func (r *resolver) telemetry(p *Plan, t *schema.Topology) error {
	asked := t.Management.Telemetry
	if asked == nil {
		return nil
	}
	at := []string{"management", "telemetry"}
	if p.Product.Telemetry == nil {
		if !r.doc.Refused("product") {
			r.faultAtKey(at, diag.BadValue.Fault("the charts of "+p.Product.Name+" have no telemetry gateway", "remove telemetry, or write "+withTelemetry()))
		}
		return nil
	}
	to := p.telemetryTarget()
	if host := to.Host(); len(host) > maxName && len(p.relay().Host()) <= maxName {
		r.fault([]string{"management", "clusterDomain"}, diag.BadAuthority.Fault(fmt.Sprintf("the telemetry gateway's name %s would have %d characters; a DNS name has at most %d", diag.Shorten(host), len(host), maxName), ""))
	}
	p.Telemetry = &Telemetry{Name: to.Hosts[0], Address: string(asked.Address)}
	if p.Telemetry.Address != "" {
		r.address(append(at, "address"), p.Telemetry.Address)
	}
	if asked.Ingress == (schema.Ingress{}) {
		return nil // already reported
	}
	var err error
	if p.Telemetry.Ingress, err = r.ingress(asked.Ingress, to); err != nil {
		return err
	}
	if path, fault := ingress.Clash(t.Management.Ingress, asked.Ingress); fault != nil && !r.doc.Refused("management", "ingress") {
		r.fault(slices.Concat(at, []string{"ingress"}, path), fault)
	}
	return nil
}

// withTelemetry lists the topology's names of the products that have a telemetry gateway.
func withTelemetry() string {
	var names []string
	for _, other := range product.Profiles {
		if other.Telemetry != nil {
			names = append(names, fmt.Sprintf("product: %s, whose charts have one from %s on", other.Name, other.Versions.From))
		}
	}
	return strings.Join(names, ", or ")
}

// ingress returns the ingress form that the topology chooses for a target.
func (r *resolver) ingress(in schema.Ingress, to ingress.Target) (ingress.Chosen, error) {
	return ingress.Resolve(in, to, func(path []string, fault *diag.Fault, from ...string) {
		at := append(strings.Split(to.Field, "."), path...)
		for _, neighbour := range from {
			if r.doc.Refused(append(slices.Clone(at[:len(at)-1]), neighbour)...) {
				return
			}
		}
		r.faultAtKey(at, fault)
	})
}

// telemetryTarget returns the telemetry gateway as an ingress target.
func (p *Plan) telemetryTarget() ingress.Target {
	gateway := p.Product.Telemetry
	return ingress.ToTelemetry(ingress.Target{
		Service: gateway.Service, Port: gateway.Port, Pods: gateway.Pods,
		Namespace: p.Namespace, ClusterDomain: p.Management.ClusterDomain, Hosts: []string{p.Product.TelemetryName(p.Namespace)},
	})
}

// ServerSettings returns the values for the server's chart.
func (p *Plan) ServerSettings(cluster string) []product.Setting {
	var telemetry product.Service
	if p.Telemetry != nil {
		telemetry = p.Telemetry.Ingress.Service
	}
	return p.Product.ServerSettings(p.Namespace, cluster, p.Ingress.Service, telemetry)
}

// AgentSettings returns the values for the chart of a remote's agent.
func (p *Plan) AgentSettings(cluster, address, authority string) []product.Setting {
	return p.Product.AgentSettings(p.Namespace, cluster, address, authority, p.TelemetryAddress())
}

// OwnAgentSettings returns those for the agent in the management cluster, which reaches relay server and telemetry gateway by their
// Services.
func (p *Plan) OwnAgentSettings() []product.Setting {
	telemetry := ""
	if p.Telemetry != nil {
		to := p.telemetryTarget()
		telemetry = fmt.Sprintf("%s:%d", to.Host(), to.Port.Number)
	}
	return p.Product.AgentSettings(p.Namespace, p.Management.Name, p.Management.RelayAddress, p.Management.Authority, telemetry)
}

// Gateway returns the name by which collectors verify the telemetry gateway; empty without one.
func (p *Plan) Gateway() string {
	if p.Telemetry == nil {
		return ""
	}
	return p.Telemetry.Name
}

// TelemetryAddress returns the address that the remotes' collectors dial; empty without a telemetry gateway, or if not known yet.
func (p *Plan) TelemetryAddress() string {
	if p.Telemetry == nil {
		return ""
	}
	return p.Telemetry.Address
}

// TelemetryIngress returns the name of the ingress form through which they reach it; empty without a telemetry gateway.
func (p *Plan) TelemetryIngress() string {
	if p.Telemetry == nil {
		return ""
	}
	return p.Telemetry.Ingress.Name
}

// Ways returns the ingress forms of the relay server and, if there is one, the telemetry gateway.
func (p *Plan) Ways() []ingress.Chosen {
	ways := []ingress.Chosen{p.Ingress}
	if p.Telemetry != nil {
		ways = append(ways, p.Telemetry.Ingress)
	}
	return ways
}
