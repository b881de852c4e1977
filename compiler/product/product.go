// Package product holds what relayform knows of the products whose charts are installed: names,
// ports and the paths of Helm values, as data. Each fact has its one home here.
package product

import "time"

// The Secrets of a relay, the same for every product. Helm values and overlays name them.
const (
	ServerSecret  = "relay-server-tls-secret"
	SigningSecret = "relay-tls-signing-secret"
	RootSecret    = "relay-root-tls-secret"
	TokenSecret   = "relay-identity-token-secret"
	ClientSecret  = "relay-client-tls-secret" // agents write it themselves

	CAKey    = "ca.crt"
	CertKey  = "tls.crt"
	KeyKey   = "tls.key"
	TokenKey = "token"
)

// RelayPort is the port of the relay server's Service and of its container.
const RelayPort = 9900

// AgentValidity is how long the certificates are valid that the relay server issues to agents. It
// cannot be configured.
const AgentValidity = 365 * 24 * time.Hour

// Profile is one product.
type Profile struct {
	Name string
	// Service is the relay server's Service; its pods carry the label app with the same value.
	Service string
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

// Profiles is every product, the default first.
var Profiles = []Profile{
	{
		Name:    "gloo-mesh-enterprise",
		Service: "enterprise-networking",
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
			Fixed:            []Setting{{"enterprise-networking.selfSigned", false}},
		},
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
		Name:    "gloo-platform",
		Service: "gloo-mesh-mgmt-server",
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
