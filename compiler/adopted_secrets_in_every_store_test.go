package compiler

import (
	"os"
	"strings"
	"testing"

	"relayform/compiler/adopt"
)

// TestAdoptedSecretsKeepTheirFormInEveryStore adopts a mesh with its own texts and types, and provides private values from a different
// store: overlays still produce Secrets of that type, with those bytes.
func TestAdoptedSecretsKeepTheirFormInEveryStore(t *testing.T) {
	t.Parallel()
	const dir = "../fixtures/adopt/texts"
	recipient := strings.Fields(string(read(t, "../fixtures/encrypted/keys/recipients.txt")))[0]
	for store, block := range map[string]string{
		"sops":            "{management: [" + recipient + "], remotes: [" + recipient + "]}",
		"sealedSecrets":   "{management: sealing.pem, remotes: sealing.pem}",
		"externalSecrets": "{store: {name: vault}, path: relayform/eu}",
	} {
		s := newTestProject(t)
		got, err := s.adopted(dir, adopt.Answers{})
		if err != nil {
			t.Fatal(err)
		}
		s.write("sealing.pem", read(t, "../fixtures/sealed-secrets/sealing/mgmt.pem"))
		s.write("topology.yaml", append(got.Text, "secrets: {"+store+": "+block+"}\n"...))
		if _, err := Compile(s.project, s.env(), Options{}); err != nil {
			t.Errorf("%s: %v", store, err)
			continue
		}
		if store == "sops" {
			s.comparesWith(store, dir, got.Mesh)
		}
		_, texts, err := s.visited(RenderOptions{}, "eu")
		if err != nil || strings.Count(texts["eu"], "type: kubernetes.io/tls\n") != 1 {
			t.Errorf("%s: want one Secret of the type kubernetes.io/tls (%v) in\n%s", store, err, texts["eu"])
		}
		if r, err := Verify(s.project, s.env(), s.now); err != nil || len(r.Findings) > 0 {
			t.Errorf("%s: %v, %v", store, r, err)
		}
		if r, err := Compile(s.project, s.env(), Options{Locked: true, Check: true}); err != nil || !r.Changes.None() {
			t.Errorf("%s: a second compile changes something: %v", store, err)
		}
		if err := os.RemoveAll(s.project.Build); err != nil {
			t.Fatal(err)
		}
	}
}
