package verify_test

import (
	"strings"
	"testing"

	"relayform/compiler/verify"
)

// TestOldRootsAreWarnedOf has a version 1 root, as old corporate PKIs have: verifiers accept it as an anchor, so it breaks nothing. A
// version 1 server certificate has no names, and breaks everything.
func TestOldRootsAreWarnedOf(t *testing.T) {
	for name, want := range map[string]string{"root": "warning old-version: root/ca.crt on east mgmt west;", "server": "error old-version: server/tls.crt on mgmt;"} {
		m := goodMesh(t)
		m.certs[name].raw = func(c *tbs) { c.Version, c.Extensions = 0, nil }
		r := judged(t, m)
		if have := verdictOf(r) + ";"; !strings.Contains(have, want) || (r.Count(verify.Error) > 0) != (name == "server") {
			t.Errorf("%s: %s\nwant %s", name, have, want)
		}
	}
}
