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
	// Name says the range of its charts.
	Name string
	// Old is the name that topologies have of it which were written before there was more than one range of a major version; empty
	// where there was none.
	Old string
	// Versions are those of its charts that the profile is right for.
	Versions Versions
	// Succeeded says that later charts have the same names, so that where no version is chosen, helm has to be told to stay below them.
	Succeeded bool
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
	// Telemetry is the telemetry gateway; nil where the product has none.
	Telemetry *Telemetry
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
	// RestartServer and RestartAgents say who reads it only at start. What neither does is reloaded hot.
	RestartServer, RestartAgents bool
	// RestartGateway and RestartCollectors say the same of the telemetry gateway and its collectors.
	RestartGateway, RestartCollectors bool
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
	ServerSecret     string   // a block with name and namespace
	SigningSecret    string   // a block with name and namespace
	TokenSecret      string   // a block with name, namespace and key
	Cluster          []string // the management cluster's own name: all are set, where versions differ; none where the chart has no such value
	NoRelayCA        string   // true where agents bring certificates of their own
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

// Find is the profile of that name, the one that it has or had.
func Find(name string) (Profile, bool) {
	for _, p := range Profiles {
		if p.Name == name || p.Old == name && name != "" {
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

// Fitting is the profile that is right for a chart of that name and version.
func Fitting(chart, version string) (Profile, bool) {
	for _, p := range Profiles {
		if p.Installs(chart) && p.Versions.Have(version) {
			return p, true
		}
	}
	return Profile{}, false
}

// Installs reports whether a chart of that name is the server's or the agent's, of whatever version.
func (p Profile) Installs(chart string) bool {
	return chart == p.ServerChart.Name || chart == p.AgentChart.Name
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
