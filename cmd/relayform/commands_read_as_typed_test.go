package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestCommandsReadAsTheyAreTyped starts the program in several ways: the commands that it prints work as printed.
func TestCommandsReadAsTheyAreTyped(t *testing.T) {
	for _, test := range []struct {
		name, started string
		installed     bool
		want          string
	}{
		{"on the PATH", "relayform", true, "relayform"},
		{"on the PATH, by its path", "/usr/local/bin/relayform", true, "relayform"},
		{"in a folder that is not on the PATH", "../bin/relayform", false, "../bin/relayform"},
		{"in a folder with a space", "/opt/my tools/relayform", false, "'/opt/my tools/relayform'"},
		{"under another name", "bin/relayform-1.2", false, "bin/relayform-1.2"},
		{"by go run", "/tmp/go-build1/b001/exe/relayform", false, "relayform"},
		{"as a plugin of kubectl", "/usr/local/bin/kubectl-relayform", false, "kubectl relayform"},
		{"as a plugin on Windows", "kubectl-relayform.exe", false, "kubectl relayform"},
		{"as the completer of a plugin", "kubectl_complete-relayform", true, "kubectl relayform"},
	} {
		t.Run(test.name, func(t *testing.T) {
			dir := t.TempDir()
			if test.installed {
				if err := os.WriteFile(filepath.Join(dir, programName), nil, 0o755); err != nil {
					t.Fatal(err)
				}
			}
			t.Setenv("PATH", dir)
			if got := typedAs(test.started); got != test.want {
				t.Errorf("typed as %s, want %s", got, test.want)
			}
		})
	}
}

// TestProseKeepsTheProgramsName leaves text that is not a command unchanged.
func TestProseKeepsTheProgramsName(t *testing.T) {
	for line, want := range map[string]string{
		"  relayform compile a.yaml":                      "  ../bin/relayform compile a.yaml",
		"hint: run relayform unlock, then relayform push": "hint: run ../bin/relayform unlock, then ../bin/relayform push",
		"relayform owns this folder":                      "relayform owns this folder",
		"relayform: no such file":                         "relayform: no such file",
		"/srv/relayform compile":                          "/srv/relayform compile",
		"relayform compiles no longer":                    "relayform compiles no longer",
	} {
		if got := typed(line, "../bin/relayform"); got != want {
			t.Errorf("%q became %q, want %q", line, got, want)
		}
	}
}

// TestEveryCommandIsFoundInProse compares the pattern of commands with the existing ones.
func TestEveryCommandIsFoundInProse(t *testing.T) {
	root := newRoot(os.Stdout, os.Stderr)
	root.InitDefaultCompletionCmd()
	for _, c := range root.Commands() {
		if line := "relayform " + c.Name(); !c.Hidden && typed(line, "x") == line {
			t.Errorf("%s is not known as a command", line)
		}
	}
}

// TestLinesOfFilesStayAsTheyAre shows a file whose comment names a command: the caret stays under what it points to.
func TestLinesOfFilesStayAsTheyAre(t *testing.T) {
	const shown = "  12 | a: b # relayform compile wrote this\n     |    ^\n"
	if got := typedBesideSources(shown+"  hint: relayform vet\n", "kubectl relayform"); got != shown+"  hint: kubectl relayform vet\n" {
		t.Errorf("%q", got)
	}
}
