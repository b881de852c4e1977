package compiler

import (
	"errors"
	"strings"
	"testing"

	"relayform/compiler/adopt"
)

// FuzzAdoptedManifests changes the clusters' contents: the mesh is found, or there are faults with messages.
func FuzzAdoptedManifests(f *testing.F) {
	dir := "../fixtures/adopt/"
	for _, mesh := range []struct{ management, remote, without string }{
		{"chart-1.x/eks-mgmt.yaml", "chart-1.x/eks-edge-1.yaml", "edge-2"}, {"platform/gke_project_zone_mgmt.yaml", "platform/gke_project_zone_west.yaml", ""}, {"texts/eu/all.yaml", "texts/us/all.yaml", ""},
		{"manual/kind-mgmt-cluster/others.yaml", "manual/kind-remote-cluster/values.yaml", ""},
	} {
		f.Add(read(f, dir+mesh.management), read(f, dir+mesh.remote), "", mesh.without)
	}
	f.Fuzz(func(t *testing.T, management, remote []byte, ingress, without string) {
		var sources []adopt.Source
		for name, text := range map[string][]byte{"mgmt": management, "edge": remote} {
			s := adopt.Source{Name: name}
			if err := hold(&s, name, text); err != nil {
				return
			}
			sources = append(sources, s)
		}
		answers := adopt.Answers{Ingress: ingress, Rewrite: len(management)%2 == 0}
		if without != "" {
			answers.Without = []string{without}
		}
		m, err := adopt.Find(sources, answers, func(string, string) bool { return false })
		var refused adopt.Refusal
		switch {
		case err == nil:
			if text := string(m.Topology("")); !strings.HasPrefix(text, "# A running mesh") || strings.ContainsFunc(text, func(r rune) bool { return r < ' ' && r != '\n' }) {
				t.Errorf("the topology is\n%q", text)
			}
		case !errors.As(err, &refused) || len(refused) == 0:
			t.Errorf("%v is no refusal", err)
		}
		for _, fault := range refused {
			if fault.Message == "" || strings.Contains(fault.Message, "%!") || strings.Contains(fault.Hint, "%!") {
				t.Errorf("a fault says %+v", fault)
			}
		}
	})
}
