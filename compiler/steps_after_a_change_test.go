package compiler

import (
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestChangesSayWhereToApplyAndWhatToRestart renews and rotates, and compares the summary with the procedure: a cluster left out is cut off
// later, one restarted unnecessarily has an outage.
func TestChangesSayWhereToApplyAndWhatToRestart(t *testing.T) {
	const relay, agents = "enterprise-networking in mgmt-cluster", "enterprise-agent in remote-cluster"
	s := newTestProject(t)
	said := func(what string, r *Result, want ...string) {
		t.Helper()
		var have []string
		for _, step := range r.Steps() {
			var restarts []string
			for _, w := range step.Restarts {
				restarts = append(restarts, w.Deployment+" in "+strings.Join(w.Clusters, " "))
			}
			have = append(have, fmt.Sprintf("%s: apply %s; restart %s", step.Role, strings.Join(step.Apply, " "), strings.Join(restarts, ", ")))
			if step.Role != "root" && step.Note == "" {
				t.Errorf("%s: of the %s it does not say what becomes of running agents", what, step.Role)
			}
		}
		if !slices.Equal(have, want) {
			t.Errorf("%s:\n%s\nwant\n%s", what, strings.Join(have, "\n"), strings.Join(want, "\n"))
		}
	}
	const (
		root    = "root: apply mgmt-cluster remote-cluster; restart " + relay + ", " + agents
		signing = "signing: apply mgmt-cluster; restart " + relay
		server  = "server: apply mgmt-cluster; restart "
		token   = "token: apply mgmt-cluster remote-cluster; restart " + relay
	)
	said("the first compile", s.compile(own("")), root, signing, server, token)
	said("nothing changed", s.compile(own("")))
	for what, want := range map[string]string{"server": server, "signing": signing, "token": token} {
		r, err := Renew(s.project, s.env(), RenewOptions{What: what})
		if err != nil {
			t.Fatal(err)
		}
		said("renew "+what, r, want)
	}
	said("distribute", s.compile(own("distribute")), root)
	said("issue", s.compile(own("issue")), signing, server)
	said("drain", s.compile(own("drain")))
}
