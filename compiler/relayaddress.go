package compiler

import (
	"fmt"
	"reflect"

	"relayform/compiler/folder"
	"relayform/compiler/project"
	"relayform/schema"
	"relayform/schema/source"
)

// address is a topology field with an address to dial.
type address struct {
	block, key string
	after      []string // keys of the block after which it is inserted
	of         func(*schema.Topology) *schema.HostPort
}

var relayAddress = address{"management", "relayAddress", []string{"name", "context", "clusterDomain"}, func(t *schema.Topology) *schema.HostPort { return &t.Management.RelayAddress }}

var telemetryAddress = address{"management.telemetry", "address", nil, func(t *schema.Topology) *schema.HostPort {
	if t.Management.Telemetry == nil {
		return new(schema.HostPort)
	}
	return &t.Management.Telemetry.Address
}}

// SetRelayAddress writes management.relayAddress into the topology file, and leaves everything else in it unchanged. It reports whether the
// file has changed.
func SetRelayAddress(project project.Project, env Env, value string) (changed bool, err error) {
	return setAddress(project, env, relayAddress, value)
}

// SetTelemetryAddress does the same with management.telemetry.address.
func SetTelemetryAddress(project project.Project, env Env, value string) (changed bool, err error) {
	return setAddress(project, env, telemetryAddress, value)
}

func setAddress(project project.Project, env Env, to address, value string) (changed bool, err error) {
	c := &compile{project: project, env: env}
	_, err = c.exclusively(func() (*Result, error) {
		changed, err = c.setAddress(to, value)
		return nil, err
	})
	return changed, err
}

func (c *compile) setAddress(to address, value string) (changed bool, err error) {
	project := c.project
	text, err := project.ReadTopology()
	if err != nil {
		return false, err
	}
	before, _, err := schema.ParseTopology(project.Topology, text, project.Guard().Digests...)
	if err != nil {
		return false, err
	}
	if string(*to.of(before)) == value {
		return false, nil
	}
	edited, err := source.Set(project.Topology, text, to.block, to.key, value, to.after)
	if err != nil {
		return false, err
	}
	if err := VetText(project, edited); err != nil {
		return false, err
	}
	after, _, err := schema.ParseTopology(project.Topology, edited)
	if err != nil {
		return false, err
	}
	*to.of(before) = *to.of(after)
	if string(*to.of(after)) != value || !reflect.DeepEqual(before, after) {
		return false, fmt.Errorf("%s: %s is written in a form that relayform cannot edit; edit it by hand: %s: %s", project.Topology, to.block, to.key, value)
	}
	path, err := project.TopologyFile()
	if err != nil {
		return false, err
	}
	return true, folder.WriteFile(c.disk, path, edited)
}
