package product

import (
	"slices"

	"relayform/compiler/pki"
)

// Telemetry is a product's telemetry gateway, to which a collector in each cluster sends metrics.
type Telemetry struct {
	Service string
	Pods    map[string]string // labels of the pods behind the Service
	Port    Port
	// Role is the role of the gateway's certificate.
	Role Role
	// Gateway is the gateway's Deployment, and Collector the collectors' DaemonSet.
	Gateway, Collector string
	Server             TelemetryServerValues
	Agent              TelemetryAgentValues
}

// TelemetryServerValues are paths in the server chart's values.
type TelemetryServerValues struct {
	ServiceType        string
	ServiceAnnotations string
	ServerName         string
	Fixed              []Setting
}

// TelemetryAgentValues are paths in the agent chart's values.
type TelemetryAgentValues struct {
	Address    string
	ServerName string
	Fixed      []Setting
}

// platformTelemetry is the gateway of gloo-platform. It reads its certificate only at start, as the chart leaves
// telemetryGatewayCustomization.reloadTlsCertificate at 0; its collectors trust the relay's root, as the chart mounts it (Gloo Mesh
// Enterprise, "Helm values reference", and "Set up the telemetry pipeline with your own certificates").
var platformTelemetry = Telemetry{
	Service: "gloo-telemetry-gateway",
	Pods:    map[string]string{"app.kubernetes.io/name": "telemetryGateway"},
	Port:    Port{"otlp", 4317},
	Role: Role{
		Role: pki.Telemetry, Secret: "gloo-telemetry-gateway-tls-secret", RestartGateway: true,
		Note: "collectors that are connected stay so until the telemetry gateway restarts, and connect again by themselves",
	},
	Gateway:   "gloo-telemetry-gateway",
	Collector: "gloo-telemetry-collector-agent",
	Server: TelemetryServerValues{
		ServiceType:        "telemetryGateway.service.type",
		ServiceAnnotations: "telemetryGateway.service.annotations",
		ServerName:         "telemetryGatewayCustomization.serverName",
		Fixed: []Setting{
			{"telemetryGateway.enabled", true},
			{"telemetryGatewayCustomization.disableCertGeneration", true},
		},
	},
	Agent: TelemetryAgentValues{
		Address:    "telemetryCollector.config.exporters.otlp.endpoint",
		ServerName: "telemetryCollectorCustomization.serverName",
		Fixed:      []Setting{{"telemetryCollector.enabled", true}},
	},
}

// WithTelemetry returns the product for a topology with a telemetry gateway: the gateway has a certificate, and it and the collectors read
// the roots at start. A product without a gateway is unchanged.
func (p Profile) WithTelemetry() Profile {
	if p.Telemetry == nil {
		return p
	}
	p.Roles = append(slices.Clone(p.Roles), p.Telemetry.Role)
	for i, r := range p.Roles {
		if r.Role == pki.Root {
			p.Roles[i].RestartGateway, p.Roles[i].RestartCollectors = true, true
		}
	}
	return p
}

// TelemetryName returns the name by which collectors verify the telemetry gateway.
func (p Profile) TelemetryName(namespace string) string { return p.Telemetry.Service + "." + namespace }

// TelemetryNames returns the SANs of the telemetry gateway's certificate: the name that collectors verify, then the other names of its
// Service; none without a gateway.
func (p Profile) TelemetryNames(namespace, clusterDomain string) []string {
	if !p.Has(pki.Telemetry) {
		return nil
	}
	return namesOf(p.Telemetry.Service, p.TelemetryName(namespace), namespace, clusterDomain)
}

// telemetryServer returns the server chart's values for the telemetry gateway.
func (p Profile) telemetryServer(namespace string, service Service) []Setting {
	if !p.Has(pki.Telemetry) {
		return nil
	}
	v := p.Telemetry.Server
	s := append(slices.Clone(v.Fixed), Setting{v.ServerName, p.TelemetryName(namespace)}, Setting{v.ServiceType, service.Type})
	if len(service.Annotations) > 0 {
		s = append(s, Setting{v.ServiceAnnotations, service.Annotations})
	}
	return s
}

// telemetryAgent returns the agent chart's values for the collector. An empty address is omitted.
func (p Profile) telemetryAgent(namespace, address string) []Setting {
	if !p.Has(pki.Telemetry) {
		return nil
	}
	v := p.Telemetry.Agent
	s := append(slices.Clone(v.Fixed), Setting{v.ServerName, p.TelemetryName(namespace)})
	if address != "" {
		s = append(s, Setting{v.Address, address})
	}
	return s
}
