package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// inFormats are all commands that have --format, with the formats of each.
func inFormats(t *testing.T) map[string][]string {
	t.Helper()
	all := map[string][]string{}
	for _, c := range newRoot(nil, nil).Commands() {
		if c.Flags().Lookup("format") == nil {
			continue
		}
		complete, ok := c.GetFlagCompletionFunc("format")
		if !ok {
			t.Fatalf("%s: its formats are not known", c.Name())
		}
		names, _ := complete(c, nil, "")
		for _, name := range names {
			all[c.Name()] = append(all[c.Name()], string(name))
		}
	}
	return all
}

// faulty is a state of the files in which commands cannot do what they are asked for.
type faulty struct {
	name  string
	write func()
	args  []string // besides those that a command needs
	exit  int
	code  string   // of the first diagnostic
	done  []string // commands that do not meet the fault
}

// TestFaultsAreDocuments has every command fail in every format. A program that reads stdout finds there one whole document that
// says why, and nothing where the format has no room for that: no half of a file for a collector of metrics.
func TestFaultsAreDocuments(t *testing.T) {
	write := inFolder(t, "exit 0\n")
	write("topology.yaml", topology)()
	relayform(t, exitDone, "compile")
	lock, err := os.ReadFile("topology.lock.yaml")
	if err != nil {
		t.Fatal(err)
	}
	whole := func() { write("topology.yaml", topology)(); write("topology.lock.yaml", string(lock))() }
	schemas := newSchemas(t)
	needs := map[string][]string{"review": {"--from", "."}, "apply": {"--yes"}}
	ofNoTopology := map[string][]string{"explain": {"nonsense"}, "schema": {"--of", "nonsense"}, "adopt": {"--from", "nonsense"}, "version": {"nonsense"}}
	faults := []faulty{
		{"an unknown key", write("topology.yaml", strings.Replace(topology, "istio", "isto", 1)), nil, exitShort, "unknown-key", nil},
		{"no topology", func() { _ = os.Remove("topology.yaml") }, nil, exitError, "not-done", nil},
		{"a damaged lockfile", write("topology.lock.yaml", string(lock[:len(lock)/2])+"\n}"), nil, exitShort, "yaml-syntax", []string{"vet", "address"}},
		{"a wrong argument", func() {}, []string{"topology.yaml", "--file", "topology.yaml"}, exitError, "not-done", nil},
		{"an unknown flag", func() {}, []string{"--nonsense"}, exitError, "not-done", nil},
	}
	for command, formats := range inFormats(t) {
		for _, format := range formats {
			if args, ok := ofNoTopology[command]; ok {
				whole()
				tellsFault(t, schemas, append([]string{command}, args...), format, faulty{name: "nonsense", exit: exitError, code: "not-done"})
				continue
			}
			for _, f := range faults {
				if len(f.done) > 0 && strings.Contains(" "+strings.Join(f.done, " ")+" ", " "+command+" ") {
					continue
				}
				whole()
				f.write()
				tellsFault(t, schemas, append(append([]string{command}, needs[command]...), f.args...), format, f)
			}
		}
		whole()
		if out, _ := relayform(t, exitError, command, "--format", "nonsense"); out != "" {
			t.Errorf("%s: a format that there is not writes %s", command, out)
		}
	}
}

