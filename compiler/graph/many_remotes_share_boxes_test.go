package graph_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/graph"
	"relayform/compiler/ingress"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// fleet returns a mesh with that many remotes, labelled with region, tier and place; the first quarter has no region.
func fleet(remotes int) *plan.Plan {
	p := &plan.Plan{Name: "fleet", Product: product.Profiles[0], Namespace: "gloo-mesh", Authority: "relay", Management: plan.Cluster{Name: "mgmt"}, Ingress: ingress.Chosen{Form: ingress.Forms[0]}}
	for i := range remotes {
		r := plan.Cluster{Name: fmt.Sprintf("store-%05d", i), Agent: true, RelayAddress: "relay.example.com:443", Labels: map[string]string{"tier": fmt.Sprint(i % 20), "place": fmt.Sprint(i)}}
		if i >= remotes/4 {
			r.Labels["region"] = fmt.Sprint("r", i%3)
		}
		if i%40 == 1 {
			r.RelayAddress = fmt.Sprintf("203.0.113.7:%d", i+1)
		}
		p.Remotes = append(p.Remotes, r)
	}
	return p
}

// names returns the names of the boxes of a kind.
func names(part graph.Part, kind graph.Kind) []string {
	var all []string
	for _, n := range part.Nodes {
		if n.Kind == kind && n.Column == 0 {
			all = append(all, n.Name)
		}
	}
	return all
}

// TestManyRemotesShareBoxes draws fleets of every size: up to 12 remotes have a box each, more share boxes by the label that distinguishes
// them best, and the picture of ten thousand is as small as that of twenty.
func TestManyRemotesShareBoxes(t *testing.T) {
	for _, c := range []struct {
		remotes int
		label   string
		boxes   []string // of groups
		alone   int
	}{
		{0, "", nil, 0}, {1, "", nil, 1}, {graph.Drawn, "", nil, graph.Drawn},
		{graph.Drawn + 1, "", []string{"region=r0", "region=r1", "region=r2", "without the label region"}, 0},
		{10000, "", []string{"region=r1", "region=r2", "region=r0", "without the label region"}, 0},
		{4, "region", []string{"region=r0", "region=r1", "region=r2", "without the label region"}, 0},
		{10000, "tier", []string{"tier=0", "tier=1", "tier=10", "tier=11", "tier=12", "tier=13", "tier=14", "tier=15", "tier=16", "tier=17", "tier=18", "9 other values of tier"}, 0},
	} {
		m, err := graph.Mesh(fleet(c.remotes), c.label)
		if err != nil {
			t.Fatal(err)
		}
		got := names(m, graph.Group)
		slices.Sort(got)
		slices.Sort(c.boxes)
		if !slices.Equal(got, c.boxes) || len(names(m, graph.Remote)) != c.alone {
			t.Errorf("%d remotes by %q: %q, and %q alone", c.remotes, c.label, got, names(m, graph.Remote))
		}
		if len(m.Nodes) > 2*graph.Drawn+3 {
			t.Errorf("%d remotes: %d boxes", c.remotes, len(m.Nodes))
		}
		for _, e := range m.Edges {
			if m.Nodes[e.From].Column >= m.Nodes[e.To].Column {
				t.Errorf("an arrow from %v to %v", m.Nodes[e.From], m.Nodes[e.To])
			}
		}
	}
}

// TestEachRemoteIsCounted checks the numbers in a large picture against the fleet: of groups, and of addresses.
func TestEachRemoteIsCounted(t *testing.T) {
	m, err := graph.Mesh(fleet(10000), "tier")
	if err != nil {
		t.Fatal(err)
	}
	inGroups, dialling := 0, 0
	for _, n := range m.Nodes {
		var count int
		switch {
		case n.Column == 0:
			if _, err := fmt.Sscanf(n.Lines[0], "%d remotes", &count); err != nil {
				t.Error(n)
			}
			inGroups += count
		case n.Column == 1:
			if _, err := fmt.Sscanf(n.Lines[0], "dialled by %d remotes", &count); err != nil {
				t.Error(n)
			}
			dialling += count
		}
	}
	if inGroups != 10000 || dialling != 10000 {
		t.Errorf("%d in groups, %d dial", inGroups, dialling)
	}
	if want := "10000 remotes, drawn in 12 groups, dial relay.example.com:443 (9750) and 250 other addresses (250)."; !strings.HasPrefix(m.Says, want) {
		t.Errorf("%s", m.Says)
	}
}

// TestLabelsThatTellNothingAreNotTaken has labels that are all equal, or all different: remotes are only counted.
func TestLabelsThatTellNothingAreNotTaken(t *testing.T) {
	p := fleet(100)
	for i := range p.Remotes {
		p.Remotes[i].Labels = map[string]string{"same": "x", "own": fmt.Sprint(i)}
	}
	m, err := graph.Mesh(p, "")
	if err != nil || !slices.Equal(names(m, graph.Group), []string{"100 remotes"}) {
		t.Errorf("%q, %v", names(m, graph.Group), err)
	}
	if _, err := graph.Mesh(p, "smae"); err == nil || err.Error() != "--by smae: no remote has this label; did you mean same?" {
		t.Error(err)
	}
	if _, err := graph.Mesh(p, "\x1b"); err == nil || strings.Contains(err.Error(), "\x1b") {
		t.Errorf("%q", err)
	}
}
