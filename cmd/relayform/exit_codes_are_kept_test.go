package main

import (
	"encoding/base64"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// step is one run of relayform and its result. If it is refused or fails, only what was asked for may be on stdout, which scripts read.
type step struct {
	before func()
	args   string
	code   int
	out    string // on stdout; empty for nothing
	err    string // on stderr
}

func (s step) take(t *testing.T) {
	t.Helper()
	if s.before != nil {
		s.before()
	}
	out, err := relayform(t, s.code, strings.Fields(s.args)...)
	if s.out == "" && out != "" || !strings.Contains(out, s.out) || !strings.Contains(err, s.err) {
		t.Errorf("relayform %s: want stdout with %q and stderr with %q, got\n%s--\n%s", s.args, s.out, s.err, out, err)
	}
}

// inFolder works in a new folder, with a shell script instead of kubectl.
func inFolder(t *testing.T, script string) (write func(name, text string) func()) {
	t.Helper()
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no /bin/sh for the script that stands in kubectl's place")
	}
	dir := t.TempDir()
	t.Chdir(dir)
	write = func(name, text string) func() {
		return func() {
			if err := os.WriteFile(name, []byte(text), 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	write("kubectl", `#!/bin/sh
case "$*" in version*) echo '{"clientVersion": {"major": "1", "minor": "36"}}'; exit ;; esac
echo "$*" >>log
`+script)()
	t.Setenv("KUBECTL", filepath.Join(dir, "kubectl"))
	return write
}

// TestExitCodesAreKept checks the exit codes on which pipelines depend: 1 if the input was checked and refused, 2 if it could not be
// checked or done. A pipeline that confuses them continues with stale output, or reports a broken network as a change.
func TestExitCodesAreKept(t *testing.T) {
	write := inFolder(t, `
case "$*" in
*"$(cat fails 2>/dev/null || echo nothing)"*) echo broken >&2; exit 3 ;;
*" get namespace "*) echo namespace/gloo-mesh ;;
*" get service "*) cat service 2>/dev/null ;;
*--context=east*" diff "*) [ ! -e differs ] || { echo '+new'; exit 1; } ;;
esac
exit 0
`)
	gone := func(name string) func() { return func() { _ = os.Remove(name) } }
	for _, s := range []step{
		{write("topology.yaml", strings.Replace(topology, "istio", "isto", 1)), "vet", exitShort, "", "did you mean istio?"},
		{nil, "vet --format json", exitShort, `"code":"unknown-key"`, ""},
		{nil, "vet --format sarif", exitShort, `"ruleId":"unknown-key"`, ""},
		{nil, "vet --format github", exitShort, "::error file=topology.yaml", ""},
		{nil, "vet --format xml", exitError, "", "--format xml: want"},
		{nil, "vet missing.yaml", exitError, "", "no such file"},
		{nil, "vet --format json missing.yaml", exitError, `"file":"missing.yaml","code":"not-done"`, "no such file"},
		{nil, "compile", exitShort, "", "did you mean istio?"},
		{write("topology.yaml", strings.Replace(topology, "istio", "loadBalancer", 1)), "vet", exitDone, "", ""},
		{nil, "compile --locked", exitShort, "", "hint: run relayform compile where the private keys are"},
		{nil, "compile --check", exitShort, "", "root: would be issued"},
		{nil, "render east", exitShort, "", "would be issued"},
		{nil, "renew --file topology.yaml --keys k", exitShort, "", "hint: run relayform compile --keys k where the private keys are"},
		{func() { _ = os.Mkdir("sub", 0o755); write("sub/mesh.yaml", topology)() }, "render east --file sub/mesh.yaml", exitShort, "", "hint: run relayform compile sub/mesh.yaml where the private keys are"},
		{nil, "verify --from sub sub/mesh.yaml", exitError, "", "want one of them"},
		{nil, "verify --from sub --live", exitError, "", "want one of them"},
		{nil, "verify --from sub --dial", exitError, "", "want one of them"},
		{nil, "verify --live --dial", exitError, "", "want one of them"},
		{nil, "verify --from nowhere", exitError, "", "nowhere"},
		{nil, "gc", exitError, "", "restore it from git"},
		{nil, "compile", exitDone, "", "issued root"},
		{nil, "compile --locked --check", exitDone, "", ""},
		{nil, "compile --identity nowhere", exitError, "", "nowhere: no such file"},

		{nil, "render", exitError, "", "accepts 1 arg"},
		{nil, "render esat", exitError, "", "did you mean east?"},
		{nil, "render --all --register", exitError, "", "none of the others can be"},
		{nil, "render east --public", exitDone, "relay-root-tls-secret", ""},

		{nil, "certs --within 0d", exitDone, "server 1", ""},
		{nil, "certs --within 10000d", exitShort, "server 1", "relayform: server 1 is due on"},
		{nil, "certs --within -1d", exitError, "", "--within -1d: want a span of time"},
		{nil, "certs --at tomorrow", exitError, "", "--at: want a day as 2027-01-31, or a time as 2027-01-31T12:00:00Z, got tomorrow"},
		{nil, "certs --format xml", exitError, "", "--format xml: want"},

		{nil, "renew root", exitError, "", "rotate it in the topology"},
		{nil, "renew client", exitError, "", "client: want one of"},
		{nil, "renew --within -1h", exitError, "", "--within -1h: want a span of time"},
		{nil, "renew", exitDone, "", "nothing is due"},

		{nil, "explain nonsense", exitError, "", "no such code: nonsense"},
		{nil, "schema --format xml", exitError, "", "--format xml: want jsonschema or cue"},
		{nil, "nonsense", exitError, "", "unknown command"},
		{nil, "init --management mgmt", exitError, "", "topology.yaml already exists"},
		{nil, "init other --management Mgmt", exitShort, "", "init: management.name: want a DNS label"},

		{nil, "address", exitShort, "", "pending: there is no Service"},
		{write("service", `{"spec": {"type": "LoadBalancer", "ports": [{"name": "grpc", "port": 9900}]}, "status": {"loadBalancer": {"ingress": [{"ip": "203.0.113.7"}]}}}`), "address", exitDone, "203.0.113.7:9900", ""},
		{write("fails", "get service"), "address", exitError, "", "context mgmt: kubectl: broken"},

		{gone("fails"), "apply", exitError, "", "there is no terminal to ask on"},
		{nil, "apply --yes --parallel 0", exitError, "", "--parallel 0: want 1 or more"},
		{nil, "apply --yes nowhere elsewhere", exitError, "", "nowhere: no such cluster in the topology\nrelayform: elsewhere: no such cluster"},
		{nil, "apply --yes", exitDone, "", "3 applied"},
		{nil, "apply --diff", exitDone, "", "3 as compiled"},
		{write("differs", ""), "apply --diff", exitShort, "+new", "2 as compiled, 1 different"},
		{write("fails", "context=west"), "apply --diff", exitError, "+new", "1 as compiled, 1 different, 1 failed"},
		{nil, "apply --yes", exitError, "", "2 applied, 1 failed"},
		{nil, "apply --yes --kubectl ./nowhere", exitError, "", "install kubectl"},
		{write("topology.yaml", strings.Replace(topology, "istio: {}", "nodePort: {}", 1)), "apply --yes", exitShort, "", "build is stale"},
		{nil, "compile --locked --check", exitShort, "b/build/mgmt", "build is stale"},
	} {
		s.take(t)
	}
}

// TestStrictCountsWarnings has an additional root in one cluster: a warning, which fails only with --strict.
func TestStrictCountsWarnings(t *testing.T) {
	_, file := compiled(t)
	_, other := compiled(t)
	ca := regexp.MustCompile(`(?m)^  ca\.crt: (.*)\n`)
	decoded := func(yaml string) string {
		text, err := base64.StdEncoding.DecodeString(ca.FindStringSubmatch(yaml)[1])
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	dir := t.TempDir()
	for _, name := range []string{"mgmt", "east", "west"} {
		yaml, _ := relayform(t, exitDone, "render", name, "--file", file)
		if name == "west" {
			stranger, _ := relayform(t, exitDone, "render", name, "--file", other)
			two := base64.StdEncoding.EncodeToString([]byte(decoded(yaml) + decoded(stranger)))
			yaml = ca.ReplaceAllLiteralString(yaml, "  ca.crt: "+two+"\n")
		}
		if err := os.WriteFile(filepath.Join(dir, name+".yaml"), []byte(yaml), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	out, _ := relayform(t, exitDone, "verify", "--from", dir)
	contains(t, out, "[anchors-differ]", "0 errors")
	relayform(t, exitShort, "verify", "--from", dir, "--strict")
}
