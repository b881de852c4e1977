package compiler

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/emit"
	"relayform/compiler/project"
)

// TestRunbookIsRunAsWritten runs every command in runbooks in a shell, with folders and contexts whose names a shell would execute if
// unquoted: each command gets them unchanged, and nothing else is run.
func TestRunbookIsRunAsWritten(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	const build = "$(touch pwn) it's; touch pwn"
	for _, remotes := range []int{2, emit.RunbookRemotes + 1} {
		s := newTestProject(t)
		dir := filepath.Dir(s.project.Topology)
		s.project = project.New(filepath.Join(dir, "a b.yaml"), filepath.Join(dir, build), filepath.Join(dir, "keys; touch pwn"))
		text, _, _ := strings.Cut(testTopology, "remotes:")
		text = strings.Replace(text, "  name: mgmt-cluster\n", "  name: mgmt-cluster\n  agent: true\n  context: $(touch${IFS}pwn)\n", 1) + "remotes:\n"
		for i := range remotes {
			text += fmt.Sprintf("  edge-%02d: {context: 'at;touch${IFS}pwn;%02d'}\n", i, i)
		}
		for _, phase := range []string{"", "distribute", "issue", "drain"} {
			s.write("a b.yaml", []byte(text+"pki: {"+own(phase)+"}\n"))
			if _, err := Compile(s.project, s.env(), Options{}); err != nil {
				t.Fatal(err)
			}
			script, commands := "kubectl() { printf '<%s>' kubectl \"$@\"; echo; }\nhelm() { printf '<%s>' helm \"$@\"; echo; }\nrelayform() { printf '<%s>' relayform \"$@\"; echo; }\nopenssl() { cat; }\nbase64() { cat; }\n", 0
			for _, block := range strings.Split(string(read(t, filepath.Join(s.project.Build, emit.RunbookFile))), "```sh\n")[1:] {
				command, _, _ := strings.Cut(block, "\n```\n")
				script += command + "\n"
				commands++
			}
			c := exec.Command("sh", "-e")
			c.Dir, c.Stdin, c.Env = dir, strings.NewReader(script), append(os.Environ(), "LICENSE_KEY=my key")
			out, err := c.CombinedOutput()
			if err != nil || commands < 8 {
				t.Fatalf("%d commands: %v:\n%s", commands, err, out)
			}
			if _, err := os.Lstat(filepath.Join(dir, "pwn")); err == nil {
				t.Fatalf("phase %q, %d remotes: a name was run:\n%s", phase, remotes, script)
			}
			want := []string{"<kubectl><--context><$(touch${IFS}pwn)><apply><-k><" + build + "/mgmt-cluster>", "<kubectl><--context><$(touch${IFS}pwn)><apply><-k><" + build + "/mgmt-cluster/register>",
				"<--values><" + build + "/mgmt-cluster/values.yaml>", "<--values><" + build + "/mgmt-cluster/agent-values.yaml>"}
			for i := range remotes {
				at, cluster := fmt.Sprintf("at;touch${IFS}pwn;%02d", i), fmt.Sprintf("edge-%02d", i)
				want = append(want, "<kubectl><--context><"+at+"><apply><-k><"+build+"/"+cluster+">\n", "<--kube-context><"+at+"><--namespace><gloo-mesh><--version><<2.0.0><--values><"+build+"/"+cluster+"/values.yaml>\n",
					"<kubectl><--context><"+at+"><--namespace><gloo-mesh><rollout><status><deployment/enterprise-agent>\n")
			}
			if phase != "" {
				want = append(want, "<relayform><verify><--live><a b.yaml><--out><"+build+"><--keys><keys; touch pwn>\n")
			}
			for _, w := range want {
				if !strings.Contains(string(out), w) {
					t.Fatalf("phase %q, %d remotes: %s was not run:\n%s", phase, remotes, w, out)
				}
			}
		}
	}
}
