package project

import (
	"strings"

	"relayform/compiler/shell"
)

// DefaultTopology is the topology file that commands take where none is named.
const DefaultTopology = "topology.yaml"

// takesFlag are the commands that take the topology file as --file; the others take it as an argument.
var takesFlag = []string{"apply", "render", "renew"}

// Command is a command of relayform's for this project, as a shell takes it. The verb may have words
// of its own after it. What is as usual is left out.
func (p Project) Command(verb string) string {
	command := "relayform " + verb
	if p.Topology == DefaultTopology {
		return command + p.Flags()
	}
	for _, v := range takesFlag {
		if first, _, _ := strings.Cut(verb, " "); first == v {
			command += " --file"
		}
	}
	return command + " " + shell.Path(p.Topology) + p.Flags()
}

// Flags are the flags that name the project's folders, with a space before each; none where they lie
// beside the topology.
func (p Project) Flags() string {
	usual, flags := New(p.Topology, "", ""), ""
	if p.Build != usual.Build {
		flags += " --out " + shell.Path(p.Build)
	}
	if p.Keys != usual.Keys {
		flags += " --keys " + shell.Path(p.Keys)
	}
	return flags
}
