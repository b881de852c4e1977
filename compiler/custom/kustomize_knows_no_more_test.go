package custom

import (
	"reflect"
	"relayform/compiler/manifest"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/api/types"
)

// keysOf returns the keys of a kustomize type.
func keysOf(of reflect.Type) (keys []string) {
	for i := range of.NumField() {
		f := of.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case name != "":
			keys = append(keys, name)
		case f.Type.Kind() == reflect.Struct:
			keys = append(keys, keysOf(f.Type)...)
		}
	}
	return keys
}

// TestEveryKeyOfKustomizeIsJudged compares the tables with kustomize's types, both ways: an update of kustomize with a new key fails here,
// and the key is refused until it is added.
func TestEveryKeyOfKustomizeIsJudged(t *testing.T) {
	for _, c := range []struct {
		of    any
		known map[string]kind
	}{
		{types.Kustomization{}, fields},
		{types.SecretArgs{}, inner[generator]},
		{types.Patch{}, inner[patch]},
		{types.ReplacementField{}, inner[replacement]},
	} {
		keys := keysOf(reflect.TypeOf(c.of))
		for _, key := range keys {
			if _, ok := c.known[key]; !ok {
				t.Errorf("%T: %s is not judged", c.of, key)
			}
		}
		if len(keys) != len(c.known) {
			t.Errorf("%T has %d keys, and %d are judged", c.of, len(keys), len(c.known))
		}
	}
	for key, what := range fields {
		if _, ok := refusals[key]; ok != (what == refused) {
			t.Errorf("%s: refused without a reason, or a reason for nothing", key)
		}
	}
	for _, name := range krusty.GetBuiltinPluginNames() {
		if _, ok := instead[name]; !ok {
			t.Errorf("plugin %s is not judged", name)
		}
	}
	if got := strings.Join(konfig.RecognizedKustomizationFileNames(), " "); got != strings.Join(manifest.KustomizationFiles, " ") {
		t.Errorf("kustomize reads %s", got)
	}
}
