package compiler

import (
	"fmt"
	"reflect"

	"relayform/compiler/folder"
	"relayform/compiler/project"
	"relayform/schema"
	"relayform/schema/source"
)

// SetRelayAddress writes management.relayAddress into the topology file, and leaves everything else
// in it as it is. It reports whether the file has changed.
func SetRelayAddress(project project.Project, env Env, address string) (changed bool, err error) {
	c := &compile{project: project, env: env}
	_, err = c.exclusively(func() (*Result, error) {
		changed, err = c.setRelayAddress(address)
		return nil, err
	})
	return changed, err
}

func (c *compile) setRelayAddress(address string) (changed bool, err error) {
	project := c.project
	text, err := project.ReadTopology()
	if err != nil {
		return false, err
	}
	before, _, err := schema.ParseTopology(project.Topology, text, project.Guard().Digests...)
	if err != nil {
		return false, err
	}
	if string(before.Management.RelayAddress) == address {
		return false, nil
	}
	edited, err := source.Set(project.Topology, text, "management", "relayAddress", address, []string{"name", "context", "clusterDomain"})
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
	before.Management.RelayAddress = after.Management.RelayAddress
	if string(after.Management.RelayAddress) != address || !reflect.DeepEqual(before, after) {
		return false, fmt.Errorf("%s: management is written in a form that is not changed by machine; write it by hand: relayAddress: %s", project.Topology, address)
	}
	path, err := project.TopologyFile()
	if err != nil {
		return false, err
	}
	return true, folder.WriteFile(c.disk, path, edited)
}
