package compiler

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/lifecycle"
	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// TestCommandsNameTheirProject checks that every printed command includes the project's files that are not the defaults, so that it can be
// pasted.
func TestCommandsNameTheirProject(t *testing.T) {
	for _, c := range []struct {
		topology, build, keys, verb, want string
	}{
		{"topology.yaml", "", "", "compile", "relayform compile"},
		{"topology.yaml", "./build/", "keys", "compile --check", "relayform compile --check"},
		{"topologies/prod.yaml", "", "", "compile", "relayform compile topologies/prod.yaml"},
		{"topologies/prod.yaml", "topologies/build", "topologies/keys", "unlock --remove", "relayform unlock --remove topologies/prod.yaml"},
		{"topologies/prod.yaml", "build", "/secure/keys", "renew server", "relayform renew server --file topologies/prod.yaml --out build --keys /secure/keys"},
		{"my mesh.yaml", "", "k;y", "unlock", "relayform unlock 'my mesh.yaml' --keys 'k;y'"},
		{"-f", "", "-k", "compile", "relayform compile ./-f --keys ./-k"},
		{"$(touch pwn)/t.yaml", "$(touch pwn)/build", "`id`", "apply", "relayform apply --file '$(touch pwn)/t.yaml' --keys '`id`'"},
		{"it's.yaml", "a\nb", "\x1b[2J", "gc", `relayform gc 'it'\''s.yaml' --out "$(printf 'a\012b')" --keys "$(printf '\033[2J')"`},
	} {
		if got := project.New(c.topology, c.build, c.keys).Command(c.verb); got != c.want {
			t.Errorf("got %s\nwant %s", got, c.want)
		}
	}
}

// TestCertificatesAreRenewedByCommandsOfTheirProject checks the commands of certs and the runbook for a project with files elsewhere.
func TestCertificatesAreRenewedByCommandsOfTheirProject(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	s.project.Keys += " of mine"
	r, err := Certificates(s.project, s.env(), fixtureTime)
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(r.Certificates, func(c lifecycle.Certificate) bool { return c.Role == "server" })
	for _, by := range []string{r.Certificates[at].RenewedBy, r.Token.RenewedBy} {
		out, err := exec.Command("sh", "-c", "relayform() { printf '%s\\n' \"$@\"; }\n"+by).Output()
		words := strings.Split(strings.TrimSpace(string(out)), "\n")
		if err != nil || len(words) != 6 || !slices.Equal(words[2:], []string{"--file", s.project.Topology, "--keys", s.project.Keys}) {
			t.Errorf("%s is read as %q, %v", by, words, err)
		}
	}
	if paths, err := runbookPathsOf(s.project, &plan.Plan{}); err != nil || paths.Flags != " --keys 'keys of mine'" {
		t.Errorf("the runbook's commands end in %q, %v", paths.Flags, err)
	}
}
