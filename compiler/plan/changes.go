package plan

import (
	"fmt"
	"strings"

	"relayform/schema/pattern"
)

// Pair is a cluster before and after a change.
type Pair struct{ Was, Is Cluster }

// Changes are the differences between the clusters of two compilations.
type Changes struct {
	Added, Removed []Cluster
	Renamed        []Pair // same kube context, different name
	Moved          []Pair // same name, different kube context
	Readdressed    []Pair // the agent dials a different address
	// Management means that a different cluster runs the relay server now; nothing else is reported about the previous one.
	Management bool
}

// None reports whether no cluster has changed.
func (c Changes) None() bool {
	return !c.Management && len(c.Added)+len(c.Removed)+len(c.Renamed)+len(c.Moved)+len(c.Readdressed) == 0
}

// Compare identifies clusters by their kube contexts, whatever their names. The first of each slice is the management cluster.
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
	left := map[string]Cluster{} // clusters whose contexts are gone, by name
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

// ClustersList is the file in the build folder that lists the clusters, the management cluster first.
const ClustersList = "clusters.txt"

// AppendCluster appends a cluster's line to that list: its name, its context, and the address its agent dials or "-".
func AppendCluster(b []byte, c Cluster) []byte {
	address := c.RelayAddress
	if address == "" {
		address = "-"
	}
	return fmt.Appendf(b, "%s %s %s\n", c.Name, c.Context, address)
}

// clusterName matches the cluster names that the schema permits.
var clusterName = pattern.Late(`^[a-z]([-a-z0-9]{0,61}[a-z0-9])?$`)

// ReadClusters reads that list. Lines that relayform would not write are skipped: the names end up in printed commands, where a name must
// never be an option.
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
