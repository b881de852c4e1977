package helm_test

import (
	"testing"

	"relayform/compiler/helm"
	"relayform/compiler/product"
)

// TestIgnoredValuesAreTold has values that people wrote for the relay and that its charts ignored: of a different generation, in the wrong
// place, and misspelt. Values of the charts themselves, or that have nothing to do with the relay, are not reported.
func TestIgnoredValuesAreTold(t *testing.T) {
	const first, second, third = "gloo-mesh-1.x", "gloo-mesh-2.0-2.2", "gloo-mesh-2.3+"
	for _, c := range []struct{ product, path, want, message string }{
		{first, "authority", "relay.authority", "the charts of gloo-mesh-1.x ignore authority"},
		{second, "authority", "relay.authority", "the charts of gloo-mesh-2.0-2.2 ignore authority"},
		{third, "glooAgent.authority", "glooAgent.relay.authority", "the charts of gloo-mesh-2.3+ ignore glooAgent.authority"},
		{third, "relay.authority", "glooAgent.relay.authority", "the charts of gloo-mesh-2.3+ ignore relay.authority, which is a value of those of gloo-mesh-1.x and gloo-mesh-2.0-2.2"},
		{second, "relay.clientCertSecret.name", "relay.clientTlsSecret.name", "the charts of gloo-mesh-2.0-2.2 ignore relay.clientCertSecret.name, which is a value of those of gloo-mesh-1.x"},
		{first, "relay.clientTlsSecret.name", "relay.clientCertSecret.name", "the charts of gloo-mesh-1.x ignore relay.clientTlsSecret.name, which is a value of those of gloo-mesh-2.0-2.2"},
		{second, "relay.cluster", "cluster", "the charts of gloo-mesh-2.0-2.2 ignore relay.cluster, which is a value of those of gloo-mesh-1.x"},
		{third, "cluster", "common.cluster", "the charts of gloo-mesh-2.3+ ignore cluster, which is a value of those of gloo-mesh-2.0-2.2"},
		{third, "glooMeshMgmtServer.relay.tlsSecret.name", "glooMgmtServer.relay.tlsSecret.name", "the charts of gloo-mesh-2.3+ ignore glooMeshMgmtServer.relay.tlsSecret.name, which is a value of those of gloo-mesh-2.0-2.2"},
		{third, "glooMeshMgmtServer.resources.limits.cpu", "", "the charts of gloo-mesh-2.3+ ignore glooMeshMgmtServer.resources.limits.cpu, which is a value of those of gloo-mesh-2.0-2.2"},
		{second, "glooMgmtServer.enabled", "", "the charts of gloo-mesh-2.0-2.2 ignore glooMgmtServer.enabled, which is a value of those of gloo-mesh-2.3+"},
		{first, "mgmtClusterName", "", "the charts of gloo-mesh-1.x ignore mgmtClusterName, which is a value of those of gloo-mesh-2.0-2.2"},
		{third, "licenseKey", "licensing.glooMeshLicenseKey", "the charts of gloo-mesh-2.3+ ignore licenseKey, which is a value of those of gloo-mesh-1.x and gloo-mesh-2.0-2.2"},
		{third, "glooMgmtServer.relay.disableCA", "glooMgmtServer.relay.disableCa", "the charts of gloo-mesh-2.3+ ignore glooMgmtServer.relay.disableCA"},
		{second, "glooMeshMgmtServer.disableCa", "glooMeshMgmtServer.relay.disableCa", "the charts of gloo-mesh-2.0-2.2 ignore glooMeshMgmtServer.disableCa"},
		{first, "enterprise-networking.relayTlsSecret.Name", "enterprise-networking.relayTlsSecret.name", "the charts of gloo-mesh-1.x ignore enterprise-networking.relayTlsSecret.Name"},
		{first, "rootTlsSecret.name", "relay.rootTlsSecret.name", "the charts of gloo-mesh-1.x ignore rootTlsSecret.name"},
		{second, "relay.severAddress", "relay.serverAddress", "the charts of gloo-mesh-2.0-2.2 ignore relay.severAddress"},
		{first, "enterprise-networking.serviceType", "enterprise-networking.enterpriseNetworking.serviceType", "the charts of gloo-mesh-1.x ignore enterprise-networking.serviceType"},
		{first, "serviceType", "enterprise-networking.enterpriseNetworking.serviceType", "the charts of gloo-mesh-1.x ignore serviceType"},

		{first, "relay.authority", "", ""},
		{second, "relay.clientTlsSecret.namespace", "", ""},
		{second, "relay", "", ""},
		{second, "glooMeshMgmtServer.serviceOverrides.metadata.annotations.x", "", ""},
		{second, "glooMeshMgmtServer.resources.limits.cpu", "", ""},
		{second, "glooMeshUi.serviceType", "", ""},
		{second, "glooMeshAgent.enabled", "", ""},
		{third, "glooAgent.resources.limits.cpu", "", ""},
		{third, "glooMgmtServer.serviceAccount.name", "", ""},
		{third, "glooUi.enabled", "", ""},
		{third, "telemetryGateway.service.type", "", ""},
		{second, "common.addonNamespace", "", ""},
		{first, "global.cluster", "", "the charts of gloo-mesh-1.x ignore global.cluster, which is a value of those of gloo-mesh-2.0-2.2"},
		{first, "global.insecure", "", ""},
		{first, "name", "", ""},
		{third, "enabled", "", ""},
	} {
		p, ok := product.Find(c.product)
		if !ok {
			t.Fatalf("no product %s", c.product)
		}
		ignored, ok := helm.PathsOf(p).Ignored(c.path)
		if ok != (c.message != "") || ok && (ignored.Want != c.want || ignored.Message(p) != c.message) {
			t.Errorf("%s: %s: got %v, %+v (%s)", c.product, c.path, ok, ignored, ignored.Message(p))
		}
	}
}

// TestOwnValuesAreNotIgnored has everything that relayform writes for any product.
func TestOwnValuesAreNotIgnored(t *testing.T) {
	for _, p := range product.Profiles {
		for _, p := range []product.Profile{p, p.WithoutRelayCA(), p.WithTelemetry()} {
			for _, s := range append(p.ServerSettings("mesh", "mgmt", product.Service{Type: "ClusterIP", Annotations: map[string]string{"a": "b"}}, product.Service{Type: "ClusterIP"}), p.AgentSettings("mesh", "east", "a:1", "relay", "t:4317")...) {
				if ignored, ok := helm.PathsOf(p).Ignored(s.Path); ok {
					t.Errorf("%s: %s: %+v", p.Name, s.Path, ignored)
				}
			}
		}
	}
}
