package compiler

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"relayform/schema/diag"
)

// TestNamesThatSopsTakesForEncryptedAreRefused adds labels and annotations to encrypted Secrets: one with the name of the private value
// prevents SOPS, and an engine that decrypts with it, from reading the whole Secret; any other is permitted.
func TestNamesThatSopsTakesForEncryptedAreRefused(t *testing.T) {
	for _, c := range []struct{ secret, field, name, want string }{
		{"relay-identity-token-secret", "labels", "token", "metadata.labels.token: SOPS takes every field of the name token for encrypted"},
		{"relay-server-tls-secret", "annotations", "tls.key", "metadata.annotations.tls.key: SOPS takes every field of the name tls.key for encrypted"},
		{"relay-identity-token-secret", "labels", "tls.key", ""},
		{"relay-server-tls-secret", "labels", "team", ""},
		{"relay-root-tls-secret", "labels", "token", ""},
	} {
		p := newInGitProject(t, inGitStores[0])
		p.write("patch.yaml", fmt.Appendf(nil, "apiVersion: v1\nkind: Secret\nmetadata: {name: %s, namespace: gloo-mesh, %s: {%s: x}}\n", c.secret, c.field, c.name))
		text := strings.Replace(string(p.text()), "ingress: {istio: {}}}", "ingress: {istio: {}}, patches: [{path: patch.yaml}]}", 1)
		p.write("topology.yaml", []byte(text))
		_, err := Compile(p.project, p.env(), Options{})
		var faults diag.List
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s %s of %s: %v", c.field, c.name, c.secret, err)
		case c.want != "" && (!errors.As(err, &faults) || len(faults) != 1 || faults[0].Path != "management.patches[0].path" || !strings.Contains(faults[0].Message, c.want)):
			t.Errorf("%s %s of %s: %v; want %s", c.field, c.name, c.secret, err, c.want)
		}
	}
}
