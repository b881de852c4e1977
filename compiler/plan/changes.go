package plan

import (
	"fmt"
	"strings"

	"relayform/schema/pattern"
)

// Pair is a cluster as it was and as it is.
type Pair struct{ Was, Is Cluster }

// Changes are how the clusters of a mesh differ from those that were compiled before.
type Changes struct {
	Added, Removed []Cluster
	Renamed        []Pair // a kube context whose cluster has another name
	Moved          []Pair // a name whose cluster is reached by another context
	Readdressed    []Pair // a cluster whose agent dials another address
	// Management means that another cluster runs the relay server: nothing else is said of the one that did.
	Management bool
}

// None reports whether all clusters are as they were.
func (c Changes) None() bool {
	return !c.Management && len(c.Added)+len(c.Removed)+len(c.Renamed)+len(c.Moved)+len(c.Readdressed) == 0
}

// Compare tells clusters apart by their kube contexts: a context is a cluster, whatever its name. The first of each is the management
// cluster.
func Compare(before, after []Cluster) Changes {
	var changes Changes
	if len(before) > 0 && len(after) > 0 && before[0].Context != after[0].Context {
		changes.Management = true
		before, after = before[1:], after[1:]
	}
	was, is := map[string]Cluster{}, map[string]bool{}
	for _, c := range before {
		was[c.Context] = c
	}
	for _, c := range after {
		is[c.Context] = true
	}
	left := map[string]Cluster{} // whose contexts are gone, by name
	for _, c := range before {
		if !is[c.Context] {
			left[c.Name] = c
		}
	}
	for _, c := range after {
		old, ok := was[c.Context]
		moved, gone := left[c.Name]
		switch {
		case ok && old.Name != c.Name:
			changes.Renamed = append(changes.Renamed, Pair{old, c})
		case ok && old.RelayAddress != c.RelayAddress:
			changes.Readdressed = append(changes.Readdressed, Pair{old, c})
		case ok:
		case gone:
			delete(left, c.Name)
			changes.Moved = append(changes.Moved, Pair{moved, c})
		default:
			changes.Added = append(changes.Added, c)
		}
	}
	for _, c := range before {
		if _, removed := left[c.Name]; removed && !is[c.Context] {
			changes.Removed = append(changes.Removed, c)
		}
	}
	return changes
}

// ClustersList lists the clusters of a build folder: the management cluster first.
const ClustersList = "clusters.txt"

// AppendCluster appends a cluster's line of that list: its name, its context, and what its agent dials, or -.
func AppendCluster(b []byte, c Cluster) []byte {
	address := c.RelayAddress
	if address == "" {
		address = "-"
	}
	return fmt.Appendf(b, "%s %s %s\n", c.Name, c.Context, address)
}

// clusterName is what the language takes as a cluster's name.
var clusterName = pattern.Late(`^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$`)

// ReadClusters reads that list. Lines that are none of its own are left out: commands are printed with these names, and a name is never
// an option.
func ReadClusters(text []byte) []Cluster {
	var clusters []Cluster
	for line := range strings.Lines(string(text)) {
		words := strings.Fields(line)
		if len(words) != 3 || !clusterName().MatchString(words[0]) {
			continue
		}
		c := Cluster{Name: words[0], Context: words[1], RelayAddress: words[2]}
		if c.RelayAddress == "-" {
			c.RelayAddress = ""
		}
		clusters = append(clusters, c)
	}
	return clusters
}
