package compiler

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/adopt"
)

// TestAdoptedMeshMayBeApplied checks the clusters of each mesh before its first apply: nothing that they trust is foreign, and nobody is
// cut off.
func TestAdoptedMeshMayBeApplied(t *testing.T) {
	for name, dir := range adoptable(t) {
		s := newTestProject(t)
		got, err := s.adopted(dir, adopt.Answers{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Compile(s.project, s.env(), Options{}); err != nil {
			t.Fatal(err)
		}
		env := s.env()
		env.Kubectl = func(_ context.Context, args ...string) ([]byte, error) {
			at := filepath.Join(dir, strings.TrimPrefix(args[0], "--context="))
			text, err := os.ReadFile(at + ".yaml")
			if os.IsNotExist(err) {
				files, _ := filepath.Glob(filepath.Join(at, "*.yaml"))
				for _, file := range files {
					text = append(append(text, read(t, file)...), "---\n"...)
				}
				err = nil
			}
			return text, err
		}
		var clusters []string
		for _, c := range got.Mesh.Clusters() {
			clusters = append(clusters, c.Name)
		}
		looked, err := Look(t.Context(), s.project, env, clusters, 4)
		if err != nil || len(looked.Unasked) > 0 {
			t.Fatalf("%s: %v, %v", name, looked.Unasked, err)
		}
		for _, f := range looked.Findings {
			t.Errorf("%s: %s: %v: %s: %s", name, f.Severity, f.Clusters, f.Object, f.Message)
		}
	}
}
