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

// shape is what a topology says.
type shape struct {
	port      int // of the relay's address
	authority string
	remotes   []string
	label     string // of every remote
	rotation  string
	sealedTo  []person
}

func (s shape) text() []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "apiVersion: relayform/v1\nkind: Topology\nname: demo\nmanagement:\n  name: mgmt-cluster\n  relayAddress: 203.0.113.7:%d\n", 31443+s.port)
	if s.authority != "" {
		fmt.Fprintf(&b, "  authority: %s\n", s.authority)
	}
	b.WriteString("  ingress: {istio: {}}\nremotes:\n")
	for _, name := range s.remotes {
		fmt.Fprintf(&b, "  %s: {labels: {tier: %q}}\n", name, s.label)
	}
	fmt.Fprintf(&b, "pki:\n  %s\n", own(s.rotation))
	if len(s.sealedTo) > 0 {
		b.WriteString("secrets:\n  local:\n    encryptTo:\n")
		for _, p := range s.sealedTo {
			fmt.Fprintf(&b, "    - %s\n", p.recipient)
		}
	}
	return []byte(b.String())
}

// clusters are those that the topology names.
func (s shape) clusters() []string { return append([]string{"mgmt-cluster"}, s.remotes...) }

func (s shape) sealed() bool { return len(s.sealedTo) > 0 }

func (s shape) String() string {
	var to []string
	for _, p := range s.sealedTo {
		to = append(to, p.name)
	}
	return fmt.Sprintf("{port %d, authority %q, remotes %s, label %q, rotation %q, to %q}", s.port, s.authority, strings.Join(s.remotes, " "), s.label, s.rotation, strings.Join(to, " "))
}

func (s shape) with(change func(*shape)) shape {
	s.remotes, s.sealedTo = slices.Clone(s.remotes), slices.Clone(s.sealedTo)
	change(&s)
	return s
}
