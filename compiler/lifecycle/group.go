package lifecycle

import (
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/pki"
)

// Group is certificates that are reported together: agents' certificates that differ only in their clusters.
type Group struct {
	Certificate
	Clusters []string // clusters of the agents; empty for a single certificate
}

// Groups groups certificates, in their order. Agents' certificates with equal facts and dates are reported once.
func Groups(certificates []Certificate) []Group {
	var all []Group
	at := map[string]int{}
	for _, c := range certificates {
		if c.Cluster == "" {
			all = append(all, Group{Certificate: c})
			continue
		}
		key := fmt.Sprint(c.State, c.Source, c.Algorithm, pki.Day(c.NotBefore), pki.Day(c.NotAfter), pki.Day(c.Due), c.Key, c.RenewedBy)
		i, known := at[key]
		if !known {
			i = len(all)
			at[key], all = i, append(all, Group{Certificate: c})
			all[i].Places, all[i].Restarts = slices.Clone(c.Places), slices.Clone(c.Restarts)
		}
		all[i].Clusters = append(all[i].Clusters, c.Cluster)
	}
	for i, g := range all {
		for j := range g.Places {
			if len(g.Clusters) > 0 {
				all[i].Places[j].Clusters, all[i].Places[j].Everywhere = g.Clusters, true
			}
		}
		for j := range g.Restarts {
			if len(g.Clusters) > 0 {
				all[i].Restarts[j].Clusters, all[i].Restarts[j].Everywhere = g.Clusters, true
			}
		}
	}
	return all
}

// Name describes the group.
func (g Group) Name() string {
	switch n := len(g.Clusters); {
	case n == 0:
		return fmt.Sprintf("%s %d", g.Role, g.Generation)
	case n == 1:
		return fmt.Sprintf("%s %d of %s", g.Role, g.Generation, g.Clusters[0])
	default:
		return fmt.Sprintf("%ss of %d clusters", g.Role, n)
	}
}

// whom names the clusters of a group, up to a readable number.
func (g Group) whom() string {
	if n := len(g.Clusters); n > named {
		return fmt.Sprintf("%s and %d more", strings.Join(g.Clusters[:named], ", "), n-named)
	}
	return strings.Join(g.Clusters, ", ")
}
