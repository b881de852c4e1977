package main

import (
	"os"
	"regexp"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
)

// graft HOW FILE ROLE FROM copies the first entry of a role, with its facts, from the lockfile FROM into FILE: in place of the first entry
// of that role, after it, or only its PEM, at the end of that entry.
func graft(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: graft over|beside|inside FILE ROLE FROM")
	}
	text := ts.ReadFile(args[1])
	ours, theirs := entryOf(ts, text, args[2]), entryOf(ts, ts.ReadFile(args[3]), args[2])
	changed := map[string]string{"over": theirs, "beside": ours + theirs, "inside": ours + strings.SplitAfter(theirs, "pem: |\n")[1]}[args[0]]
	ts.Check(os.WriteFile(ts.MkAbs(args[1]), []byte(strings.Replace(text, ours, changed, 1)), 0o644))
}

var entryEnds = regexp.MustCompile(`(?m)^(  - role: |\S)`)

// entryOf returns the text of a lockfile's first entry of a role.
func entryOf(ts *testscript.TestScript, text, role string) string {
	begins := "  - role: " + role + "\n"
	_, rest, found := strings.Cut(text, begins)
	end := entryEnds.FindStringIndex(rest)
	if !found || end == nil {
		ts.Fatalf("no entry with the role %s", role)
	}
	return begins + rest[:end[0]]
}

// everywhere PATTERN runs each command that loads a lockfile, and checks that it exits with code 1 and prints these words.
func everywhere(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: everywhere PATTERN")
	}
	want := regexp.MustCompile(args[0])
	for _, command := range []string{
		"compile", "compile --locked --check", "compile --reissue-root", "vet", "render --all", "verify", "certs",
		"apply --yes", "renew server", "renew all-due", "gc", "unlock",
	} {
		err := ts.Exec("relayform", strings.Fields(command)...)
		said := ts.ReadFile("stderr")
		switch {
		case err == nil:
			ts.Fatalf("%s is content", command)
		case err.Error() != "exit status 1" || !want.MatchString(said):
			ts.Fatalf("%s: %v\n%s\nwant %s", command, err, said, want)
		}
	}
}
