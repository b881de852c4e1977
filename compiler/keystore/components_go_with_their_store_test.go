package keystore_test

import (
	"slices"
	"testing"

	"relayform/compiler/delivery"
	"relayform/compiler/folder"
)

// TestComponentsGoWithTheirStore switches to overlays that do not need the key store: the components are removed with their values; keys
// stay, and so do files that users put in place of a component.
func TestComponentsGoWithTheirStore(t *testing.T) {
	v := newTestStore(t, false)
	keys := v.files()
	v.must(v.PutComponents(brings([]folder.File{v.component, v.forRemote}, v.key, v.token)))
	if have := v.files(); len(have) != len(keys)+4 {
		t.Fatalf("with components there are %v", have)
	}
	v.put("remote/kustomization.yaml", precious)
	v.must(v.PutComponents(delivery.Parts{}))
	v.want("kept", v.files(), slices.Concat(keys, []string{"remote/kustomization.yaml"})...)
	if v.text("remote/kustomization.yaml") != precious {
		t.Error("somebody's own file is another")
	}
}
