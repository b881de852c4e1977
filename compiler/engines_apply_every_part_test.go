package compiler

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"relayform/compiler/folder"
	"relayform/compiler/manifest"
	"relayform/compiler/overlay"
	"relayform/compiler/plan"
)

// engineObject is the part of an engine's object about what is applied, and after what.
type engineObject struct {
	Kind     string
	Metadata struct{ Name, Namespace string }
	Spec     struct {
		Path       string
		DependsOn  []struct{ Name string }
		Sources    []engineSource
		Generators []struct {
			Git struct{ Files []struct{ Path string } }
		}
		Template struct {
			Spec struct{ Sources []engineSource }
		}
		Chart struct {
			Spec struct{ Chart, Version string }
		}
		ValuesFrom []struct{ Kind, Name, ValuesKey string }
	}
	Data map[string]string
}

type engineSource struct {
	Path, Chart, TargetRevision, Ref string
	Helm                             struct{ ValueFiles []string }
}

// engineObjects returns the objects in a build folder that an engine applies, by kind and name.
func engineObjects(t *testing.T, c *compiled) map[string]engineObject {
	t.Helper()
	all := map[string]engineObject{}
	for _, f := range c.tree {
		if !strings.HasSuffix(f.Name, "/flux.yaml") && !strings.HasSuffix(f.Name, "/argocd.yaml") && !strings.HasPrefix(f.Name, "deliver/clusters/") && !strings.HasSuffix(f.Name, "/charts.yaml") {
			continue
		}
		for document := range bytes.SplitSeq(f.Data, []byte("\n---\n")) {
			var o engineObject
			if err := yaml.Unmarshal(document, &o); err != nil {
				t.Fatalf("%s: %v", f.Name, err)
			}
			if o.Metadata.Namespace != c.plan.Deliver.Namespace() {
				t.Errorf("%s: %s lies in the namespace %q", f.Name, o.Metadata.Name, o.Metadata.Namespace)
			}
			if len(o.Metadata.Name) > 63 {
				t.Errorf("%s: the name %s does not fit into a label", f.Name, o.Metadata.Name)
			}
			all[o.Kind+" "+o.Metadata.Name] = o
		}
	}
	return all
}

// delivered compiles the fixtures with an engine.
func delivered(t *testing.T, visit func(t *testing.T, c *compiled)) {
	engines := map[string]int{}
	for name, project := range fixtures(t) {
		if !strings.HasPrefix(name, "flux-") && !strings.HasPrefix(name, "argocd-") {
			continue
		}
		t.Run(name, func(t *testing.T) {
			c := compileFixture(t, project)
			engines[c.plan.Deliver.Engine()+" "+c.plan.Deliver.Mode()]++
			visit(t, c)
		})
	}
	if len(engines) != 4 {
		t.Errorf("fixtures have %v, want each engine in each mode", engines)
	}
}

// TestEnginesApplyEveryPartInOrder follows what an engine reads: every overlay and the registration are applied, from existing folders, the
// charts after the overlays, and every dependency exists.
func TestEnginesApplyEveryPartInOrder(t *testing.T) {
	delivered(t, func(t *testing.T, c *compiled) {
		objects := engineObjects(t, c)
		root := path.Join(c.plan.Deliver.Path, "build")
		folders := map[string]bool{}
		note := func(who, at string) {
			at = path.Clean(at)
			folders[at] = true
			if !c.plan.Deliver.Artifacts() && !slices.ContainsFunc(c.tree, func(f folder.File) bool { return strings.HasPrefix(path.Join(root, f.Name), at+"/") }) {
				t.Errorf("%s applies %s, which is not there", who, at)
			}
		}
		for key, o := range objects {
			for _, other := range o.Spec.DependsOn {
				if _, ok := objects[o.Kind+" "+other.Name]; !ok {
					t.Errorf("%s comes after %s, which is not there", key, other.Name)
				}
			}
			if o.Spec.Path != "" {
				note(key, o.Spec.Path)
			}
			for _, s := range append(slices.Clone(o.Spec.Sources), o.Spec.Template.Spec.Sources...) {
				for _, remote := range c.plan.Remotes {
					fill := strings.NewReplacer("{{.cluster}}", remote.Name).Replace
					if c.tree.Find(remote.Name+"/"+manifest.ClusterFile) == nil && s.Path != fill(s.Path) {
						continue
					}
					if s.Path != "" {
						note(key, fill(s.Path))
					}
					for _, values := range s.Helm.ValueFiles {
						c.holds(t, fill(strings.TrimPrefix(values, "$values/")))
					}
				}
			}
		}
		for _, cluster := range c.plan.All() {
			at := path.Join(root, cluster.Name)
			if c.plan.Deliver.Artifacts() {
				at = "."
			}
			waits := c.plan.Deliver.ArgoCD != nil && c.plan.Deliver.Hub && c.plan.Deliver.Charts && cluster.RelayAddress == "" && cluster.Agent
			if folders[at] == waits {
				t.Errorf("the overlay of %s is applied: %t", cluster.Name, folders[at])
			}
		}
		if at := path.Join(root, c.plan.Management.Name, plan.RegisterFolder); !folders[at] && !folders[plan.RegisterFolder] {
			t.Errorf("nothing registers the clusters: %v", folders)
		}
		c.chartsInOrder(t, objects)
	})
}

