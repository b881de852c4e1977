package manifest

import (
	"bytes"
	"fmt"

	"relayform/compiler/product"
)

// AgentValues is an agent's Helm values, marshalled once for all clusters, which differ only in name and address.
type AgentValues struct {
	with, without cut // an address
}

// cut is a text with two placeholders, in order.
type cut struct {
	parts     [3][]byte
	nameFirst bool
}

// The placeholders in the text.
const (
	nameHole    = "relayform-cluster-name"
	addressHole = "relayform-relay-address"
)

// NewAgentValues takes the settings as a function of name and address, which is empty if unknown.
func NewAgentValues(head string, settings func(name, address string) []product.Setting) (AgentValues, error) {
	var v AgentValues
	for _, c := range []struct {
		into    *cut
		address string
	}{{&v.with, addressHole}, {&v.without, ""}} {
		text, err := Values(settings(nameHole, c.address))
		if err != nil {
			return v, err
		}
		if *c.into, err = newCut(append([]byte(head), text...), c.address != ""); err != nil {
			return v, err
		}
	}
	return v, nil
}

func newCut(text []byte, address bool) (cut, error) {
	name, at := bytes.Index(text, []byte(nameHole)), bytes.Index(text, []byte(addressHole))
	if name < 0 || (at < 0) == address || bytes.Count(text, []byte(nameHole)) != 1 {
		return cut{}, fmt.Errorf("agent values: want name and address once each in %s", text)
	}
	afterName := name + len(nameHole)
	switch {
	case !address:
		return cut{parts: [3][]byte{text[:name], text[afterName:]}, nameFirst: true}, nil
	case name < at:
		return cut{parts: [3][]byte{text[:name], text[afterName:at], text[at+len(addressHole):]}, nameFirst: true}, nil
	}
	return cut{parts: [3][]byte{text[:at], text[at+len(addressHole) : name], text[afterName:]}}, nil
}

// Fill returns the values of one cluster. An empty address is omitted.
func (v AgentValues) Fill(m Scalars, name, address string) []byte {
	c, first, second := v.with, m.text(name), ""
	if address == "" {
		c = v.without
	} else {
		second = m.text(address)
	}
	if !c.nameFirst {
		first, second = second, first
	}
	b := make([]byte, 0, len(c.parts[0])+len(c.parts[1])+len(c.parts[2])+len(first)+len(second))
	b = append(append(b, c.parts[0]...), first...)
	b = append(append(b, c.parts[1]...), second...)
	return append(b, c.parts[2]...)
}
