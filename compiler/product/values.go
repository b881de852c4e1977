package product

// Service is how the relay server's Service is to be set up by its chart.
type Service struct {
	Type        string // a Kubernetes Service type
	Annotations map[string]string
}

// ServerSettings are the values of the server chart: everything that must agree with the overlay.
func (p Profile) ServerSettings(namespace, cluster string, service Service) []Setting {
	v := p.Server
	s := append([]Setting{}, v.Fixed...)
	s = append(s,
		Setting{v.ServiceType, service.Type},
		Setting{v.ServerSecret + ".name", ServerSecret},
		Setting{v.ServerSecret + ".namespace", namespace},
		Setting{v.SigningSecret + ".name", SigningSecret},
		Setting{v.SigningSecret + ".namespace", namespace},
	)
	s = append(s, tokenSettings(v.TokenSecret, namespace)...)
	if v.Cluster != "" {
		s = append(s, Setting{v.Cluster, cluster})
	}
	if len(service.Annotations) > 0 {
		s = append(s, Setting{v.ServiceOverrides + ".metadata.annotations", service.Annotations})
	}
	return s
}

// AgentSettings are the values of the agent chart. The address is left out where it is empty: the
// chart then fails rather than dialling a wrong one.
func (p Profile) AgentSettings(namespace, cluster, address, authority string) []Setting {
	v := p.Agent
	s := append([]Setting{}, v.Fixed...)
	s = append(s,
		Setting{v.Cluster, cluster},
		Setting{v.Authority, authority},
		Setting{v.RootSecret + ".name", RootSecret},
		Setting{v.ClientSecret + ".name", ClientSecret},
	)
	s = append(s, tokenSettings(v.TokenSecret, namespace)...)
	if address != "" {
		s = append(s, Setting{v.Address, address})
	}
	return s
}

func tokenSettings(path, namespace string) []Setting {
	return []Setting{
		{path + ".name", TokenSecret},
		{path + ".namespace", namespace},
		{path + ".key", TokenKey},
	}
}
