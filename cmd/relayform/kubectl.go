package main

import (
	"cmp"
	"context"
	"os"

	"github.com/spf13/cobra"

	"relayform/compiler/kubectl"
)

// program is the kubectl from a flag.
type program struct{ path string }

func (p *program) register(c *cobra.Command) {
	c.Flags().StringVar(&p.path, "kubectl", "", "the kubectl to run (default: $KUBECTL, then kubectl on PATH)")
}

// run runs it. The flag and the environment are read then.
func (p *program) run(ctx context.Context, args ...string) ([]byte, error) {
	return p.feed(ctx, nil, args...)
}

// feed runs it with a text on its standard input.
func (p *program) feed(ctx context.Context, input []byte, args ...string) ([]byte, error) {
	return kubectl.Feeder(cmp.Or(p.path, os.Getenv("KUBECTL"), "kubectl"))(ctx, input, args...)
}

// check returns an error if kubectl is missing or too old.
func (p *program) check(ctx context.Context) error { return kubectl.Run(p.run).Check(ctx) }
