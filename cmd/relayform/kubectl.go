package main

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"

	"github.com/spf13/cobra"
)

// kubectl is the program through which relayform speaks to clusters.
type kubectl struct{ path string }

func (k *kubectl) register(c *cobra.Command) {
	c.Flags().StringVar(&k.path, "kubectl", "", "the kubectl to run (default: $KUBECTL, then kubectl on PATH)")
}

// run gives what kubectl prints. The error says what kubectl said.
func (k *kubectl) run(ctx context.Context, args ...string) ([]byte, error) {
	path, err := exec.LookPath(cmp.Or(k.path, os.Getenv("KUBECTL"), "kubectl"))
	if err != nil {
		return nil, fmt.Errorf("kubectl: %w; install it, or name it with --kubectl", err)
	}
	var stdout, stderr bytes.Buffer
	c := exec.CommandContext(ctx, path, args...)
	c.Stdout, c.Stderr = &stdout, &stderr
	err = c.Run()
	if ctx.Err() != nil {
		return nil, fmt.Errorf("kubectl: %w", context.Cause(ctx))
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		said := strings.TrimSpace(stderr.String())
		return nil, fmt.Errorf("kubectl: %s", cmp.Or(said, err.Error()))
	}
	return stdout.Bytes(), err
}
