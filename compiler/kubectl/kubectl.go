// Package kubectl accesses clusters with the user's kubectl, and so with their kubeconfig and credentials.
package kubectl

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// Run runs kubectl with these arguments, and returns its output, even if it fails. The error is an *Error if kubectl ran and failed.
type Run func(ctx context.Context, args ...string) ([]byte, error)

// In returns a Run for the cluster of a kube context.
func (run Run) In(kubeContext string) Run {
	return func(ctx context.Context, args ...string) ([]byte, error) {
		return run(ctx, append([]string{"--context=" + kubeContext}, args...)...)
	}
}

// Get has kubectl get objects as JSON. It reports whether kubectl printed anything: an object that does not exist is not an error.
func (run Run) Get(ctx context.Context, into any, args ...string) (found bool, err error) {
	out, err := run(ctx, append(args, "--output", "json", "--ignore-not-found")...)
	if err != nil || len(bytes.TrimSpace(out)) == 0 {
		return false, err
	}
	if err := json.Unmarshal(out, into); err != nil {
		return false, fmt.Errorf("kubectl %s: cannot read what it printed: %w", strings.Join(args, " "), err)
	}
	return true, nil
}

// oldestMinor is the oldest kubectl 1.x whose kustomize builds the overlays.
const oldestMinor = 27

// Check returns an error if kubectl is missing or too old.
func (run Run) Check(ctx context.Context) error {
	out, err := run(ctx, "version", "--client", "--output", "json")
	if err != nil {
		return err
	}
	var v struct {
		Client struct{ Major, Minor, GitVersion string } `json:"clientVersion"`
	}
	if err := json.Unmarshal(out, &v); err != nil {
		return fmt.Errorf("kubectl version: cannot read what it printed: %w; want kubectl 1.%d or newer", err, oldestMinor)
	}
	major, _ := strconv.Atoi(v.Client.Major)
	minor, _ := strconv.Atoi(strings.TrimRight(v.Client.Minor, "+")) // some vendors' builds say 27+
	if major < 1 || major == 1 && minor < oldestMinor {
		return fmt.Errorf("kubectl %s is too old; want 1.%d or newer, on PATH or named with --kubectl", cmp.Or(v.Client.GitVersion, "of unknown version"), oldestMinor)
	}
	return nil
}