// holds reports values files that are neither relayform's nor the users'.
func (c *compiled) holds(t *testing.T, name string) {
	t.Helper()
	rest, ours := strings.CutPrefix(name, path.Join(c.plan.Deliver.Path, "build")+"/")
	if ours && c.tree.Find(rest) != nil {
		return
	}
	own := strings.TrimPrefix(strings.TrimPrefix(name, c.plan.Deliver.Path), "/")
	if !slices.ContainsFunc(c.plan.Charts.Values, func(v plan.Values) bool { return v.Path == own }) {
		t.Errorf("values are taken from %s, which is not there", name)
	}
}

// chartsInOrder checks each chart against the topology: its version, and our values before the users'.
func (c *compiled) chartsInOrder(t *testing.T, objects map[string]engineObject) {
	t.Helper()
	n := 0
	check := func(who, chart, version string, values []string) {
		n++
		if version != c.plan.Charts.Version || version == "" {
			t.Errorf("%s installs %s in version %q, want %s", who, chart, version, c.plan.Charts.Version)
		}
		if chart == c.plan.Product.CRDChart.Name {
			return
		}
		want := 1 + len(c.plan.Charts.Values)
		if len(values) < want || !regexp.MustCompile(`values(\.yaml)?$`).MatchString(values[0]) || strings.Contains(values[0], "own") {
			t.Errorf("%s gives %s the values %v", who, chart, values)
		}
		for _, own := range values[1:want] {
			if !strings.Contains(own, "own") {
				t.Errorf("%s gives %s the values %v, want the users' after relayform's", who, chart, values)
			}
		}
	}
	for key, o := range objects {
		if chart := o.Spec.Chart.Spec; chart.Chart != "" {
			var values []string
			for _, from := range o.Spec.ValuesFrom {
				values = append(values, from.Name)
				data, ok := objects[from.Kind+" "+from.Name]
				if from.Kind == "ConfigMap" && (!ok || data.Data[from.ValuesKey] == "") {
					t.Errorf("%s takes values from %s of %s, which is not there", key, from.ValuesKey, from.Name)
				}
			}
			check(key, chart.Chart, chart.Version, values)
		}
		for _, s := range append(slices.Clone(o.Spec.Sources), o.Spec.Template.Spec.Sources...) {
			if s.Chart != "" {
				check(key, s.Chart, s.TargetRevision, s.Helm.ValueFiles)
			}
		}
	}
	if (n > 0) != c.plan.Deliver.Charts {
		t.Errorf("%d charts are installed; charts: %t", n, c.plan.Deliver.Charts)
	}
}

// TestFoldersOfPullingClustersStandAlone copies each cluster's folder out of the build folder, and builds its overlay with nothing else.
func TestFoldersOfPullingClustersStandAlone(t *testing.T) {
	delivered(t, func(t *testing.T, c *compiled) {
		if c.plan.Deliver.Hub {
			if c.tree.Find("deliver/artifacts.txt") != nil {
				t.Error("a hub has artifacts")
			}
			return
		}
		lines := strings.Fields(string(c.tree.Find("deliver/artifacts.txt")))
		for _, cluster := range c.plan.All() {
			alone := c.tree.Unit(cluster.Name)
			w := overlay.NewWorkspace("/", alone)
			if _, err := w.Render(cluster.Name); err != nil {
				t.Errorf("%s: %v", cluster.Name, err)
			}
			if !slices.Contains(lines, cluster.Name) {
				t.Errorf("%s is not in the list of artifacts", cluster.Name)
			}
			for _, f := range alone {
				if bytes.Contains(f.Data, []byte("../")) && !strings.Contains(f.Name, "/own/") {
					t.Errorf("%s leads out of its folder", f.Name)
				}
			}
		}
		if want := 2 * len(c.plan.Clusters()); len(lines) < want {
			t.Errorf("artifacts: %s", fmt.Sprint(lines))
		}
	})
}
