package project

import (
	"strings"

	"relayform/compiler/shell"
)

// DefaultTopology is the topology file that commands use by default.
const DefaultTopology = "topology.yaml"

// takesFlag are the commands that take the topology file as --file; others take it as an argument.
var takesFlag = []string{"apply", "render", "renew"}

// Command returns a relayform command for this project, quoted for a shell. The verb may include arguments. Defaults are omitted.
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

// Flags returns the flags that set the project's folders, with a space before each; none for the default folders.
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
