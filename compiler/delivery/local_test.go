package delivery

import (
	"reflect"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/folder"
	"relayform/compiler/lockfile/locktest"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

const management = `# Written by relayform: the private half of the Secrets. Never commit it.
# SERVER.yaml: tls.key of the Secret mesh/relay-server-tls-secret
# SIGNING.yaml: tls.key of the Secret mesh/relay-tls-signing-secret
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
components:
- remote
patches:
- path: SERVER.yaml
- path: SIGNING.yaml
`

const remote = `# Written by relayform: the private half of the Secrets. Never commit it.
# TOKEN.yaml: token of the Secret mesh/relay-identity-token-secret
apiVersion: kustomize.config.k8s.io/v1alpha1
kind: Component
resources:
- TOKEN.yaml
`

// How a value is added to its Secret: a key to one with its certificate, the token as the whole data.
const (
	keyPatch = `# Written by relayform from the private file of the same name. Never commit it.
apiVersion: v1
data:
  tls.key: dmFsdWU=
kind: Secret
metadata:
  name: SECRET
  namespace: mesh
`
	tokenSecret = `# Written by relayform from the private file of the same name. Never commit it.
apiVersion: v1
data:
  token: dmFsdWU=
kind: Secret
metadata:
  labels:
    app.kubernetes.io/managed-by: relayform
  name: relay-identity-token-secret
  namespace: mesh
type: Opaque
`
)

// TestSecretsGetTheirOwnKeys checks how overlays refer to private values, in each phase: a key in the wrong Secret, under the wrong name,
// or of a certificate that is set aside breaks the mesh; remotes must get nothing but the token.
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
		files, err := Holding(parts.Files, func(name string) ([]byte, error) { return []byte("value"), nil })
		if err != nil {
			t.Fatal(err)
		}
		want := []folder.File{
			{Name: server + ".yaml", Data: []byte(strings.Replace(keyPatch, "SECRET", "relay-server-tls-secret", 1))},
			{Name: signing + ".yaml", Data: []byte(strings.Replace(keyPatch, "SECRET", "relay-tls-signing-secret", 1))},
			{Name: "remote/" + l.Token.SHA256 + ".yaml", Data: []byte(tokenSecret)},
		}
		slices.SortFunc(files[:2], func(a, b folder.File) int { return strings.Compare(string(a.Data), string(b.Data)) })
		if !reflect.DeepEqual(files, want) {
			t.Errorf("%s: files are\n%s\nwant\n%s", name, files, want)
		}
	}
}

// TestValuesAreReadBackFromWhatRelayformWrote reads the value from a component's file, and from no other file: what relayform does not
// recognize it must not remove.
func TestValuesAreReadBackFromWhatRelayformWrote(t *testing.T) {
	if value, ok := ValueIn([]byte(tokenSecret)); !ok || string(value) != "value" {
		t.Errorf("got %q, %v", value, ok)
	}
	_, bare, _ := strings.Cut(tokenSecret, "\n")
	for name, text := range map[string]string{
		"without its first line": bare, "two values": strings.Replace(tokenSecret, "data:", "data:\n  more: dmFsdWU=", 1),
		"two Secrets": tokenSecret + "---\n" + bare, "no base64": strings.Replace(tokenSecret, "dmFsdWU=", "%", 1), "nothing": "",
	} {
		if value, ok := ValueIn([]byte(text)); ok {
			t.Errorf("%s: got %q", name, value)
		}
	}
}
