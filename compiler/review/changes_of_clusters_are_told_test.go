package review_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/folder"
	"relayform/compiler/overlay"
	"relayform/compiler/plan"
	"relayform/compiler/review"
)

// edited returns a tree with changed files; new files are added, and those with "gone" removed.
func edited(t overlay.Tree, files map[string]string) overlay.Tree {
	var all []folder.File
	for _, f := range t {
		if _, ok := files[f.Name]; !ok {
			all = append(all, f)
		}
	}
	for name, text := range files {
		if text != "gone" {
			all = append(all, folder.File{Name: name, Data: []byte(text)})
		}
	}
	return overlay.NewTree(all)
}

// steps formats a report's steps.
func steps(r *review.Report) []string {
	var all []string
	for _, s := range r.Steps {
		all = append(all, strings.TrimSpace(s.What+" "+s.Object)+": "+strings.Join(s.Clusters, " "))
	}
	return all
}

// TestClustersWhoseFilesChangeAreApplied changes one file of the build folder: exactly the clusters that read it must be applied or
// upgraded.
func TestClustersWhoseFilesChangeAreApplied(t *testing.T) {
	for name, c := range map[string]struct {
		files map[string]string
		steps []string
		says  string // about the first cluster
	}{
		"a base of the remotes":         {map[string]string{"bases/other.yaml": "x: 1\n"}, []string{"apply: asia core edge"}, ""},
		"a public part of management":   {map[string]string{"mgmt/public/other.yaml": "x: 1\n"}, []string{"apply: mgmt"}, ""},
		"a file of one remote":          {map[string]string{"edge/other.yaml": "x: 1\n"}, []string{"apply: edge"}, ""},
		"the values of one remote":      {map[string]string{"edge/values.yaml": "x: 1\n"}, []string{"helm upgrade: edge"}, "value relay.authority enterprise-networking.gloo-mesh → none"},
		"an agent's values":             {map[string]string{"mgmt/agent-values.yaml": "x: 1\n"}, []string{"helm upgrade: mgmt"}, "value x none → 1"},
		"values that are no YAML":       {map[string]string{"edge/values.yaml": "{"}, []string{"helm upgrade: edge"}, "what its chart is given changes"},
		"values that are gone":          {map[string]string{"edge/values.yaml": "gone"}, []string{"helm upgrade: edge"}, "value relay.authority enterprise-networking.gloo-mesh → none"},
		"the ingress":                   {map[string]string{"mgmt/public/ingress.yaml": "x: 1\n"}, []string{"apply: mgmt"}, "ingress.yaml changes"},
		"the ingress is gone":           {map[string]string{"mgmt/public/ingress.yaml": "gone"}, []string{"apply: mgmt"}, "ingress.yaml is gone"},
		"a namespace is new":            {map[string]string{"edge/public/namespace.yaml": "x: 1\n"}, []string{"apply: edge"}, "namespace.yaml is new"},
		"the kustomization":             {map[string]string{"edge/kustomization.yaml": "x: 1\n"}, []string{"apply: edge"}, "kustomization.yaml changes"},
		"the kustomization and another": {map[string]string{"mgmt/kustomization.yaml": "x: 1\n", "mgmt/values.yaml": "x: 1\n"}, []string{"apply: mgmt", "helm upgrade: mgmt"}, "value enterprise-networking"},
		"the registration":              {map[string]string{"mgmt/register/kustomization.yaml": "x: 1\n"}, []string{"apply mgmt/register: mgmt"}, ""},
		"the runbook":                   {map[string]string{"RUNBOOK.md": "x\n"}, nil, ""},
	} {
		before, after := stateOf(t, "HEAD", 0), stateOf(t, "now", 0)
		after.Files = edited(after.Files, c.files)
		r := review.Review(&before, after, "topology.yaml", noon)
		if got := steps(r); !slices.Equal(got, c.steps) {
			t.Errorf("%s: to do %q, want %q", name, got, c.steps)
		}
		said := ""
		if len(r.Clusters) > 0 {
			said = r.Clusters[0].Changes[0]
			if strings.Contains(strings.Join(r.Clusters[0].Changes[1:], " "), "kustomization.yaml") {
				t.Errorf("%s: the kustomization is told beside what changes in it: %q", name, r.Clusters[0].Changes)
			}
		}
		if !strings.HasPrefix(said, c.says) || (said == "") != (c.says == "") {
			t.Errorf("%s: said %q, want %q", name, said, c.says)
		}
		after.Files, before.Files = before.Files, after.Files
		if got := steps(review.Review(&before, after, "topology.yaml", noon)); !slices.Equal(got, c.steps) {
			t.Errorf("%s, the other way round: to do %q, want %q", name, got, c.steps)
		}
	}
}

// TestWhatWasNotCompiledIsComparedByTheTopology has files only on one side: everything else is still compared.
func TestWhatWasNotCompiledIsComparedByTheTopology(t *testing.T) {
	for name, cut := range map[string]func(before, after *review.State){
		"before": func(before, _ *review.State) { before.Files = nil },
		"after":  func(_, after *review.State) { after.Files = nil },
	} {
		before, after := stateOf(t, "HEAD", 0), stateOf(t, "now", 0, "31443", "31444")
		cut(&before, &after)
		r := review.Review(&before, after, "topology.yaml", noon)
		if len(r.Clusters) != 1 || fmt.Sprint(r.Clusters[0].Names, r.Clusters[0].Changes) != "[asia core edge] [relay address 203.0.113.7:31443 → 203.0.113.7:31444]" {
			t.Errorf("%s: %+v", name, r.Clusters)
		}
		if apply := len(r.Steps) > 0; apply != (name == "before") {
			t.Errorf("%s: to do %q", name, steps(r))
		}
	}
}

