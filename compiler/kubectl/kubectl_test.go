package kubectl_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"relayform/compiler/kubectl"
)

// says returns a kubectl that prints a text.
func says(text string) kubectl.Run {
	return func(context.Context, ...string) ([]byte, error) { return []byte(text), nil }
}

// TestOldKubectlIsRefused has kubectls of several versions: one whose kustomize cannot build the overlays would fail on the first cluster.
func TestOldKubectlIsRefused(t *testing.T) {
	for text, wrong := range map[string]string{
		`{"clientVersion":{"major":"1","minor":"27","gitVersion":"v1.27.16"}}`:   "",
		`{"clientVersion":{"major":"1","minor":"27+","gitVersion":"v1.27-eks"}}`: "",
		`{"clientVersion":{"major":"2","minor":"0","gitVersion":"v2.0.0"}}`:      "",
		`{"clientVersion":{"major":"1","minor":"26","gitVersion":"v1.26.1"}}`:    "kubectl v1.26.1 is too old; want 1.27 or newer",
		`{}`:   "of unknown version is too old",
		`oops`: "want kubectl 1.27 or newer",
	} {
		err := says(text).Check(t.Context())
		if (err == nil) != (wrong == "") || err != nil && !strings.Contains(err.Error(), wrong) {
			t.Errorf("%s: got %v, want %q", text, err, wrong)
		}
	}
}

// TestWhatIsMissingIsNoError distinguishes a missing object from output that cannot be parsed.
func TestWhatIsMissingIsNoError(t *testing.T) {
	var into struct{ Kind string }
	if found, err := says(" \n").Get(t.Context(), &into, "get", "x"); found || err != nil {
		t.Errorf("nothing: %v, %v", found, err)
	}
	if found, err := says(`{"kind":"Node"}`).Get(t.Context(), &into, "get", "x"); !found || err != nil || into.Kind != "Node" {
		t.Errorf("an object: %v, %v, %v", found, err, into)
	}
	if found, err := says("{").Get(t.Context(), &into, "get", "x"); found || err == nil || !strings.Contains(err.Error(), "kubectl get x: ") {
		t.Errorf("half an answer: %v, %v", found, err)
	}
}

// TestFailuresSayWhatKubectlSaid runs a program in place of kubectl.
func TestFailuresSayWhatKubectlSaid(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a shell script is no program here")
	}
	path := filepath.Join(t.TempDir(), "kubectl")
	if err := os.WriteFile(path, []byte("#!/bin/sh\necho \"$1\"\necho oops >&2\nexit 3\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	out, err := kubectl.Program(path).In("--all")(t.Context(), "get")
	var failed *kubectl.Error
	if !errors.As(err, &failed) || failed.Code != 3 || failed.Said != "oops" || string(out) != "--context=--all\n" {
		t.Errorf("got %q, %v", out, err)
	}
	if _, err := kubectl.Program(path + ".missing")(t.Context()); err == nil || !strings.Contains(err.Error(), "or name it with --kubectl") {
		t.Errorf("missing: %v", err)
	}
}
