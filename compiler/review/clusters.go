package review

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"relayform/compiler/manifest"
	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// What happens to a cluster.
const (
	Added   = "added"
	Gone    = "removed"
	Renamed = "renamed"
	Changed = "changed"
)

// ClusterChange is what happens to one or several clusters.
type ClusterChange struct {
	Names   []string `json:"names" jsonschema:"The clusters with the same changes."`
	What    string   `json:"what" jsonschema:"added, removed, renamed or changed."`
	Was     string   `json:"was,omitempty" jsonschema:"The old name of a cluster that is renamed."`
	Changes lines    `json:"changes,omitempty" jsonschema:"What changes, a sentence each."`
	Apply   bool     `json:"apply,omitempty" jsonschema:"True if its overlay must be applied."`
	Upgrade bool     `json:"upgrade,omitempty" jsonschema:"True if the values of its Helm chart change."`
}

// clusters compares each cluster before and after, and groups those with equal changes.
func (c *comparison) clusters() {
	was := map[string]plan.Cluster{}
	var gone []plan.Cluster
	if c.before.Plan != nil {
		for _, x := range c.before.Plan.All() {
			was[x.Name] = x
		}
	}
	is := map[string]bool{}
	for _, x := range c.after.Plan.All() {
		is[x.Name] = true
	}
	for _, x := range sorted(was) {
		if !is[x.Name] {
			gone = append(gone, x)
		}
	}
	at := map[string]int{}
	add := func(name string, change ClusterChange) {
		key := change.What + "\x00" + change.Was + "\x00" + strings.Join(change.Changes, "\x00") + fmt.Sprint(change.Apply, change.Upgrade)
		i, ok := at[key]
		if !ok {
			i = len(c.report.Clusters)
			at[key] = i
			c.report.Clusters = append(c.report.Clusters, change)
		}
		c.report.Clusters[i].Names = append(c.report.Clusters[i].Names, name)
	}
	v := values{seen: map[[2]string]lines{}}
	n := &c.report.Counts
	for _, x := range c.after.Plan.All() {
		y, ok := was[x.Name]
		if !ok {
			if i := slices.IndexFunc(gone, func(g plan.Cluster) bool { return g.Context == x.Context }); i >= 0 {
				add(x.Name, ClusterChange{What: Renamed, Was: gone[i].Name, Apply: true, Upgrade: x.Agent || x.Name == c.after.Plan.Management.Name})
				gone = slices.Delete(gone, i, i+1)
				n.Changed++
				continue
			}
			add(x.Name, ClusterChange{What: Added, Changes: []string{"context " + diag.Printable(x.Context)}, Apply: true, Upgrade: x.Agent || x.Name == c.after.Plan.Management.Name})
			n.Added++
			continue
		}
		change := c.compare(y, x, &v)
		if len(change.Changes) == 0 {
			n.Unchanged++
			continue
		}
		n.Changed++
		add(x.Name, change)
	}
	for _, x := range gone {
		change := ClusterChange{What: Gone}
		if x.Agent {
			change.Changes = []string{"its agent keeps running until it is uninstalled; relayform apply --prune --register removes its KubernetesCluster"}
		}
		n.Removed++
		add(x.Name, change)
	}
}

// lines are descriptions of changes.
type lines []string

// differs adds a line if a value changed.
func (l *lines) differs(what, was, is string) {
	if was != is {
		*l = append(*l, fmt.Sprintf("%s %s → %s", what, diag.Printable(cmp.Or(was, "none")), diag.Printable(cmp.Or(is, "none"))))
	}
}

func sorted(all map[string]plan.Cluster) []plan.Cluster {
	return slices.SortedFunc(maps.Values(all), func(a, b plan.Cluster) int { return strings.Compare(a.Name, b.Name) })
}

