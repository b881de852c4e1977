package product

import "relayform/compiler/pki"

// Service is how the chart configures the relay server's Service.
type Service struct {
	Type        string // a Kubernetes Service type
	Annotations map[string]string
}

// ServerSettings returns the server chart's values: everything that must agree with the overlay.
func (p Profile) ServerSettings(namespace, cluster string, service, telemetry Service) []Setting {
	v := p.Server
	s := append([]Setting{}, v.Fixed...)
	s = append(s, Setting{v.ServiceType, service.Type})
	s = append(s, p.named(pki.Server, v.ServerSecret, namespace)...)
	s = append(s, p.named(pki.Signing, v.SigningSecret, namespace)...)
	s = append(s, p.token(v.TokenSecret, namespace)...)
	for _, path := range v.Cluster {
		s = append(s, Setting{path, cluster})
	}
	if len(service.Annotations) > 0 {
		s = append(s, Setting{v.ServiceOverrides + ".metadata.annotations", service.Annotations})
	}
	return append(s, p.telemetryServer(namespace, telemetry)...)
}

// AgentSettings returns the agent chart's values. An empty address is omitted: the chart then fails instead of dialling a wrong one.
func (p Profile) AgentSettings(namespace, cluster, address, authority, telemetry string) []Setting {
	v := p.Agent
	s := append([]Setting{}, v.Fixed...)
	s = append(s,
		Setting{v.Cluster, cluster},
		Setting{v.Authority, authority},
		Setting{v.RootSecret + ".name", p.Secret(pki.Root)},
	)
	if p.Client() != "" {
		s = append(s, Setting{v.ClientSecret + ".name", p.Client()})
	}
	s = append(s, p.token(v.TokenSecret, namespace)...)
	if address != "" {
		s = append(s, Setting{v.Address, address})
	}
	return append(s, p.telemetryAgent(namespace, telemetry)...)
}

// named returns a map with name and namespace of a role's Secret; nothing if the product has no such role.
func (p Profile) named(role pki.Role, path, namespace string) []Setting {
	if !p.Has(role) {
		return nil
	}
	return []Setting{{path + ".name", p.Secret(role)}, {path + ".namespace", namespace}}
}

// token returns the same for the token's Secret, with its key.
func (p Profile) token(path, namespace string) []Setting {
	s := p.named(Token, path, namespace)
	if len(s) > 0 {
		s = append(s, Setting{path + ".key", p.Keys.Token})
	}
	return s
}
