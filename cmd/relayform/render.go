package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"relayform/compiler"
)

func newRender() *cobra.Command {
	var at files
	var file string
	var options compiler.RenderOptions
	var all bool
	c := &cobra.Command{
		Use:   "render CLUSTER",
		Short: "Print what kustomize makes of a cluster's overlay",
		Args: func(c *cobra.Command, args []string) error {
			if all {
				return cobra.NoArgs(c, args)
			}
			return cobra.ExactArgs(1)(c, args)
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			plan, err := compiler.Vet(at.project([]string{file}), environment())
			if err != nil || len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return plan.Clusters(), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(c *cobra.Command, args []string) error {
			env, err := at.environment()
			if err != nil {
				return err
			}
			err = compiler.Render(at.project([]string{file}), env, args, options, func(cluster string, yaml []byte) error {
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
	c.Flags().StringVarP(&file, "file", "f", "topology.yaml", "the topology file")
	c.Flags().BoolVar(&all, "all", false, "every cluster, one after the other")
	c.Flags().BoolVar(&options.Public, "public", false, "leave the private half out; no keys are needed")
	c.Flags().BoolVar(&options.Register, "register", false, "the management cluster's KubernetesCluster objects")
	c.MarkFlagsMutuallyExclusive("all", "register")
	return c
}
