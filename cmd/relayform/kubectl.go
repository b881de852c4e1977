package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relayform/schema/source"
)

// kubectl is the program through which relayform speaks to clusters.
type kubectl struct{ path string }

func (k *kubectl) register(c *cobra.Command) {
	c.Flags().StringVar(&k.path, "kubectl", "", "the kubectl to run (default: $KUBECTL, then kubectl on PATH)")
}

// oldestMinor is that of the oldest kubectl 1.x whose kustomize builds the overlays.
const oldestMinor = 27

// check refuses a kubectl that is missing or too old.
func (k *kubectl) check(ctx context.Context) error {
	out, err := k.run(ctx, "version", "--client", "--output", "json")
	if err != nil {
		return err
	}
	var v struct {
		Client struct{ Major, Minor, GitVersion string } `json:"clientVersion"`
	}
	if err := json.Unmarshal(out, &v); err != nil {
		return fmt.Errorf("kubectl version: %w; want kubectl 1.%d or newer", err, oldestMinor)
	}
	major, _ := strconv.Atoi(v.Client.Major)
	minor, _ := strconv.Atoi(strings.TrimRight(v.Client.Minor, "+")) // some vendors' builds say 27+
	if major < 1 || major == 1 && minor < oldestMinor {
		return fmt.Errorf("kubectl %s is too old; want 1.%d or newer, on PATH or named with --kubectl", cmp.Or(v.Client.GitVersion, "of unknown version"), oldestMinor)
	}
	return nil
}

// patience is how long a kubectl that is told to stop may take.
const patience = 5 * time.Second

// kubectlError is what kubectl said, and its exit code.
type kubectlError struct {
	said string
	code int
}

func (e *kubectlError) Error() string { return "kubectl: " + e.said }

// ExitCode is kubectl's.
func (e *kubectlError) ExitCode() int { return e.code }

// run gives what kubectl prints, also where it fails. The error says what kubectl said.
func (k *kubectl) run(ctx context.Context, args ...string) ([]byte, error) {
	path, err := exec.LookPath(cmp.Or(k.path, os.Getenv("KUBECTL"), "kubectl"))
	if err != nil {
		return nil, fmt.Errorf("kubectl: %w; install kubectl 1.%d or newer, or name it with --kubectl", err, oldestMinor)
	}
	var stdout, stderr limited
	c := exec.CommandContext(ctx, path, args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	c.Cancel = func() error { return c.Process.Signal(os.Interrupt) }
	c.WaitDelay = patience
	err = c.Run()
	if stdout.over || stderr.over {
		return nil, fmt.Errorf("kubectl: it printed more than %d bytes (64 MiB)", source.MaxBytes)
	}
	if ctx.Err() != nil {
		return stdout.held.Bytes(), fmt.Errorf("kubectl: %w", context.Cause(ctx))
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return stdout.held.Bytes(), &kubectlError{cmp.Or(strings.TrimSpace(stderr.held.String()), err.Error()), exit.ExitCode()}
	}
	return stdout.held.Bytes(), err
}

// limited is a buffer that takes as much as is read of a file, and refuses the rest.
type limited struct {
	held bytes.Buffer // not embedded: its ReadFrom knows no limit
	over bool
}

func (l *limited) Write(p []byte) (int, error) {
	if l.held.Len()+len(p) > source.MaxBytes {
		l.over = true
		return 0, io.ErrShortWrite
	}
	return l.held.Write(p)
}
