package compiler

import (
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"testing"
)

// TestSecretsAreWhereTheyBelong compares the keys of every Secret with the table in the vendor's procedure.
func TestSecretsAreWhereTheyBelong(t *testing.T) {
	for name, project := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			m := meshOf(t, project)
			pair := []string{relay.Keys.CA, relay.Keys.Cert, relay.Keys.Key}
			management := map[string][]string{
				relay.Secret(pki.Server):    pair,
				relay.Secret(pki.Signing):   pair,
				relay.Secret(pki.Root):      {relay.Keys.CA},
				relay.Secret(product.Token): {relay.Keys.Token},
			}
			remote := map[string][]string{
				relay.Secret(pki.Root):      {relay.Keys.CA},
				relay.Secret(product.Token): {relay.Keys.Token},
			}
			if m.product.Has(pki.Agent) {
				delete(management, relay.Secret(pki.Signing))
				if remote[relay.ClientSecret] = pair; m.management[relay.ClientSecret] != nil {
					management[relay.ClientSecret] = pair // if it runs an agent
				}
			}
			if m.gateway != "" {
				management["gloo-telemetry-gateway-tls-secret"] = pair
			}
			if !m.product.Has(product.Token) {
				delete(management, relay.Secret(product.Token))
				delete(remote, relay.Secret(product.Token))
			}
			wantKeys(t, "management", m.management, management)
			wantKeys(t, "remote", m.remote, remote)
		})
	}
}

func wantKeys(t *testing.T, where string, have map[string]map[string][]byte, want map[string][]string) {
	t.Helper()
	for name, keys := range want {
		if len(have[name]) != len(keys) {
			t.Errorf("%s: Secret %s has %d keys, want %v", where, name, len(have[name]), keys)
		}
		for _, k := range keys {
			if len(have[name][k]) == 0 {
				t.Errorf("%s: Secret %s lacks %s", where, name, k)
			}
		}
	}
	for name := range have {
		if _, ok := want[name]; !ok {
			t.Errorf("%s: Secret %s does not belong there", where, name)
		}
	}
}