// compare lists the changes of one cluster, except certificates.
func (c *comparison) compare(was, is plan.Cluster, v *values) ClusterChange {
	change := ClusterChange{What: Changed}
	change.Changes.differs("moved: context", was.Context, is.Context)
	change.Changes.differs("cluster domain", was.ClusterDomain, is.ClusterDomain)
	change.Changes.differs("labels", labels(was.Labels), labels(is.Labels))
	change.Changes.differs("agent", fmt.Sprint(was.Agent), fmt.Sprint(is.Agent))
	c.asks(is, &change)
	if patches := differ(patchesOf(was), patchesOf(is)); patches != "" {
		change.Changes, change.Apply = append(change.Changes, "patches "+patches), true
	}
	if components := differ(componentsOf(was), componentsOf(is)); components != "" {
		change.Changes, change.Apply = append(change.Changes, "components "+components), true
	}
	if c.before.Files == nil || c.after.Files == nil {
		change.Changes.differs("relay address", was.RelayAddress, is.RelayAddress)
		change.Changes.differs("authority", was.Authority, is.Authority)
		return change
	}
	if said := charts(c.before.Plan.Charts, c.after.Plan.Charts); len(said) > 0 && (is.Agent || is.Name == c.after.Plan.Management.Name) {
		change.Changes, change.Upgrade = append(change.Changes, said...), true
	}
	for _, name := range []string{"values.yaml", "agent-values.yaml"} {
		if said := v.differ(is.Name, c.before.Files.Find(was.Name+"/"+name), c.after.Files.Find(is.Name+"/"+name)); len(said) > 0 {
			change.Changes, change.Upgrade = append(change.Changes, said...), true
		}
	}
	change.Apply = change.Apply || was.Context != is.Context
	change.Changes.differs("its private values can be opened by", ownAudience(was), ownAudience(is))
	for _, name := range []string{"public/ingress.yaml", "public/namespace.yaml", "kustomization.yaml"} {
		a, b := c.before.Files.Find(was.Name+"/"+name), c.after.Files.Find(is.Name+"/"+name)
		if bytes.Equal(a, b) {
			continue
		}
		change.Apply = true
		if name != "kustomization.yaml" || len(change.Changes) == 0 { // otherwise its changes are described already
			change.Changes = append(change.Changes, path.Base(name)+" "+word(a, b))
		}
	}
	return change
}

// word says whether a file was added, changed or removed.
func word(was, is []byte) string {
	switch {
	case was == nil:
		return "is new"
	case is == nil:
		return "is gone"
	}
	return "changes"
}

func labels(all map[string]string) string {
	var text []string
	for _, key := range slices.Sorted(maps.Keys(all)) {
		text = append(text, key+"="+all[key])
	}
	return strings.Join(text, ",")
}

func patchesOf(c plan.Cluster) []string {
	all := []string{}
	for _, p := range c.Patches {
		all = append(all, p.Text+"\x00"+labels(p.Target))
	}
	return all
}

func componentsOf(c plan.Cluster) []string {
	all := []string{}
	for _, x := range c.Components {
		text := x.Dir
		for _, f := range x.Files {
			text += "\x00" + f.Name + "\x00" + string(f.Data)
		}
		all = append(all, text)
	}
	return all
}

// differ counts what was added and removed; empty if nothing was.
func differ(was, is []string) string {
	if slices.Equal(was, is) {
		return ""
	}
	count := func(a, b []string) (n int) {
		for _, x := range a {
			if !slices.Contains(b, x) {
				n++
			}
		}
		return n
	}
	added, gone := count(is, was), count(was, is)
	if added+gone == 0 {
		return "are in a different order"
	}
	return fmt.Sprintf("%d → %d (%d new or changed)", len(was), len(is), added)
}

// values compares Helm values, each pair of texts once: those of remotes differ only in their names.
type values struct{ seen map[[2]string]lines }

func (v *values) differ(cluster string, was, is []byte) lines {
	if bytes.Equal(was, is) {
		return nil
	}
	general := func(text []byte) string { return strings.ReplaceAll(string(text), cluster, "\x00") }
	key := [2]string{general(was), general(is)}
	if said, ok := v.seen[key]; ok {
		return said
	}
	a, errA := manifest.Flatten(was)
	b, errB := manifest.Flatten(is)
	var said lines
	if errA != nil || errB != nil {
		said = lines{"what its chart is given " + word(was, is)}
	}
	for _, path := range slices.Sorted(maps.Keys(merged(a, b))) {
		said.differs("value "+diag.Printable(path), a[path], b[path])
	}
	v.seen[key] = said
	return said
}

func merged(a, b map[string]string) map[string]string {
	all := maps.Clone(a)
	if all == nil {
		all = map[string]string{}
	}
	maps.Copy(all, b)
	return all
}