// TestAClusterThatIsNewIsAppliedAndUpgraded needs none of its files, as they are not compiled yet.
func TestAClusterThatIsNewIsAppliedAndUpgraded(t *testing.T) {
	before, after := stateOf(t, "HEAD", 0), stateOf(t, "now", 0, "edge: {}", "edge: {}\n  far: {}")
	after.Files = nil
	if got := steps(review.Review(&before, after, "topology.yaml", noon)); !slices.Equal(got, []string{"apply: far", "helm upgrade: far"}) {
		t.Errorf("%q", got)
	}
	after = stateOf(t, "now", 0, "edge: {}", "other: {context: edge}")
	after.Files = nil
	if got := steps(review.Review(&before, after, "topology.yaml", noon)); !slices.Equal(got, []string{"apply: other", "helm upgrade: other"}) {
		t.Errorf("%q", got)
	}
}

// TestPatchesAreCounted adds patches, removes them, changes one and reorders them.
func TestPatchesAreCounted(t *testing.T) {
	const a, b, other = "{path: a.yaml, target: {kind: Namespace}}", "{path: b.yaml, target: {kind: Namespace}}", "{path: a.yaml, target: {kind: Secret}}"
	for _, c := range []struct{ was, is, want string }{
		{a, a, ""},
		{a, b, "patches 1 → 1 (1 new or changed)"},
		{a, other, "patches 1 → 1 (1 new or changed)"},
		{a, a + ", " + b, "patches 1 → 2 (1 new or changed)"},
		{a + ", " + b, a, "patches 2 → 1 (0 new or changed)"},
		{a + ", " + b, b + ", " + a, "patches are in a different order"},
	} {
		before, after := stateOf(t, "HEAD", 0, a, c.was), stateOf(t, "now", 0, a, c.is)
		r := review.Review(&before, after, "topology.yaml", noon)
		got := ""
		if len(r.Clusters) > 0 {
			got = strings.Join(r.Clusters[0].Changes, "; ")
			if !r.Clusters[0].Apply || r.Clusters[0].Upgrade || !slices.Equal(r.Clusters[0].Names, []string{"core"}) {
				t.Errorf("%s → %s: %+v", c.was, c.is, r.Clusters[0])
			}
		}
		if got != c.want {
			t.Errorf("%s → %s: %q, want %q", c.was, c.is, got, c.want)
		}
	}
}

// TestALargeFleetRegistersByAFile has so many agents that a file registers them: that file is applied only if it changed.
func TestALargeFleetRegistersByAFile(t *testing.T) {
	many := func(name string) review.State {
		s := review.State{Name: name, Plan: planOf(t, fleet), Lock: lockOf(t, 0)}
		var remotes strings.Builder
		for i := range plan.RegisterLimit + 1 {
			fmt.Fprintf(&remotes, "  c%03d: {}\n", i)
		}
		head, _, _ := strings.Cut(fleet, "  asia")
		s.Plan = planOf(t, head+remotes.String()+"pki: {selfSigned: {keyAlgorithm: ecdsa}}\n")
		s.Files = filesOf(t, s)
		return s
	}
	before, after := many("HEAD"), many("now")
	if r := review.Review(&before, after, "topology.yaml", noon); len(r.Steps) > 0 {
		t.Errorf("nothing is changed: %q", steps(r))
	}
	after.Files = edited(after.Files, map[string]string{"mgmt/register/clusters.yaml": "x: 1\n"})
	if got := steps(review.Review(&before, after, "topology.yaml", noon)); !slices.Equal(got, []string{"apply mgmt/register/clusters.yaml: mgmt"}) {
		t.Errorf("to do %q", got)
	}
}

// TestAClusterIsRenamedByItsContext renames two clusters: each is recognized by its context, and one that is removed is reported as such.
func TestAClusterIsRenamedByItsContext(t *testing.T) {
	before := stateOf(t, "HEAD", 0, "edge: {}", "edge: {}\n  far: {context: f}")
	after := stateOf(t, "now", 0, "asia: {}", "one: {context: f}", "edge: {}", "two: {context: edge}")
	r := review.Review(&before, after, "topology.yaml", noon)
	var got []string
	for _, c := range r.Clusters {
		got = append(got, fmt.Sprint(c.What, c.Names, c.Was))
	}
	if want := []string{"renamed[one]far", "renamed[two]edge", "removed[asia]"}; !slices.Equal(got, want) || r.Counts != (review.Counts{Removed: 1, Changed: 2, Unchanged: 2}) {
		t.Errorf("%q: %+v", got, r.Counts)
	}
	if f := of(r, "cluster-renamed"); !slices.Equal(f.Clusters, []string{"one", "two"}) || !strings.Contains(f.Hint, "relay-client-tls-secret") {
		t.Errorf("%+v", f)
	}
}
