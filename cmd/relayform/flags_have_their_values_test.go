package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/spf13/pflag"
)

// TestNoFlagIsTakenForAValue leaves out the value of each flag of each command: the flag that follows is not it.
func TestNoFlagIsTakenForAValue(t *testing.T) {
	t.Chdir(t.TempDir())
	n := 0
	for _, c := range newRoot(nil, nil).Commands() {
		c.Flags().VisitAll(func(f *pflag.Flag) {
			if f.NoOptDefVal != "" {
				return // it may go without
			}
			n++
			words := []string{"--" + f.Name}
			if f.Shorthand != "" {
				words = append(words, "-"+f.Shorthand)
			}
			for _, word := range words {
				for _, next := range []string{"--format", "--nonsense", "-f", "--", "--help"} {
					_, said := relayform(t, exitError, c.Name(), word, next)
					if !strings.HasPrefix(said, "relayform: "+word+" "+next+": want a value between them: ") || strings.HasSuffix(said, ": \n") {
						t.Errorf("%s %s %s: %s", c.Name(), word, next, said)
					}
				}
				if _, said := relayform(t, exitError, c.Name(), word); !strings.HasPrefix(said, "relayform: "+word+": want a value: ") {
					t.Errorf("%s %s: %s", c.Name(), word, said)
				}
				for _, value := range []string{"x", "-", "-1", "", "a-b"} {
					if line, err := valued(c, []string{word, value, "--help"}); err != nil || !slices.Equal(line, []string{word, value, "--help"}) {
						t.Errorf("%s %s %q: %q, %v", c.Name(), word, value, line, err)
					}
				}
			}
			if line, err := valued(c, []string{"--" + f.Name + "=--x", "--help"}); err != nil || len(line) != 2 {
				t.Errorf("%s --%s=--x: %q, %v", c.Name(), f.Name, line, err)
			}
			if complete, ok := c.GetFlagCompletionFunc(f.Name); ok && f.Annotations[choicesOf] == nil && !slices.Contains([]string{"selector", "wave-by", "by", "context"}, f.Name) {
				values, _ := complete(c, nil, "")
				t.Errorf("%s --%s: nobody is told that its values are %v", c.Name(), f.Name, values)
			}
		})
	}
	if n < 100 {
		t.Errorf("%d flags", n)
	}
}

// TestWordsOfACommandLineKeepTheirMeaning reads lines as pflag would, but for flags without their values.
func TestWordsOfACommandLineKeepTheirMeaning(t *testing.T) {
	root := newRoot(nil, nil)
	for line, want := range map[string]string{
		"apply --dry-run --format json":    "",
		"apply --dry-run server east":      "apply --dry-run=server east",
		"apply --dry-run client":           "apply --dry-run=client",
		"apply --dry-run east":             "",
		"apply --dry-run":                  "",
		"apply -yl region=eu --wait":       "",
		"apply -lregion=eu --wait":         "",
		"apply -y --wait":                  "",
		"apply -yl --wait":                 "-yl --wait: want a value between them: only clusters with these labels: key=value, key!=value, key, !key, separated by commas; write one that begins with - as --selector=--wait",
		"apply -- --file --wait":           "",
		"apply --nonsense --wait":          "",
		"apply -z --wait":                  "",
		"apply --file= --wait":             "",
		"compile --format --locked":        "--format --locked: want a value between them: text, json, yaml, github or sarif",
		"compile --locked --format":        "--format: want a value: text, json, yaml, github or sarif",
		"verify --dial topology.yaml":      "",
		"verify --live --before --format":  "--before --format: want a value between them: distribute, issue, drain or retire",
		"verify --from - --from -":         "",
		"address --wait -5m":               "",
		"report --output - --live":         "",
		"report -o- --live":                "",
		"report -o --live":                 "-o --live: want a value between them: the file to write, or - for stdout (default: report.html beside the topology); write one that begins with - as --output=--live",
		"compile --file topology.yaml -- ": "",
	} {
		words := strings.Fields(line)
		c, _, err := root.Find(words)
		if err != nil {
			t.Fatal(err)
		}
		if want == "" {
			want = strings.Join(words, " ")
		}
		got, err := valued(c, words)
		if said := strings.Join(got, " "); err != nil && err.Error() != want || err == nil && said != want {
			t.Errorf("%s: got %q, %v; want %s", line, said, err, want)
		}
	}
}

// TestADryRunNeedsNoValue asks for one as other commands take it, as kubectl takes it, and with what kubectl takes and relayform does not.
func TestADryRunNeedsNoValue(t *testing.T) {
	write := inFolder(t, "exit 0\n")
	write("topology.yaml", topology)()
	relayform(t, exitDone, "compile")
	for _, line := range []string{"--dry-run", "--dry-run=server", "--dry-run server", "--dry-run --format text"} {
		if _, said := relayform(t, exitDone, append([]string{"apply"}, strings.Fields(line)...)...); !strings.Contains(said, "3 checked, nothing was changed") {
			t.Errorf("%s: %s", line, said)
		}
	}
	for line, want := range map[string]string{"--dry-run=": `--dry-run "": want server`, "--dry-run=client": `--dry-run "client": want server`, "--dry-run client": `--dry-run "client": want server`} {
		if _, said := relayform(t, exitError, append([]string{"apply", "--yes"}, strings.Fields(line)...)...); said != "relayform: "+want+"\n" {
			t.Errorf("%s: %s", line, said)
		}
	}
	if _, said := relayform(t, exitError, "verify", "--dial", "relay.example.com:443"); said != "relayform: --dial relay.example.com:443: want an equals sign: --dial=relay.example.com:443\n" {
		t.Error(said)
	}
}
