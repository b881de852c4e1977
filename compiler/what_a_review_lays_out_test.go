package compiler

import (
	"slices"
	"testing"
)

// TestAReviewReadsWhatTheOldTopologyNames lists the patches of a revision's topology: one left out would be compared as if it had never
// existed.
func TestAReviewReadsWhatTheOldTopologyNames(t *testing.T) {
	const head = "apiVersion: relayform/v1\nkind: Topology\nname: demo\npki: {selfSigned: {}}\n"
	for name, c := range map[string]struct {
		text       string
		patches    []string
		components bool
	}{
		"patches of management and of remotes, each once": {
			"management: {name: mgmt, ingress: {istio: {}}, patches: [{path: ./z.yaml}, {path: own/a.yaml}]}\nremotes: {edge: {patches: [{path: z.yaml}, {path: m.yaml}]}, far: {}}\n",
			[]string{"m.yaml", "own/a.yaml", "z.yaml"}, false},
		"a component of management": {"management: {name: mgmt, ingress: {istio: {}}, components: [own]}\nremotes: {edge: {}}\n", nil, true},
		"a component of the first of two remotes": {
			"management: {name: mgmt, ingress: {istio: {}}}\nremotes: {edge: {components: [own]}, far: {patches: [{path: a.yaml}]}}\n", []string{"a.yaml"}, true},
		"neither":              {"management: {name: mgmt, ingress: {istio: {}}}\nremotes: {edge: {}}\n", nil, false},
		"a topology of faults": {"management: {name: mgmt, ingress: {nginx: {}}, patches: [{path: a.yaml}]}\nremotes: {edge: {}}\n", []string{"a.yaml"}, false},
	} {
		patches, components := Referenced([]byte(head + c.text))
		if !slices.Equal(patches, c.patches) || components != c.components {
			t.Errorf("%s: %v, components %v", name, patches, components)
		}
	}
	for _, text := range []string{"", "{", "- a list\n"} {
		if patches, components := Referenced([]byte(text)); len(patches) > 0 || components {
			t.Errorf("%q names %v, components %v", text, patches, components)
		}
	}
}
