package delivery

import (
	"slices"
	"strings"
	"testing"

	"relayform/compiler/lockfile"
	"relayform/compiler/lockfile/locktest"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

const management = `# Written by relayform: the private half of the Secrets. Never commit it.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
components:
- remote
generatorOptions:
  disableNameSuffixHash: true
  labels:
    app.kubernetes.io/managed-by: relayform
secretGenerator:
- name: relay-server-tls-secret
  namespace: mesh
  behavior: merge
  type: Opaque
  files:
  - tls.key=SERVER.key
- name: relay-tls-signing-secret
  namespace: mesh
  behavior: merge
  type: Opaque
  files:
  - tls.key=SIGNING.key
`

const remote = `# Written by relayform: the private half of the Secrets. Never commit it.
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
generatorOptions:
  disableNameSuffixHash: true
  labels:
    app.kubernetes.io/managed-by: relayform
secretGenerator:
- name: relay-identity-token-secret
  namespace: mesh
  type: Opaque
  files:
  - token=TOKEN.token
`

// TestSecretsGetTheirOwnKeys is how overlays reach what is private, in each phase: the key in another Secret, under
// another name, or of a certificate that is set aside breaks the mesh; what remotes get beside the token is out of hand.
func TestSecretsGetTheirOwnKeys(t *testing.T) {
	for name, l := range locktest.Good(t) {
		var server, signing string
		for _, c := range l.Certificates {
			switch c.Role {
			case "server":
				server = c.SPKI
			case "signing":
				signing = c.SPKI
			}
		}
		named := strings.NewReplacer("SERVER", server, "SIGNING", signing, "TOKEN", l.Token.SHA256)
		parts := Of(&plan.Plan{Product: product.Profiles[0], Namespace: "mesh"}, l)
		have := parts.Components
		if len(have) != 2 || have[0].Name != "kustomization.yaml" || have[1].Name != "remote/kustomization.yaml" {
			t.Fatalf("%s: %d components", name, len(have))
		}
		for i, want := range []string{management, remote} {
			if text := string(have[i].Data); text != named.Replace(want) {
				t.Errorf("%s: %s:\n%s\nwant\n%s", name, have[i].Name, text, named.Replace(want))
			}
		}
		want := []string{lockfile.KeyFile(server), lockfile.KeyFile(signing), "remote/" + l.Token.SHA256 + ".token"}
		if files := parts.Files; !slices.Equal(slices.Sorted(slices.Values(files)), slices.Sorted(slices.Values(want))) {
			t.Errorf("%s: unlocked are %q, want %q", name, files, want)
		}
	}
}