// tellsFault runs a command that fails, and looks for the fault in what it writes.
func tellsFault(t *testing.T, schemas schemas, args []string, format string, f faulty) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	command := args[0]
	if code := run(append(args, "--format", format), &stdout, &stderr); code != f.exit {
		t.Errorf("%s: %v --format %s: exit %d, want %d\n%s%s", f.name, args, format, code, f.exit, stdout.String(), stderr.String())
		return
	}
	told := func(document any) {
		if list, ok := document.(map[string]any); ok {
			document = list["diagnostics"]
		}
		list, _ := document.([]any)
		if len(list) == 0 || list[0].(map[string]any)["code"] != f.code {
			t.Errorf("%s: %v --format %s: want %s in\n%s", f.name, args, format, f.code, stdout.String())
		}
	}
	inDocument := true
	var document any
	switch format {
	case "json":
		schema := command
		if command == "vet" {
			schema = "diagnostics"
		}
		if err := json.Unmarshal(stdout.Bytes(), &document); err != nil {
			t.Errorf("%s: %v: %v", f.name, args, err)
		} else if err := schemas[schema].Validate(document); err != nil {
			t.Errorf("%s: %v: %v", f.name, args, err)
		}
		told(document)
	case "yaml":
		if err := yaml.Unmarshal(stdout.Bytes(), &document); err != nil {
			t.Errorf("%s: %v: %v", f.name, args, err)
		}
		told(document)
	case "github":
		contains(t, stdout.String(), "::error file=topology", "title=relayform "+f.code)
	case "sarif":
		if err := json.Unmarshal(stdout.Bytes(), &document); err != nil {
			t.Errorf("%s: %v: %v", f.name, args, err)
		}
		contains(t, stdout.String(), `"ruleId":"`+f.code+`"`)
	case "junit":
		var suite struct {
			Errors int `xml:"errors,attr"`
		}
		if err := xml.Unmarshal(stdout.Bytes(), &suite); err != nil || suite.Errors == 0 {
			t.Errorf("%s: %v: %d errors: %v", f.name, args, suite.Errors, err)
		}
		contains(t, stdout.String(), `type="`+f.code+`"`)
	case "markdown":
		contains(t, stdout.String(), "### relayform: **do not merge**: 1 error\n", "**"+f.code+"** `topology", " fixed.\n")
	case "text", "prometheus", "prometheus-rules", "grafana", "mermaid", "dot", "svg", "jsonschema", "cue":
		if inDocument = false; stdout.Len() > 0 {
			t.Errorf("%s: %v --format %s: writes\n%s", f.name, args, format, stdout.String())
		}
	default:
		t.Errorf("%v: what does --format %s write of a fault?", args, format)
	}
	if said := stderr.Len() > 0; said == (inDocument && f.exit == exitShort) {
		t.Errorf("%s: %v --format %s: want what the document has not, and what could not be judged, on stderr; got %q", f.name, args, format, stderr.String())
	}
}

// TestWhatWasDoneIsToldBesideFaults has commands fail halfway: the document has what was found, and why there is no more of it.
func TestWhatWasDoneIsToldBesideFaults(t *testing.T) {
	all := newSchemas(t)
	c := newClusters(t)
	if err := os.Remove(filepath.Join(c.dir, "west.yaml")); err != nil {
		t.Fatal(err)
	}
	d := all.hold(t, "verify", exitError, "verify", "--live", "--kubectl", c.kubectl, c.topology).(map[string]any)
	if told, _ := d["diagnostics"].([]any); len(told) != 1 || len(d["connections"].([]any)) == 0 || !strings.Contains(told[0].(map[string]any)["message"].(string), "connection refused") {
		t.Errorf("west could not be asked: %v", d)
	}
}

// TestWhatHasToBeCompiledFirstIsAFault asks for what only a compile with keys can give, and for an apply of what is not compiled.
func TestWhatHasToBeCompiledFirstIsAFault(t *testing.T) {
	all := newSchemas(t)
	write := inFolder(t, "exit 0\n")
	write("topology.yaml", topology)()
	for name, args := range map[string][]string{"compile": {"compile", "--locked"}, "check": {"compile", "--check"}, "renew": {"renew"}, "apply": {"apply", "--yes"}} {
		d := all.hold(t, name, exitShort, args...).(map[string]any)
		told, _ := d["diagnostics"].([]any)
		if len(told) == 0 || d["outcome"] != "refused" {
			t.Fatalf("%v: want outcome refused, and why; got %v", args, d)
		}
		first := told[0].(map[string]any)
		if first["code"] != "not-compiled" || first["file"] != "topology.yaml" || !strings.HasPrefix(first["hint"].(string), "run relayform compile ") {
			t.Errorf("%v: got %v", args, first)
		}
	}
	relayform(t, exitDone, "compile")
	write("topology.yaml", strings.Replace(topology, "istio: {}", "nodePort: {}", 1))()
	d := all.hold(t, "apply", exitShort, "apply", "--yes").(map[string]any)
	if told, _ := d["diagnostics"].([]any); len(told) != 1 || told[0].(map[string]any)["code"] != "not-compiled" {
		t.Errorf("build is stale: %v", d)
	}
}

// TestCommandsThatFindHaveFormats looks for commands that no program can read. Those without a format find nothing: what they make is what
// they were asked for, as manifests, a page, a topology of the answers given, or a page of help.
func TestCommandsThatFindHaveFormats(t *testing.T) {
	without := "completion help init render report judge-policy pages"
	known := inFormats(t)
	for _, c := range newRoot(nil, nil).Commands() {
		if known[c.Name()] == nil && !strings.Contains(" "+without+" ", " "+c.Name()+" ") {
			t.Errorf("%s has no --format; give it one, or name it here as a command whose text is what it makes", c.Name())
		}
	}
}
