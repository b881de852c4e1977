// Package product describes the products whose charts are installed: names, ports and paths of Helm values, as data. Each fact is defined
// only here.
package product

import (
	"slices"
	"time"

	"relayform/compiler/pki"
)

// Profile describes one product.
type Profile struct {
	// Name includes the version range of its charts.
	Name string
	// Old is the product's name in topologies from before its major version was split into several ranges; may be empty.
	Old string
	// Versions are the chart versions for which the profile is right.
	Versions Versions
	// Succeeded means that later charts have the same names, so that helm needs an upper bound if no version is chosen.
	Succeeded bool
	// Service is the relay server's Service; its pods have the label PodLabel with the same value.
	Service  string
	PodLabel string
	// Port is the port of the Service and of the relay server's container.
	Port Port
	// Roles are the certificates and the token that the relay needs, in the order of their Secrets in overlays.
	Roles []Role
	// ClientSecret is where agents store the certificates that the relay server issues to them; empty if it issues none.
	ClientSecret string
	// AgentValidity is the validity of these certificates. It cannot be configured.
	AgentValidity time.Duration
	// Kept are the roles whose certificates have no Secret, because only what they sign is in the clusters.
	Kept []Role
	// Keys are the keys of the Secrets' data.
	Keys Keys
	// ServerChart and AgentChart are the charts for server and agent; they may be the same chart.
	ServerChart, AgentChart Chart
	// CRDChart is installed first; its Name is empty if the charts contain their CRDs.
	CRDChart Chart
	// ClusterAPIVersion is the apiVersion of KubernetesCluster objects.
	ClusterAPIVersion string
	// AgentDeployment is the name of the agent's Deployment.
	AgentDeployment string
	// Server and Agent are the paths of the charts' values.
	Server ServerValues
	Agent  AgentValues
	// OwnClients is what changes when agents are given their certificates.
	OwnClients OwnClients
	// Telemetry is the telemetry gateway; nil if the product has none.
	Telemetry *Telemetry
}

// Port is a port of a Service.
type Port struct {
	Name   string
	Number int
}

// Keys are the keys of the data in Secrets.
type Keys struct {
	CA    string // trusted roots
	Cert  string // a certificate with its intermediates
	Key   string // its private key
	Token string
}

// All returns every key.
func (k Keys) All() []string { return []string{k.CA, k.Cert, k.Key, k.Token} }

// Token is the role of the identity token, in addition to those of certificates.
const Token pki.Role = "token"

// Role is a role in a product: its Secret, and the consequences of changing it.
type Role struct {
	Role   pki.Role
	Secret string
	Agents bool // every cluster has the Secret; otherwise only the management cluster
	Own    bool // with Agents: each cluster that runs an agent has its own certificate, and other clusters do not have the Secret
	Issued bool // an issuer in the cluster creates the Secret: neither lockfile nor key store contain anything of it
	// RestartServer and RestartAgents say which workloads read it only at start. Others reload it.
	RestartServer, RestartAgents bool
	// RestartGateway and RestartCollectors say the same about the telemetry gateway and its collectors.
	RestartGateway, RestartCollectors bool
	// Early is how long before expiry a certificate is due.
	Early time.Duration
	// Note is advice for replacing it.
	Note string
}

// Chart is a Helm chart.
type Chart struct {
	Name string
	Repo string // the repository's URL
	// License is the value with the licence key; empty if none is needed.
	License string
}

// ServerValues are paths in the server chart's values.
type ServerValues struct {
	ServiceType      string
	ServiceOverrides string
	ServerSecret     string   // a map with name and namespace
	SigningSecret    string   // a map with name and namespace
	TokenSecret      string   // a map with name, namespace and key
	Cluster          []string // the management cluster's own name: all are set if versions differ; empty if the chart has no such value
	NoRelayCA        string   // true if agents have their own certificates
	Fixed            []Setting
}

// AgentValues are paths in the agent chart's values.
type AgentValues struct {
	Cluster      string
	Address      string
	Authority    string
	RootSecret   string // a map with name
	ClientSecret string // a map with name
	TokenSecret  string // a map with name, namespace and key
	Fixed        []Setting
}

// Setting is a Helm value with its path: keys joined with periods.
type Setting struct {
	Path  string
	Value any
}

// Find returns the profile with a current or former name.
func Find(name string) (Profile, bool) {
	for _, p := range Profiles {
		if p.Name == name || p.Old == name && name != "" {
			return p, true
		}
	}
	return Profile{}, false
}

// Names returns the names of the products, the default first.
func Names() []string {
	names := make([]string, len(Profiles))
	for i, p := range Profiles {
		names[i] = p.Name
	}
	return names
}

// Fitting returns the profile for a chart of that name and version.
func Fitting(chart, version string) (Profile, bool) {
	for _, p := range Profiles {
		if p.Installs(chart) && p.Versions.Have(version) {
			return p, true
		}
	}
	return Profile{}, false
}

// Installs reports whether a chart name is the server's or the agent's, in any version.
func (p Profile) Installs(chart string) bool {
	return chart == p.ServerChart.Name || chart == p.AgentChart.Name
}

// Has reports whether the product uses a role.
func (p Profile) Has(role pki.Role) bool { return p.Secret(role) != "" }

// Secret returns the name of a role's Secret; empty if the product has no such role.
func (p Profile) Secret(role pki.Role) string { return p.Role(role).Secret }

// Role returns a role of the product, or the zero Role.
func (p Profile) Role(role pki.Role) Role {
	for _, r := range slices.Concat(p.Roles, p.Kept) {
		if r.Role == role {
			return r
		}
	}
	return Role{Role: role}
}

// OneChart reports whether one release of one chart runs both the server and an agent.
func (p Profile) OneChart() bool { return p.ServerChart.Name == p.AgentChart.Name }

// Authority returns the name by which agents verify the relay server, unless the topology sets another.
func (p Profile) Authority(namespace string) string { return p.Service + "." + namespace }

// DNSNames returns the SANs of the relay server's certificate: the authority, then the names of its Service from shortest to longest,
// without duplicates.
func (p Profile) DNSNames(authority, namespace, clusterDomain string) []string {
	return namesOf(p.Service, authority, namespace, clusterDomain)
}

func namesOf(service, authority, namespace, clusterDomain string) []string {
	names := []string{authority}
	qualified := service + "." + namespace
	for _, n := range []string{service, qualified, qualified + ".svc", qualified + ".svc." + clusterDomain} {
		if n != authority {
			names = append(names, n)
		}
	}
	return names
}
