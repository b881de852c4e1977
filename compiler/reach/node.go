package reach

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// node is the relevant part of a Node.
type node struct {
	Metadata struct{ Name string }
	Status   struct {
		Conditions []struct{ Type, Status string }
		Addresses  []struct{ Type, Address string }
	}
}

// addressTypes are the types of a node's addresses that can be dialled, best first.
var addressTypes = []string{"ExternalIP", "ExternalDNS", "InternalIP"}

// candidate is an address of a node. The best candidate sorts first.
type candidate struct {
	ready int // 0 if the node is ready
	rank  int // index in addressTypes
	v6    int // 0 for an IPv4 address or a name
	order int // index of the node
	node  string
	host  string
}

// node returns the host to dial with a node port.
func (c Cluster) node(ctx context.Context) (host string, notes []string, err error) {
	var all struct{ Items []node }
	if _, err := c.get(ctx, &all, "get", "nodes"); err != nil {
		return "", nil, err
	}
	best := candidates(all.Items)
	if len(best) == 0 {
		return "", nil, errors.New("no node has an address of type " + strings.Join(addressTypes, ", "))
	}
	take := best[0]
	notes = append(notes, fmt.Sprintf("node %s, by its %s", take.node, addressTypes[take.rank]))
	if take.ready != 0 {
		notes = append(notes, "neither this node nor any other is ready")
	}
	if addressTypes[take.rank] == "InternalIP" {
		notes = append(notes, "no node has an external address; the remote clusters must reach this internal one")
	}
	if others := len(all.Items) - 1; others > 0 {
		notes = append(notes, fmt.Sprintf("%d other nodes answer on the same port; if this node is lost, so is the address (a load balancer's stays)", others))
	}
	return take.host, notes, nil
}

func candidates(nodes []node) []candidate {
	var out []candidate
	for i, n := range nodes {
		ready := 1
		for _, c := range n.Status.Conditions {
			if c.Type == "Ready" && c.Status == "True" {
				ready = 0
			}
		}
		for _, a := range n.Status.Addresses {
			rank := slices.Index(addressTypes, a.Type)
			if rank < 0 || a.Address == "" {
				continue
			}
			v6 := 0
			if ip, err := netip.ParseAddr(a.Address); err == nil && ip.Is6() {
				v6 = 1
			}
			out = append(out, candidate{ready, rank, v6, i, n.Metadata.Name, a.Address})
		}
	}
	slices.SortStableFunc(out, func(a, b candidate) int {
		return cmp.Or(cmp.Compare(a.ready, b.ready), cmp.Compare(a.rank, b.rank), cmp.Compare(a.v6, b.v6), cmp.Compare(a.order, b.order))
	})
	return out
}
