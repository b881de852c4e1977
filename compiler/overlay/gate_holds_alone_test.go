package overlay

import (
	"strings"
	"testing"

	"relayform/compiler/folder"
)

// TestGateHoldsAlone tests the last gate before a build with each field of a kustomization, without the earlier checks: what these miss
// would be fetched or run.
func TestGateHoldsAlone(t *testing.T) {
	const address = "https://example.com/x"
	for place, text := range map[string]string{
		"one chart": "helmCharts: [{name: x}]\n", "one inflation": "helmChartInflationGenerator: [{chartName: x}]\n", "globals": "helmGlobals: {chartHome: x}\n",
		"resources": "resources: [a.yaml, URL]\n", "components": "components: [URL]\n", "bases": "bases: [URL]\n", "crds": "crds: [URL]\n",
		"configurations": "configurations: [URL]\n", "generators": "generators: [URL]\n", "transformers": "transformers: [URL]\n", "validators": "validators: [URL]\n",
		"strategic patches": "patchesStrategicMerge: [URL]\n", "patches": "patches: [{path: URL}]\n", "JSON patches": "patchesJson6902: [{path: URL}]\n",
		"replacements": "replacements: [{path: URL}]\n", "OpenAPI": "openapi: {path: URL}\n",
		"files": "configMapGenerator: [{name: x, files: [URL]}]\n", "named files": "configMapGenerator: [{name: x, files: [a.txt, key=URL]}]\n",
		"files of secrets": "secretGenerator: [{name: x, files: [key=URL]}]\n", "environments": "secretGenerator: [{name: x, envs: [URL]}]\n", "an environment": "configMapGenerator: [{name: x, env: URL}]\n",
	} {
		for _, name := range []string{"kustomization.yaml", "a/kustomization.yml", "a/b/Kustomization"} {
			files := []folder.File{{Name: "notes", Data: []byte("x")}, {Name: name, Data: []byte(strings.ReplaceAll(text, "URL", address))}}
			want := name + ": names the remote address " + address + "; nothing is fetched"
			if strings.HasPrefix(text, "helm") {
				want = name + ": names a Helm chart; nothing is fetched"
			}
			if err := gate(files); err == nil || err.Error() != want {
				t.Errorf("%s: %v, want %s", place, err, want)
			}
			files[1].Data = []byte(strings.ReplaceAll(text, "URL", "x.yaml"))
			if err := gate(files); err != nil && !strings.HasPrefix(text, "helm") {
				t.Errorf("%s: a file of one's own is refused: %v", place, err)
			}
		}
	}
	if err := gate([]folder.File{{Name: "kustomization.yaml", Data: []byte("resources: {")}, {Name: "x/kustomization.yaml", Data: []byte("resources: [" + address + "]\n")}}); err == nil {
		t.Error("behind a file that cannot be read another passes")
	}
}
