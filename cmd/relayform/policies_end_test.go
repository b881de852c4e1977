package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// TestPoliciesEnd evaluates policies that would use all memory, or never end, in a process of the program: each is
// stopped at its limit, together with the process that evaluates it.
func TestPoliciesEnd(t *testing.T) {
	dir := t.TempDir()
	write := func(name, text string) {
		if err := os.WriteFile(dir+"/"+name, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("topology.yaml", "apiVersion: relayform/v1\nkind: Topology\nname: demo\nmanagement: {name: m, ingress: {istio: {}}}\npki: {selfSigned: {}}\n")
	doubled := "_a0: \"xxxxxxxxxxxxxxxxxxxx\"\n"
	for i := range 40 {
		doubled += fmt.Sprintf("_a%d: _a%d+_a%d\n", i+1, i, i)
	}
	ten := "_d: [0,1,2,3,4,5,6,7,8,9]\n"
	for name, c := range map[string]struct{ text, want string }{
		"repeat":    {"import \"strings\"\n_a: strings.Repeat(\"x\", 1000000)\nplan: name: strings.Repeat(_a, 1000000)\n", "1 GiB of memory"},
		"doubling":  {doubled + "plan: name: _a40\n", "1 GiB of memory"},
		"rounds":    {ten + "_l: [for i in _d for j in _d for k in _d for l in _d for m in _d for n in _d for o in _d for p in _d if p > 10 {i}]\nplan: name: \"\\(len(_l))\"\n", " seconds"},
		"recursion": {"#F: {n: int, if n > 0 {r: (#F & {\"n\": n-1}).r + 1}, if n == 0 {r: 0}}\nplan: name: \"\\((#F & {n: 100000}).r)\"\n", "[bad-policy]"},
	} {
		if name == "rounds" && !everyCase() {
			continue // it takes several seconds; see TestPolicyThatTakesLongIsEnded
		}
		t.Run(name, func(t *testing.T) {
			write(name+".cue", c.text)
			program, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			vet := exec.Command(program, "vet", dir+"/topology.yaml", "--policy", dir+"/"+name+".cue")
			vet.Args[0], vet.Stderr = "relayform", &out
			if err := vet.Run(); vet.ProcessState.ExitCode() != exitShort {
				t.Errorf("%v: %s", err, &out)
			}
			if text := out.String(); !strings.Contains(text, c.want) || strings.Contains(text, "goroutine") {
				t.Errorf("%s; want %s", text, c.want)
			}
		})
	}
}

// TestRequestThatIsNoneIsRefused sends the evaluating process something that is not a request: the error says so, and is not taken for a
// policy that exceeded its limits.
func TestRequestThatIsNoneIsRefused(t *testing.T) {
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	judge := exec.CommandContext(context.Background(), program, judging)
	judge.Args[0], judge.Stdin = "relayform", strings.NewReader("no request")
	if out, err := judge.CombinedOutput(); judge.ProcessState.ExitCode() != exitShort || !strings.Contains(string(out), "request: ") {
		t.Errorf("%v: %s", err, out)
	}
}

// TestPolicyThatTakesLongIsEnded cancels a policy that does not end: its process ends too, and its output does not count as an answer.
func TestPolicyThatTakesLongIsEnded(t *testing.T) {
	args := os.Args
	os.Args = []string{"relayform"} // the name that the started program must have
	defer func() { os.Args = args }()
	text := "_d: [0,1,2,3,4,5,6,7,8,9]\n_l: [for i in _d for j in _d for k in _d for l in _d for m in _d for n in _d for o in _d for p in _d if p > 10 {i}]\nplan: name: \"\\(len(_l))\"\n"
	request, err := json.Marshal(map[string]any{"Text": text, "Input": map[string]any{}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	if answer, err := judgeApart(ctx, request); err == nil || ctx.Err() == nil {
		t.Errorf("%q, %v", answer, err)
	}
}
