package main

import (
	"os/exec"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/deploy"
)

// TestResumingDoesTheSame parses the command that resumes a run: every flag of the run is kept. Above all, the rest of a dry run is not
// applied.
func TestResumingDoesTheSame(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip("no shell here")
	}
	outcomes := []deploy.Outcome{
		{Job: deploy.Job{Cluster: "mgmt"}, State: deploy.Done}, {Job: deploy.Job{Cluster: "a"}, State: deploy.Failed},
		{Job: deploy.Job{Cluster: "b"}, State: deploy.Interrupted}, {Job: deploy.Job{Cluster: "c"}, State: deploy.Waiting},
		{Job: deploy.Job{Cluster: "d"}, State: deploy.Different},
	}
	for _, args := range [][]string{
		nil, {"--yes"}, {"--dry-run=server"}, {"--dry-run", "server", "--prune"}, {"--diff"}, {"--diff", "--prune", "--server-side"},
		{"--server-side", "--force-conflicts", "--yes"}, {"--prune", "--yes"}, {"--wave-by", "stage", "--max-failures", "2"}, {"--identity", "id $(x).txt", "--yes"},
		{"--replace-foreign-trust", "--yes"}, {"--cut-off-agents"}, {"--restart", "--yes"}, {"--wait"}, {"--restart", "--wait", "--dry-run=server"},
		{"--parallel", "1", "--timeout", "90m", "--yes"}, {"--timeout", "0"},
		{"--file", "it's $(x).yaml", "--out", "a b", "--keys", "-k", "--kubectl", "./my kubectl", "--dry-run=server"},
	} {
		before := parse(t, args)
		out, err := exec.Command("sh", "-c", "relayform() { printf '%s\\n' \"$@\"; }\n"+before.resume(outcomes)).Output()
		if err != nil {
			t.Fatal(err)
		}
		words := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
		after := parse(t, words[1:])
		want := *before
		if want.files.keys == "-k" {
			want.files.keys = "./-k"
		}
		if words[0] != "apply" || after.options != want.options || after.dryRun != want.dryRun || after.yes != want.yes || after.replaceForeign != want.replaceForeign || after.cutOffAgents != want.cutOffAgents ||
			after.files != want.files || after.kubectl != want.kubectl || after.choice.WaveBy != want.choice.WaveBy {
			t.Errorf("%q resumes as %q", args, words)
		}
		if !slices.Equal(after.choice.Clusters, []string{"a", "b", "c"}) {
			t.Errorf("%q resumes with %q", args, after.choice.Clusters)
		}
	}
}

// TestOnlyTheRegistrationIsResumed resumes a run that has only the registration left to do. Without the name of a cluster, the command
// would apply to every cluster.
func TestOnlyTheRegistrationIsResumed(t *testing.T) {
	register := deploy.Outcome{Job: deploy.Job{Cluster: "mgmt", Register: true}}
	for state, others := range map[deploy.State]deploy.State{deploy.Failed: deploy.Done, deploy.Interrupted: deploy.Done, deploy.Waiting: deploy.Different} {
		register.State = state
		outcomes := []deploy.Outcome{{Job: deploy.Job{Cluster: "mgmt"}, State: others}, {Job: deploy.Job{Cluster: "a"}, State: others}, register}
		if got := parse(t, []string{"--register", "--yes"}).resume(outcomes); got != "relayform apply mgmt --register --yes" {
			t.Errorf("state %d: got %s", state, got)
		}
	}
	register.State = deploy.Done
	left := []deploy.Outcome{{Job: deploy.Job{Cluster: "mgmt"}}, {Job: deploy.Job{Cluster: "a"}, State: deploy.Failed}, register}
	left[0].State = deploy.Done
	if got := parse(t, []string{"--register", "--yes"}).resume(left); got != "relayform apply a --yes" {
		t.Errorf("what is registered already: got %s", got)
	}
}

// parse parses the arguments of an apply, as a run does before it changes anything.
func parse(t *testing.T, args []string) *applyFlags {
	t.Helper()
	f := new(applyFlags)
	c := f.command()
	if err := c.ParseFlags(args); err != nil {
		t.Fatal(err)
	}
	if f.dryRun == "server" {
		f.options.DryRun = true
	}
	f.choice.Clusters = c.Flags().Args()
	return f
}
