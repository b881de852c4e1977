package compiler

import (
	"fmt"
	"slices"
	"strings"

	"filippo.io/age"
)

// person has an age identity.
type person struct{ name, recipient, identity string }

func newPerson(name string) (person, error) {
	i, err := age.GenerateX25519Identity()
	if err != nil {
		return person{}, err
	}
	return person{name, i.Recipient().String(), i.String()}, nil
}

// audiences are two for each store in git: its block, and the first remote's own.
var audiences = map[string][2]struct{ secrets, own string }{
	"":              {},
	"sops":          {{"management: [" + mgmtReads + "], remotes: [" + fleetReads + "]", ""}, {"management: [" + mgmtReads + ", " + edgeReads + "], remotes: [" + edgeReads + "]", ", sopsRecipients: [" + fleetReads + "]"}},
	"sealedSecrets": {{"management: sealing/mgmt.pem, remotes: sealing/fleet.pem", ""}, {"management: sealing/edge.pem, remotes: sealing/fleet.pem, scope: namespace-wide", ", sealingCertificate: sealing/mgmt.pem"}},
}

// shape is the content of a topology.
type shape struct {
	port      int // in the relay's address
	authority string
	remotes   []string
	label     string // on every remote
	rotation  string
	sealedTo  []person
	store     string // sops or sealedSecrets; empty for local
	audience  int    // which of two audiences decrypts what is in git, with these stores
}

func (s shape) text() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: relayform/v1\nkind: Topology\nname: demo\nmanagement:\n  name: mgmt-cluster\n  relayAddress: 203.0.113.7:%d\n", 31443+s.port)
	if s.authority != "" {
		fmt.Fprintf(&b, "  authority: %s\n", s.authority)
	}
	b.WriteString("  ingress: {istio: {}}\nremotes:\n")
	in := audiences[s.store][s.audience]
	for i, name := range s.remotes {
		if i > 0 {
			in.own = ""
		}
		fmt.Fprintf(&b, "  %s: {labels: {tier: %q}%s}\n", name, s.label, in.own)
	}
	fmt.Fprintf(&b, "pki:\n  %s\n", own(s.rotation))
	to := ""
	for _, p := range s.sealedTo {
		to += ", " + p.recipient
	}
	switch to = strings.TrimPrefix(to, ", "); {
	case s.store == "" && to != "":
		fmt.Fprintf(&b, "secrets: {local: {encryptTo: [%s]}}\n", to)
	case to != "":
		fmt.Fprintf(&b, "keys: {encryptTo: [%s]}\n", to)
	}
	if s.store != "" {
		fmt.Fprintf(&b, "secrets: {%s: {%s}}\n", s.store, in.secrets)
	}
	return []byte(b.String())
}

// clusters returns the clusters in the topology.
func (s shape) clusters() []string { return append([]string{"mgmt-cluster"}, s.remotes...) }

func (s shape) sealed() bool { return len(s.sealedTo) > 0 }

func (s shape) String() string {
	var to []string
	for _, p := range s.sealedTo {
		to = append(to, p.name)
	}
	return fmt.Sprintf("{port %d, authority %q, remotes %s, label %q, rotation %q, to %q, store %q %d}", s.port, s.authority, strings.Join(s.remotes, " "), s.label, s.rotation, strings.Join(to, " "), s.store, s.audience)
}

func (s shape) with(change func(*shape)) shape {
	s.remotes, s.sealedTo = slices.Clone(s.remotes), slices.Clone(s.sealedTo)
	change(&s)
	return s
}
