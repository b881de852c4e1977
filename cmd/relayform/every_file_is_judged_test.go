package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"relayform/schema/diag"
)

// TestEveryTopologyIsJudged vets several topologies: each with its faults, each once, whatever the others are.
func TestEveryTopologyIsJudged(t *testing.T) {
	write := inFolder(t, "exit 0\n")
	write("good.yaml", topology)()
	write("bad.yaml", strings.Replace(topology, "istio", "isto", 1))()
	write("worse.yaml", strings.Replace(topology, "remotes", "remots", 1))()
	for name, key := range map[string]string{"many.yaml": "a", "more.yaml": "b"} {
		text := topology
		for i := range diag.MaxFaults + 10 {
			text += fmt.Sprintf("%s%d: 1\n", key, i)
		}
		write(name, text)()
	}
	for _, folder := range []string{"empty", "folder"} {
		if err := os.Mkdir(folder, 0o700); err != nil {
			t.Fatal(err)
		}
	}
	write("folder/topology.yaml", strings.Replace(topology, "management", "managment", 1))()
	for _, c := range []struct {
		args string
		exit int
		want string // the files that diagnostics name, in order
	}{
		{"good.yaml good.yaml", exitDone, ""},
		{"bad.yaml good.yaml worse.yaml", exitShort, "bad.yaml worse.yaml"},
		{"worse.yaml bad.yaml", exitShort, "worse.yaml bad.yaml"},
		{"bad.yaml ./bad.yaml bad.yaml", exitShort, "bad.yaml"},
		{"folder folder/topology.yaml", exitShort, "folder/topology.yaml"},
		{"bad.yaml missing.yaml", exitError, "bad.yaml !missing.yaml"},
		{"missing.yaml bad.yaml gone.yaml worse.yaml", exitError, "bad.yaml worse.yaml !missing.yaml !gone.yaml"},
		{"empty bad.yaml", exitError, "bad.yaml !empty/topology.yaml"},
		{"/dev/null folder good.yaml", exitError, "folder/topology.yaml !/dev/null"},
		{"many.yaml more.yaml", exitShort, "many.yaml more.yaml"},
	} {
		args := append([]string{"vet"}, strings.Fields(c.args)...)
		var stdout, stderr bytes.Buffer
		if code := run(append(args, "--format", "json"), &stdout, &stderr); code != c.exit {
			t.Errorf("%s: exit %d, want %d: %s", c.args, code, c.exit, stderr.String())
		}
		var told []diag.Diagnostic
		if err := json.Unmarshal(stdout.Bytes(), &told); err != nil {
			t.Fatal(err)
		}
		var files []string
		for _, d := range told {
			file := d.File
			if d.Code == diag.NotDone {
				file = "!" + file
			}
			if len(files) == 0 || files[len(files)-1] != file {
				files = append(files, file)
			}
		}
		if got := strings.Join(files, " "); got != c.want {
			t.Errorf("%s: diagnostics of %s, want %s", c.args, got, c.want)
		}
		for _, format := range []string{"text", "yaml", "github", "sarif"} {
			stdout, stderr = bytes.Buffer{}, bytes.Buffer{}
			if code := run(append(args, "--format", format), &stdout, &stderr); code != c.exit {
				t.Errorf("%s --format %s: exit %d, want %d", c.args, format, code, c.exit)
			}
			for _, file := range files {
				file, unjudged := strings.CutPrefix(file, "!")
				if format != "text" && !strings.Contains(stdout.String(), file) {
					t.Errorf("%s --format %s: %s is not in\n%s", c.args, format, file, stdout.String())
				}
				if told := strings.Contains(stderr.String(), file); told != (unjudged || format == "text") {
					t.Errorf("%s --format %s: %s on stderr: %v\n%s", c.args, format, file, told, stderr.String())
				}
			}
		}
	}
}

// TestEveryValueOfAFlagIsRead gives flags several values that are wrong, such as files that are not there: each is told.
func TestEveryValueOfAFlagIsRead(t *testing.T) {
	inFolder(t, "exit 0\n")
	for _, args := range []string{"vet --policy x.cue --policy y.cue", "verify --from x --from y", "adopt --from x --from y", "review --from . --allow x,y"} {
		_, stderr := relayform(t, exitError, strings.Fields(args)...)
		if strings.Count(stderr, "x") < 1 || strings.Count(stderr, "\n") != 2 || !strings.Contains(strings.SplitAfter(stderr, "\n")[1], "y") {
			t.Errorf("%s: %s", args, stderr)
		}
	}
}
