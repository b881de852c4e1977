package adopt_test

import (
	"fmt"
	"strings"
	"testing"

	"relayform/compiler/adopt"
)

// fleet returns a mesh with many remotes, each with its own release.
func fleet(t *testing.T, remotes int) []adopt.Source {
	x := fixture(t, "chart-1.x")
	registered := x.item(t, mgmt, "KubernetesCluster", "edge-1")
	x.drop(t, one, "Secret", clientSecret)
	x.drop(t, mgmt, "KubernetesCluster", "edge-1")
	x.drop(t, mgmt, "KubernetesCluster", "edge-2")
	edge := x[one]
	delete(x, one)
	delete(x, two)
	var all strings.Builder
	for i := range remotes {
		name := fmt.Sprintf("edge-%d", i)
		all.WriteString(strings.Replace(registered, "edge-1", name, 1))
		x["eks-"+name] = edge
		configure(t, x, "eks-"+name, fmt.Sprintf(`{"relay":{"cluster":%q,"serverAddress":"relay.example.com:9900","authority":"enterprise-networking.gloo-mesh"}}`, name))
	}
	x[mgmt] += strings.TrimPrefix(all.String(), "\n") + "\n"
	return x.sources(t)
}

// TestLargeMeshesAreFound finds meshes with fifty and with five hundred remotes, and counts allocations: ten times the remotes must take
// about ten times the work.
func TestLargeMeshesAreFound(t *testing.T) {
	work := func(remotes int) float64 {
		sources := fleet(t, remotes)
		return testing.AllocsPerRun(1, func() {
			m, err := adopt.Find(sources, adopt.Answers{}, func(string, string) bool { return false })
			if err != nil {
				t.Fatal(err)
			}
			if text := string(m.Topology("")); len(m.Remotes) != remotes || strings.Count(text, "\n  edge-") != remotes || m.RelayAddress != "relay.example.com:9900" {
				t.Fatalf("%d remotes were found, of %d", len(m.Remotes), remotes)
			}
		})
	}
	small, large := work(50), work(500)
	if large > 10.5*small {
		t.Errorf("%.0f allocations for 50 remotes, and %.0f for 500", small, large)
	}
}
