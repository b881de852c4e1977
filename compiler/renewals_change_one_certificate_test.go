package compiler

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/issue"
)

// TestRenewalChangesOneCertificate renews each thing and checks that nothing else differs: in build/ only its own file and lines, in the
// lockfile only its entry.
func TestRenewalChangesOneCertificate(t *testing.T) {
	public := "mgmt-cluster/public/"
	for _, c := range []struct {
		what    string
		sameKey bool
		files   []string
		words   []string // each changed line of the overlay contains one of these
	}{
		{"server", false, []string{public + "relay-server-tls.crt", public + "secrets.yaml"}, []string{"server", "serial", "valid", "  tls.crt: "}},
		{"server", true, []string{public + "relay-server-tls.crt", public + "secrets.yaml"}, []string{"server", "serial", "valid", "  tls.crt: "}},
		{"signing", false, []string{public + "relay-tls-signing.crt", public + "secrets.yaml"}, []string{"signing", "serial", "valid", "  tls.crt: "}},
		{"signing", true, []string{public + "relay-tls-signing.crt", public + "secrets.yaml"}, []string{"signing", "serial", "valid", "  tls.crt: "}},
		{"token", false, nil, nil},
	} {
		t.Run(fmt.Sprintf("%s-same-key-%t", c.what, c.sameKey), func(t *testing.T) {
			s := newTestProject(t)
			first := s.compile(own(""))
			before := s.all()
			s.now = s.now.Add(90 * day)
			r, err := Renew(s.project, s.env(), RenewOptions{What: c.what, SameKey: c.sameKey})
			if err != nil {
				t.Fatal(err)
			}
			if !slices.Equal(r.Changes.Changed, c.files) || len(r.Changes.Added)+len(r.Changes.Removed) > 0 {
				t.Errorf("changed %v, want %v", r.Changes, c.files)
			}
			after := s.all()
			for _, line := range strings.Split(after["build/"+public+"secrets.yaml"], "\n") {
				old := strings.Contains(before["build/"+public+"secrets.yaml"], line+"\n")
				if !old && !slices.ContainsFunc(c.words, func(w string) bool { return strings.Contains(line, w) }) {
					t.Errorf("another line changed: %s", line)
				}
			}
			for _, role := range relayRoles {
				a, b := first.Lock.Newest(role), r.Lock.Newest(role)
				if renewed := string(role) == c.what; renewed == (a.SHA256 == b.SHA256) {
					t.Errorf("%s renewed: %t", role, !renewed)
				} else if renewed && (b.Generation != 2 || (a.SPKI == b.SPKI) != c.sameKey || !b.Chain[0].NotAfter.After(a.Chain[0].NotAfter)) {
					t.Errorf("%s: generation %d, same key %t", role, b.Generation, a.SPKI == b.SPKI)
				}
			}
			if renewed := first.Lock.Token.SHA256 != r.Lock.Token.SHA256; renewed != (c.what == "token") {
				t.Errorf("token renewed: %t", renewed)
			}
			again, err := s.try(own(""), Options{})
			if err != nil || len(again.Issued) > 0 || !again.Changes.None() {
				t.Errorf("the next compile changes something: %v", err)
			}
		})
	}
}

// TestAllDueRenewsWhatFallsDue renews on different days what would expire, or shorten the validity of what it signs.
func TestAllDueRenewsWhatFallsDue(t *testing.T) {
	for _, c := range []struct {
		days   int
		within time.Duration
		want   string
	}{
		{0, 30 * day, ""},
		{366, 30 * day, ""},
		{369, 30 * day, "server"},
		{369, 0, ""},
		{3*365 - 365 - 30, 0, "signing server"},
		{3 * 365, 0, "signing server"},
	} {
		s := newTestProject(t)
		s.compile(own(""))
		before := s.all()
		s.now = s.now.Add(time.Duration(c.days) * day)
		for _, dry := range []bool{true, false} {
			r, err := Renew(s.project, s.env(), RenewOptions{What: issue.AllDue, Within: c.within, DryRun: dry})
			if err != nil {
				t.Fatal(err)
			}
			var have []string
			for _, due := range r.Issued {
				have = append(have, string(due.Role))
			}
			if got := strings.Join(have, " "); got != c.want {
				t.Errorf("after %d days, within %s: renewed %q, want %q", c.days, c.within, got, c.want)
			}
			if dry || c.want == "" {
				for name, text := range s.all() {
					if before[name] != text {
						t.Errorf("after %d days, dry run %t: %s changed", c.days, dry, name)
					}
				}
			}
		}
	}
}

// TestRefusedRenewals lists what cannot be renewed, and what to do instead.
func TestRefusedRenewals(t *testing.T) {
	for _, c := range []struct {
		name, before, now string
		options           RenewOptions
		want              string
	}{
		{"a root", own(""), own(""), RenewOptions{What: "root"}, "rotate it in the topology"},
		{"a stranger", own(""), own(""), RenewOptions{What: "client"}, "want one of server, signing, telemetry, agents, token, all-due"},
		{"a token's key", own(""), own(""), RenewOptions{What: "token", SameKey: true}, "--same-key is for certificates"},
		{"a request that does not wait", foreignPKI(1, ""), foreignPKI(1, ""), RenewOptions{What: "server", Withdraw: true}, "server: no request is waiting for its certificate"},
		{"the request for a token", foreignPKI(1, ""), foreignPKI(1, ""), RenewOptions{What: "token", Withdraw: true}, "want server or signing"},
		{"while a compile is due", own(""), own("distribute"), RenewOptions{What: "server"}, "rotation: would be recorded"},
		{"before the first compile", "", own(""), RenewOptions{What: "server"}, "root: would be issued"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := newTestProject(t)
			s.bring(1)
			if c.before != "" {
				s.compile(c.before)
			}
			s.write("topology.yaml", []byte(strings.Replace(testTopology, "%s", c.now, 1)))
			before := s.all()
			if _, err := Renew(s.project, s.env(), c.options); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			for name, text := range s.all() {
				if before[name] != text {
					t.Errorf("%s changed", name)
				}
			}
		})
	}
}
