package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/plan"
)

func newRender() *cobra.Command {
	var at files
	var options compiler.RenderOptions
	var all bool
	c := &cobra.Command{
		Use:   "render [FILE] CLUSTER",
		Short: "Print what kustomize builds from a cluster's overlay",
		Args: func(c *cobra.Command, args []string) error {
			if all {
				return cobra.NoArgs(c, args)
			}
			return cobra.ExactArgs(1)(c, args)
		},
		ValidArgsFunction: at.completed(func(p *plan.Plan, args []string) []string {
			if len(args) > 0 {
				return nil
			}
			return p.Clusters()
		}),
		RunE: func(c *cobra.Command, args []string) error {
			env, err := at.environment()
			if err != nil {
				return err
			}
			err = compiler.Render(at.project(), env, args, options, func(cluster string, yaml []byte) error {
				if all {
					if _, err := fmt.Fprintf(c.OutOrStdout(), "---\n# %s\n", cluster); err != nil {
						return err
					}
				}
				_, err := c.OutOrStdout().Write(yaml)
				return err
			})
			if private := new(compiler.PrivateError); errors.As(err, &private) {
				err = fmt.Errorf("%w, or render with --public", err)
			}
			return err
		},
	}
	at.register(c)
	at.registerIdentity(c)
	c.Flags().BoolVar(&all, "all", false, "every cluster, one after the other")
	c.Flags().BoolVar(&options.Public, "public", false, "leave the private half out; no keys are needed")
	c.Flags().BoolVar(&options.Register, "register", false, "the management cluster's KubernetesCluster objects")
	c.MarkFlagsMutuallyExclusive("all", "register")
	return c
}
