package product

import "relayform/compiler/pki"

// relay is what all generations of the charts have in common.
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
			Note:  "running agents stay connected: their certificates carry the old signing CA, and both chain to one root",
		},
		{
			Role: Token, Secret: "relay-identity-token-secret", Agents: true, RestartServer: true,
			Note: "running agents stay connected: the token counts only at first contact, and they have certificates; an agent without one needs the new token",
		},
	},
	ClientSecret:  "relay-client-tls-secret",
	AgentValidity: year,
	Keys:          Keys{CA: "ca.crt", Cert: "tls.crt", Key: "tls.key", Token: "token"},
}

// storage is the base URL of the vendor's chart repositories.
const storage = "https://storage.googleapis.com/"

// Profiles lists every generation of the charts, the default first. A chart ignores unknown values, so each path is from the vendor's
// reference of Helm values for its range: Gloo Mesh Enterprise, "Helm chart reference", of the charts named below.
var Profiles = []Profile{
	// enterprise-networking and enterprise-agent, 1.x.
	{
		Name: "gloo-mesh-1.x", Old: "gloo-mesh-enterprise",
		Versions: Versions{"1.0", "2.0"}, Succeeded: true,
		Service:  "enterprise-networking",
		PodLabel: relay.PodLabel, Port: relay.Port, Roles: relay.Roles, Keys: relay.Keys,
		ClientSecret: relay.ClientSecret, AgentValidity: relay.AgentValidity,
		ServerChart:       Chart{Name: "gloo-mesh-enterprise", Repo: storage + "gloo-mesh-enterprise/gloo-mesh-enterprise", License: "licenseKey"},
		AgentChart:        Chart{Name: "enterprise-agent", Repo: storage + "gloo-mesh-enterprise/enterprise-agent"},
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
	// gloo-mesh-enterprise and gloo-mesh-agent, 2.0 to 2.2. Both contain their CRDs in a subchart.
	{
		Name:     "gloo-mesh-2.0-2.2",
		Versions: Versions{"2.0", "2.3"}, Succeeded: true,
		Service:  "gloo-mesh-mgmt-server",
		PodLabel: relay.PodLabel, Port: relay.Port, Roles: relay.Roles, Keys: relay.Keys,
		ClientSecret: relay.ClientSecret, AgentValidity: relay.AgentValidity,
		// 2.2 also has glooMeshLicenseKey, and accepts either.
		ServerChart:       Chart{Name: "gloo-mesh-enterprise", Repo: storage + "gloo-mesh-enterprise/gloo-mesh-enterprise", License: "licenseKey"},
		AgentChart:        Chart{Name: "gloo-mesh-agent", Repo: storage + "gloo-mesh-enterprise/gloo-mesh-agent"},
		ClusterAPIVersion: "admin.gloo.solo.io/v2",
		AgentDeployment:   "gloo-mesh-agent",
		Server: ServerValues{
			ServiceType:      "glooMeshMgmtServer.serviceType",
			ServiceOverrides: "glooMeshMgmtServer.serviceOverrides",
			ServerSecret:     "glooMeshMgmtServer.relay.tlsSecret",
			SigningSecret:    "glooMeshMgmtServer.relay.signingTlsSecret",
			TokenSecret:      "glooMeshMgmtServer.relay.tokenSecret",
			Cluster:          []string{"mgmtClusterName", "global.cluster"}, // 2.0 has only the first, which 2.2 calls deprecated
			NoRelayCA:        "glooMeshMgmtServer.relay.disableCa",
			Fixed: []Setting{
				{"glooMeshMgmtServer.relay.disableCaCertGeneration", true},
				{"glooMeshMgmtServer.relay.disableTokenGeneration", true},
			},
		},
		Agent: AgentValues{
			Cluster:      "cluster",
			Address:      "relay.serverAddress",
			Authority:    "relay.authority",
			RootSecret:   "relay.rootTlsSecret",
			ClientSecret: "relay.clientTlsSecret",
			TokenSecret:  "relay.tokenSecret",
		},
		// The token stays: agents of 2.2 need its Secret, even if they never send it.
		OwnClients: OwnClients{Server: []Setting{{"glooMeshMgmtServer.relay.disableCa", true}}},
	},
	// gloo-platform, 2.3 and later, one chart for both.
	{
		Name: "gloo-mesh-2.3+", Old: "gloo-platform",
		Versions: Versions{"2.3", "3.0"},
		Service:  "gloo-mesh-mgmt-server",
		PodLabel: relay.PodLabel, Port: relay.Port, Roles: relay.Roles, Keys: relay.Keys,
		ClientSecret: relay.ClientSecret, AgentValidity: relay.AgentValidity,
		ServerChart: Chart{
			Name:    "gloo-platform",
			Repo:    storage + "gloo-platform/helm-charts",
			License: "licensing.glooMeshLicenseKey",
		},
		AgentChart:        Chart{Name: "gloo-platform", Repo: storage + "gloo-platform/helm-charts"},
		CRDChart:          Chart{Name: "gloo-platform-crds", Repo: storage + "gloo-platform/helm-charts"},
		ClusterAPIVersion: "admin.gloo.solo.io/v2",
		AgentDeployment:   "gloo-mesh-agent",
		Server: ServerValues{
			ServiceType:      "glooMgmtServer.serviceType",
			ServiceOverrides: "glooMgmtServer.serviceOverrides",
			ServerSecret:     "glooMgmtServer.relay.tlsSecret",
			SigningSecret:    "glooMgmtServer.relay.signingTlsSecret",
			TokenSecret:      "glooMgmtServer.relay.tokenSecret",
			Cluster:          []string{"common.cluster"},
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
			Agent: []Setting{ // 2.4 and later look for a token while these have their defaults
				{"glooAgent.relay.tokenSecret.key", nil},
				{"glooAgent.relay.tokenSecret.name", nil},
				{"glooAgent.relay.tokenSecret.namespace", nil},
			},
		},
		Telemetry: &platformTelemetry,
	},
}
