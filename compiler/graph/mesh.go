package graph

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// The columns of the mesh, in the direction of connections.
const (
	remoteColumn = iota
	addressColumn
	ingressColumn
	serviceColumn
	serverColumn
)

// Mesh draws who dials whom, through what. Many remotes share boxes, by the values of a label; see Of.
func Mesh(p *plan.Plan, label string) (Part, error) {
	groups, err := groupsOf(p.Remotes, label)
	if err != nil {
		return Part{}, err
	}
	m := Part{ID: "mesh", Title: "Who dials whom", Frame: diag.Printable(p.Management.Name) + ", the management cluster"}
	addresses := addressesOf(p.Remotes)
	at := map[string]int{} // index of each address among the boxes of addresses
	for i, a := range addresses {
		for _, address := range a.addresses {
			at[address] = i
		}
	}
	var ways [][2]int
	for _, g := range groups {
		kind := Group
		if len(g.remotes) == 1 && g.name == g.remotes[0].Name {
			kind = Remote
		}
		from := m.node(Node{Kind: kind, Name: g.name, Lines: slices.Clone(g.lines), Column: remoteColumn})
		dials := make([]bool, len(addresses))
		for _, r := range g.remotes {
			dials[at[r.RelayAddress]] = true
		}
		for to, dialled := range dials {
			if dialled {
				ways = append(ways, [2]int{from, to})
			}
		}
	}
	places := make([]int, len(addresses))
	for i, a := range addresses {
		places[i] = m.address(a)
	}
	for _, w := range ways {
		m.edge(w[0], places[w[1]], "")
	}
	m.management(p, places)
	if p.Telemetry != nil {
		m.telemetry(p, len(groups))
	}
	m.Says = diag.Printable(says(p, groups, addresses))
	return m, nil
}

func (p *Part) address(d dialled) int {
	n := Node{Kind: Address, Name: d.addresses[0], Lines: []string{"dialled by " + diag.Count(d.remotes, "remote")}, Column: addressColumn}
	switch {
	case len(d.addresses) > 1:
		n.Kind, n.Name = Group, fmt.Sprintf("%d other addresses", len(d.addresses))
		n.Lines = append(n.Lines, "such as "+d.addresses[0])
	case n.Name == "":
		n.Kind, n.Name = Missing, "no address yet"
		n.Lines = []string{"for " + diag.Count(d.remotes, "remote"), "relayform address finds it"}
	}
	return p.node(n)
}

// management draws what a connection passes through in the management cluster, up to the relay server.
func (m *Part) management(p *plan.Plan, from []int) {
	in := m.node(Node{Kind: Ingress, Name: p.Ingress.Name, Lines: ingressLines(p), Column: ingressColumn, Framed: true})
	agent := -1
	if p.Management.Agent {
		agent = m.node(Node{Kind: Remote, Name: "agent of " + p.Management.Name, Lines: labelLines(p.Management.Labels), Column: ingressColumn, Framed: true})
	}
	service := m.node(Node{
		Kind: Service, Name: "Service " + p.Product.Service, Column: serviceColumn, Framed: true,
		Lines: []string{fmt.Sprintf("%s, port %d", p.Namespace, p.Product.Port.Number), "type " + p.Ingress.Service.Type},
	})
	server := m.node(Node{
		Kind: Server, Name: "relay server", Column: serverColumn, Framed: true,
		Lines: []string{p.Product.Service, "terminates TLS", "agents verify", p.Authority},
	})
	for _, a := range from {
		m.edge(a, in, "")
	}
	m.edge(in, service, "")
	if agent >= 0 {
		m.edge(agent, service, "")
	}
	m.edge(service, server, "")
}

// telemetry draws how the remotes' collectors reach the telemetry gateway; the remotes are the first boxes.
func (m *Part) telemetry(p *plan.Plan, remotes int) {
	address := Node{Kind: Address, Name: p.TelemetryAddress(), Lines: []string{"dialled by collectors"}, Column: addressColumn}
	if address.Name == "" {
		address.Kind, address.Name, address.Lines = Missing, "no address yet", []string{"for collectors", "relayform address --telemetry finds it"}
	}
	to := m.node(address)
	in := m.node(Node{Kind: Ingress, Name: p.Telemetry.Ingress.Name, Lines: []string{"for telemetry", "TLS passthrough"}, Column: ingressColumn, Framed: true})
	service := m.node(Node{
		Kind: Service, Name: "Service " + p.Product.Telemetry.Service, Column: serviceColumn, Framed: true,
		Lines: []string{fmt.Sprintf("%s, port %d", p.Namespace, p.Product.Telemetry.Port.Number)},
	})
	gateway := m.node(Node{Kind: Server, Name: "telemetry gateway", Column: serverColumn, Framed: true, Lines: []string{"terminates TLS", "collectors verify", p.Gateway()}})
	for from := range remotes {
		m.edge(from, to, "")
	}
	m.edge(to, in, "")
	m.edge(in, service, "")
	m.edge(service, gateway, "")
}

// ingressLines describes the ingress form: its objects, and the annotations of the relay's Service.
func ingressLines(p *plan.Plan) []string {
	const width, most = 32, 2
	var lines []string
	if len(p.Ingress.Objects) == 0 {
		note, _, _ := strings.Cut(p.Ingress.Note, ";")
		lines = wrap(note, width)
	}
	for _, o := range p.Ingress.Objects {
		lines = append(lines, o.Kind+" "+o.Metadata.Name)
	}
	lines = append(lines, "TLS passthrough")
	annotations := p.Ingress.Service.Annotations
	for i, key := range slices.Sorted(maps.Keys(annotations)) {
		if i == most {
			return append(lines, fmt.Sprintf("and %d more annotations", len(annotations)-most))
		}
		lines = append(lines, key+": "+annotations[key])
	}
	return lines
}

// says describes the picture in sentences.
func says(p *plan.Plan, groups []group, addresses []dialled) string {
	if len(p.Remotes) == 0 {
		return fmt.Sprintf("No remote dials the relay server in %s yet.", p.Management.Name)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s", diag.Count(len(p.Remotes), "remote"))
	if len(groups) < len(p.Remotes) {
		fmt.Fprintf(&b, ", drawn in %s,", diag.Count(len(groups), "group"))
	}
	if len(p.Remotes) == 1 {
		b.WriteString(" dials ")
	} else {
		b.WriteString(" dial ")
	}
	for i, a := range addresses {
		switch {
		case i > 0 && i == len(addresses)-1:
			b.WriteString(" and ")
		case i > 0:
			b.WriteString(", ")
		}
		switch {
		case len(a.addresses) > 1:
			fmt.Fprintf(&b, "%d other addresses", len(a.addresses))
		case a.addresses[0] == "":
			b.WriteString("an address that is not known yet")
		default:
			b.WriteString(diag.Printable(a.addresses[0]))
		}
		if len(addresses) > 1 {
			fmt.Fprintf(&b, " (%d)", a.remotes)
		}
	}
	fmt.Fprintf(&b, ". In %s the ingress %s passes TLS through to the Service %s, and the relay server terminates it.", p.Management.Name, p.Ingress.Name, p.Product.Service)
	return b.String()
}
