package main

import (
	"io"

	"github.com/spf13/cobra"

	"relayform/compiler/project"
	"relayform/compiler/shell"
)

// foundAddress is where agents can dial the relay, or what is pending.
type foundAddress struct {
	command *cobra.Command
	project project.Project
	write   bool // into the topology

	Address string   `json:"address,omitempty" jsonschema:"host:port of the relay, or with --telemetry of the telemetry gateway; absent while it is not there."`
	Pending string   `json:"pending,omitempty" jsonschema:"What the cluster has not given yet."`
	Field   string   `json:"field" jsonschema:"The topology's field that names the address."`
	Known   string   `json:"known,omitempty" jsonschema:"The address that the topology had before."`
	Written bool     `json:"written" jsonschema:"Whether --write changed the topology."`
	Notes   []string `json:"notes" jsonschema:"Notes about the address, a sentence each."`
	faults
}

func addressForms() forms[foundAddress] {
	return formsOf(foundAddress.writeText, func(a foundAddress) answer { return &a })
}

func (a foundAddress) writeText(stdout io.Writer) error {
	stderr := a.command.ErrOrStderr()
	if a.Pending != "" {
		say(stderr, "relayform: pending: %s", a.Pending)
		return nil
	}
	say(stdout, "%s", a.Address)
	for _, note := range a.Notes {
		say(stderr, "relayform: %s", note)
	}
	if !a.write {
		return nil
	}
	next := "next: relayform compile " + shell.Path(a.project.Topology) + a.project.Flags()
	switch {
	case !a.Written:
		say(stderr, "%s already has this address", a.project.Topology)
	case a.Known != "":
		say(stderr, "%s: %s was %s; %s", a.project.Topology, a.Field, a.Known, next)
	default:
		say(stderr, "%s: %s written; %s", a.project.Topology, a.Field, next)
	}
	return nil
}
