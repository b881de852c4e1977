package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler/deploy"
)

// TestARunThatIsNotWholeSaysSo ends a run with one cluster in each state. Everything that was not applied is reported, with the command
// that resumes it: if a pipeline took the run for complete, only part of the mesh would be up to date.
func TestARunThatIsNotWholeSaysSo(t *testing.T) {
	for state, want := range map[deploy.State]error{
		deploy.Done: nil, deploy.Different: errShort, deploy.Failed: errUndone, deploy.Interrupted: errUndone, deploy.Waiting: errUndone,
	} {
		outcomes := []deploy.Outcome{{Job: deploy.Job{Cluster: "a"}, State: deploy.Done}, {Job: deploy.Job{Cluster: "b"}, State: state}}
		if state == deploy.Failed {
			outcomes[1].Err = errors.New("refused")
		}
		var out, errs bytes.Buffer
		c := &cobra.Command{}
		c.SetErr(&errs)
		done := application{command: c, flags: parse(t, []string{"--yes"}), mesh: "demo", begun: time.Now(), outcomes: outcomes}
		if err := errors.Join(done.writeText(&out), done.err()); !errors.Is(err, want) || out.Len() > 0 {
			t.Errorf("state %d: %v, want %v; %s", state, err, want, out.String())
		}
		if resumes := bytes.Contains(errs.Bytes(), []byte("to resume:\n  relayform apply b --yes\n")); resumes != (want == errUndone) {
			t.Errorf("state %d: %s", state, errs.String())
		}
	}
}

// TestKubectlEndsByItself interrupts a run: kubectl receives the signal, and may finish what it started.
func TestKubectlEndsByItself(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no /bin/sh for the script that stands in kubectl's place")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\ntrap 'echo tidied; exit 1' INT\n: >\"$1\"\nwhile :; do sleep 0.01; done\n"
	if err := os.WriteFile(filepath.Join(dir, "kubectl"), []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	begun := filepath.Join(dir, "begun")
	go func() {
		for ctx.Err() == nil {
			if _, err := os.Stat(begun); err == nil {
				cancel()
			}
			time.Sleep(time.Millisecond)
		}
	}()
	k := program{path: filepath.Join(dir, "kubectl")}
	if out, err := k.run(ctx, begun); err == nil || string(out) != "tidied\n" {
		t.Errorf("%q, %v", out, err)
	}
}

// TestGitIsAskedForOnePath asks what git tracks at paths that look like patterns, and about files whose names git would quote.
func TestGitIsAskedForOnePath(t *testing.T) {
	git, err := exec.LookPath("git")
	if err != nil {
		t.Skip("no git here")
	}
	dir := t.TempDir()
	odd := "é \"x\".key"
	for _, name := range []string{"keys-of-mine.key", odd} {
		if err := os.WriteFile(filepath.Join(dir, name), nil, 0o600); err != nil {
			t.Skip(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}} {
		if out, err := exec.Command(git, append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	for path, want := range map[string][]string{
		"": {"keys-of-mine.key", odd}, "keys-of-mine.key": {"keys-of-mine.key"}, "keys": nil, "keys*": nil, "key?-of-mine.key": nil, ":(glob)*": nil, ":!x": nil, "k/e/y": nil,
	} {
		got, err := trackedByGit(filepath.Join(dir, path))
		if slices.Sort(got); err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: %q, %v; want %q", path, got, err, want)
		}
	}
}
