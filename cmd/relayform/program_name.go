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
	// completerName is the program that kubectl runs to complete the words of a plugin
	// (https://kubernetes.io/docs/tasks/extend-kubectl/kubectl-plugins/).
	completerName = "kubectl_complete-" + programName
)

// typedAs is how people type this program, by the path that it was started with: its name where the system finds it by
// that, as a plugin of kubectl, or the path.
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

// builtToRunOnce reports whether go run made the program, which removes it afterwards.
func builtToRunOnce(started string) bool {
	return strings.Contains(filepath.ToSlash(started), "/go-build")
}

// named is what a program is started with: a plugin's completer completes, whatever its first word is.
func named(started string, args []string) []string {
	if strings.TrimSuffix(filepath.Base(started), ".exe") == completerName {
		return append([]string{cobra.ShellCompRequestCmd}, args...)
	}
	return args
}

// commandLine finds the commands of relayform's in a line for people, as they begin.
var commandLine = pattern.Late(`(?m)(^|[ ('"|])relayform (address|adopt|apply|certs|compile|completion|explain|gc|graph|init|push|render|renew|report|review|schema|unlock|verify|version|vet)\b`)

// typed is a line for people with its commands as they type them here.
func typed(line, program string) string {
	program = cmp.Or(program, programName)
	if program == programName {
		return line
	}
	return commandLine().ReplaceAllStringFunc(line, func(found string) string {
		return strings.Replace(found, programName, program, 1)
	})
}

// sourceLine finds the lines of a diagnostic that show a file, which stay as the file has them.
var sourceLine = pattern.Late(`^ *[0-9]* \| `)

// typedBesideSources is the text of diagnostics with its commands as they are typed here.
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
