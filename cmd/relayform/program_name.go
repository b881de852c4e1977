package main

import (
	"cmp"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"relayform/compiler/shell"
	"relayform/schema/pattern"
)

const (
	programName = "relayform"
	pluginName  = "kubectl-" + programName
	// completerName is the program that kubectl runs to complete a plugin's arguments
	// (https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/).
	completerName = "kubectl_complete-" + programName
)

// typedAs returns how people type this program, given the path it was started with: its name if it is in PATH, kubectl relayform for a
// plugin, or else the path.
func typedAs(started string) string {
	base := strings.TrimSuffix(filepath.Base(started), ".exe")
	switch {
	case base == pluginName || base == completerName:
		return "kubectl " + programName
	case base == started, found(programName), builtToRunOnce(started):
		return programName
	}
	return shell.Path(filepath.ToSlash(started))
}

// found reports whether the system finds a program by its name alone.
func found(name string) bool {
	_, err := exec.LookPath(name)
	return err == nil
}

// builtToRunOnce reports whether go run built the program, and removes it afterwards.
func builtToRunOnce(started string) bool {
	return strings.Contains(filepath.ToSlash(started), "/go-build")
}

// named returns the arguments of a program. For a plugin's completer, it puts the completion command in front of them.
func named(started string, args []string) []string {
	if strings.TrimSuffix(filepath.Base(started), ".exe") == completerName {
		return append([]string{cobra.ShellCompRequestCmd}, args...)
	}
	return args
}

// commandLine matches the start of each relayform command in a line for people.
var commandLine = pattern.Late(`(?m)(^|[ ('"|])relayform (address|adopt|apply|certs|compile|completion|explain|gc|graph|init|push|render|renew|report|review|schema|unlock|verify|version|vet)\b`)

// typed returns a line for people, with relayform's commands as the user types them here.
func typed(line, program string) string {
	program = cmp.Or(program, programName)
	if program == programName {
		return line
	}
	return commandLine().ReplaceAllStringFunc(line, func(found string) string {
		return strings.Replace(found, programName, program, 1)
	})
}

// sourceLine matches the lines of a diagnostic that quote a file, which must not change.
var sourceLine = pattern.Late(`^ *[0-9]* \| `)

// typedBesideSources returns the text of diagnostics with relayform's commands as the user types them here, except in quoted source lines.
func typedBesideSources(text, program string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		if !sourceLine().MatchString(line) {
			line = typed(line, program)
		}
		b.WriteString(line)
	}
	return b.String()
}
