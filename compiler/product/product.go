// Package product holds what relayform knows of the products whose charts are installed: names,
// ports and the paths of Helm values, as data. Each fact has its one home here.
package product

import (
	"slices"
	"time"

	"relayform/compiler/pki"
)

// Profile is one product: all that is to be known of it.
type Profile struct {
	Name string
	// Versions are those of its charts that the profile is right for.
	Versions Versions
	// Service is the relay server's Service; its pods carry PodLabel with the same value.
	Service  string
	PodLabel string
	// Port is that of the Service and of the relay server's container.
	Port Port
	// Roles are the certificates and the token that the relay works with, in the order in which overlays
	// have their Secrets.
	Roles []Role
	// ClientSecret is where agents keep the certificates that the relay server issues to them; empty where
	// it issues none.
	ClientSecret string
	// AgentValidity is how long these are valid. It cannot be configured.
	AgentValidity time.Duration
	// Kept are the roles whose certificates are in no cluster, as what they sign is: they have no Secret.
	Kept []Role
	// Keys are those of the Secrets.
	Keys Keys
	// ServerChart and AgentChart are what is installed where; the same chart may do both.
	ServerChart, AgentChart Chart
	// CRDChart is installed before either; its Name is empty where the charts bring their CRDs.
	CRDChart Chart
	// ClusterAPIVersion is that of the KubernetesCluster objects.
	ClusterAPIVersion string
	// AgentDeployment is the Deployment to watch on a remote.
	AgentDeployment string
	// Server and Agent are where the charts take their settings.
	Server ServerValues
	Agent  AgentValues
	// OwnClients is what else holds where agents are given their certificates.
	OwnClients OwnClients
}

// Port is a port of a Service.
type Port struct {
	Name   string
	Number int
}

// Keys are the keys under which Secrets hold what they hold.
type Keys struct {
	CA    string // the roots that are trusted
	Cert  string // a certificate, with its intermediates
	Key   string // its private key
	Token string
}

// All is every key.
func (k Keys) All() []string { return []string{k.CA, k.Cert, k.Key, k.Token} }

// Token is the role of the identity token, beside those of certificates.
const Token pki.Role = "token"

// Role is what one role is to a product: a Secret, and what a change of it means for the clusters.
type Role struct {
	Role   pki.Role
	Secret string
	Agents bool // every cluster has the Secret, the management cluster alone where it is false
	Own    bool // with Agents: each cluster that runs an agent has a certificate of its own, and no other has the Secret
	Issued bool // an issuer in the cluster makes the Secret: neither lockfile nor key store has anything of it
	// RestartServer and RestartAgents say who reads it at start alone. What neither does is reloaded hot.
	RestartServer, RestartAgents bool
	// Early is how long before its end a certificate is due.
	Early time.Duration
	// Note is for those who replace it.
	Note string
}

// Chart is a Helm chart.
type Chart struct {
	Name string
	Repo string // the repository's address
	// License is the value that takes the licence key; empty where none is needed.
	License string
}

// ServerValues are paths in the server chart's values.
type ServerValues struct {
	ServiceType      string
	ServiceOverrides string
	ServerSecret     string // a block with name and namespace
	SigningSecret    string // a block with name and namespace
	TokenSecret      string // a block with name, namespace and key
	Cluster          string // the management cluster's own name; empty where the chart has no such value
	NoRelayCA        string // true where agents bring certificates of their own
	Fixed            []Setting
}

// AgentValues are paths in the agent chart's values.
type AgentValues struct {
	Cluster      string
	Address      string
	Authority    string
	RootSecret   string // a block with name
	ClientSecret string // a block with name
	TokenSecret  string // a block with name, namespace and key
	Fixed        []Setting
}

// Setting is a Helm value with its path, keys joined by periods.
type Setting struct {
	Path  string
	Value any
}

// relay is the relay that both products have.
var relay = Profile{
	PodLabel: "app",
	Port:     Port{"grpc", 9900},
	Roles: []Role{
		{
			Role: pki.Root, Secret: "relay-root-tls-secret", Agents: true, RestartServer: true, RestartAgents: true,
			Early: EarlyRoot(year),
		},
		{
			Role: pki.Server, Secret: "relay-server-tls-secret",
			Note: "the relay server reloads it by itself; nothing needs a restart",
		},
		{
			Role: pki.Signing, Secret: "relay-tls-signing-secret", RestartServer: true,
			Early: EarlySigning(year),
			Note:  "running agents stay connected: their certificates carry the old signing CA, and both stand under one root",
		},
		{
			Role: Token, Secret: "relay-identity-token-secret", Agents: true, RestartServer: true,
			Note: "running agents stay connected: the token counts at first contact alone, and they have certificates; an agent without one needs the new token",
		},
	},
	ClientSecret:  "relay-client-tls-secret",
	AgentValidity: year,
	Keys:          Keys{CA: "ca.crt", Cert: "tls.crt", Key: "tls.key", Token: "token"},
}

// Profiles is every product, the default first.
var Profiles = []Profile{
	{
		Name:     "gloo-mesh-enterprise",
		Versions: Versions{"1.0", "2.0"},
		Service:  "enterprise-networking",
		PodLabel: relay.PodLabel, Port: relay.Port, Roles: relay.Roles, Keys: relay.Keys,
		ClientSecret: relay.ClientSecret, AgentValidity: relay.AgentValidity,
		ServerChart: Chart{
			Name:    "gloo-mesh-enterprise",
			Repo:    "https://storage.googleapis.com/gloo-mesh-enterprise/gloo-mesh-enterprise",
			License: "licenseKey",
		},
		AgentChart:        Chart{Name: "enterprise-agent", Repo: "https://storage.googleapis.com/gloo-mesh-enterprise/enterprise-agent"},
		ClusterAPIVersion: "multicluster.solo.io/v1alpha1",
		AgentDeployment:   "enterprise-agent",
		Server: ServerValues{
			ServiceType:      "enterprise-networking.enterpriseNetworking.serviceType",
			ServiceOverrides: "enterprise-networking.enterpriseNetworking.serviceOverrides",
			ServerSecret:     "enterprise-networking.relayTlsSecret",
			SigningSecret:    "enterprise-networking.signingTlsSecret",
			TokenSecret:      "enterprise-networking.tokenSecret",
			NoRelayCA:        "enterprise-networking.disableRelayCa",
			Fixed:            []Setting{{"enterprise-networking.selfSigned", false}},
		},
		OwnClients: OwnClients{Server: []Setting{{"enterprise-networking.disableRelayCa", true}}},
		Agent: AgentValues{
			Cluster:      "relay.cluster",
			Address:      "relay.serverAddress",
			Authority:    "relay.authority",
			RootSecret:   "relay.rootTlsSecret",
			ClientSecret: "relay.clientCertSecret",
			TokenSecret:  "relay.tokenSecret",
		},
	},
	{
		Name:     "gloo-platform",
		Versions: Versions{"2.3", "3.0"},
		Service:  "gloo-mesh-mgmt-server",
		PodLabel: relay.PodLabel, Port: relay.Port, Roles: relay.Roles, Keys: relay.Keys,
		ClientSecret: relay.ClientSecret, AgentValidity: relay.AgentValidity,
		ServerChart: Chart{
			Name:    "gloo-platform",
			Repo:    "https://storage.googleapis.com/gloo-platform/helm-charts",
			License: "licensing.glooMeshLicenseKey",
		},
		AgentChart:        Chart{Name: "gloo-platform", Repo: "https://storage.googleapis.com/gloo-platform/helm-charts"},
		CRDChart:          Chart{Name: "gloo-platform-crds", Repo: "https://storage.googleapis.com/gloo-platform/helm-charts"},
		ClusterAPIVersion: "admin.gloo.solo.io/v2",
		AgentDeployment:   "gloo-mesh-agent",
		Server: ServerValues{
			ServiceType:      "glooMgmtServer.serviceType",
			ServiceOverrides: "glooMgmtServer.serviceOverrides",
			ServerSecret:     "glooMgmtServer.relay.tlsSecret",
			SigningSecret:    "glooMgmtServer.relay.signingTlsSecret",
			TokenSecret:      "glooMgmtServer.relay.tokenSecret",
			Cluster:          "common.cluster",
			NoRelayCA:        "glooMgmtServer.relay.disableCa",
			Fixed: []Setting{
				{"glooMgmtServer.enabled", true},
				{"glooMgmtServer.relay.disableCaCertGeneration", true},
				{"glooMgmtServer.relay.disableTokenGeneration", true},
			},
		},
		Agent: AgentValues{
			Cluster:      "common.cluster",
			Address:      "glooAgent.relay.serverAddress",
			Authority:    "glooAgent.relay.authority",
			RootSecret:   "glooAgent.relay.rootTlsSecret",
			ClientSecret: "glooAgent.relay.clientTlsSecret",
			TokenSecret:  "glooAgent.relay.tokenSecret",
			Fixed:        []Setting{{"glooAgent.enabled", true}},
		},
		OwnClients: OwnClients{
			NoToken: true,
			Server:  []Setting{{"glooMgmtServer.relay.disableCa", true}},
			Agent: []Setting{ // 2.4 and later look for a token as long as these have their defaults
				{"glooAgent.relay.tokenSecret.key", nil},
				{"glooAgent.relay.tokenSecret.name", nil},
				{"glooAgent.relay.tokenSecret.namespace", nil},
			},
		},
	},
}

// Find is the profile of that name.
func Find(name string) (Profile, bool) {
	for _, p := range Profiles {
		if p.Name == name {
			return p, true
		}
	}
	return Profile{}, false
}

// Names are the names of the products, the default first.
func Names() []string {
	names := make([]string, len(Profiles))
	for i, p := range Profiles {
		names[i] = p.Name
	}
	return names
}

// Has reports whether the product works with a role.
func (p Profile) Has(role pki.Role) bool { return p.Secret(role) != "" }

// Secret is the name of a role's Secret; empty where the product has no such role.
func (p Profile) Secret(role pki.Role) string { return p.Role(role).Secret }

// Role is what a role is to the product; the zero Role where it has none.
func (p Profile) Role(role pki.Role) Role {
	for _, r := range slices.Concat(p.Roles, p.Kept) {
		if r.Role == role {
			return r
		}
	}
	return Role{Role: role}
}

// OneChart reports whether one release of one chart runs both the server and an agent beside it.
func (p Profile) OneChart() bool { return p.ServerChart.Name == p.AgentChart.Name }

// Authority is the name that agents verify the relay server by, unless the topology says otherwise.
func (p Profile) Authority(namespace string) string { return p.Service + "." + namespace }

// DNSNames are the SANs of the relay server's certificate: the authority, then the names of its
// Service from the shortest to the longest, each once.
func (p Profile) DNSNames(authority, namespace, clusterDomain string) []string {
	names := []string{authority}
	qualified := p.Service + "." + namespace
	for _, n := range []string{p.Service, qualified, qualified + ".svc", qualified + ".svc." + clusterDomain} {
		if n != authority {
			names = append(names, n)
		}
	}
	return names
}
