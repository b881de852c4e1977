package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/adopt"
	"relayform/compiler/ingress"
	"relayform/compiler/product"
	"relayform/compiler/project"
)

func newAdopt() *cobra.Command {
	var at files
	var run program
	var timeout time.Duration
	of := compiler.Adoption{Schema: schemaFile}
	var output chosen
	all := adoptForms()
	var topology string // that is to be written
	clusters := []string{}
	c := &cobra.Command{
		Use:   "adopt [DIR]",
		Short: "Take over a running mesh, without a change to its trust",
		Long: `Adopt reads what the clusters of a mesh hold. It writes a topology, a lockfile and a key store, from
which compile creates the same Secrets, byte for byte. It changes nothing in a cluster, and
overwrites no file.

With --from it reads manifests: a folder with a file or a folder for each cluster, named for its kube
context; a file of one cluster; or NAME=FOLDER. Add Helm values files to the output of this command:
  kubectl get -A -o yaml secrets,services,virtualservices,\
  kubernetesclusters,gateways.networking.istio.io
With --live it reads from the clusters of the kubeconfig's contexts.

If something is ambiguous or missing, or if clusters differ where they have to be the same, adopt
exits with code 1 and says what to do, such as which flag to give.`,
		Example: `  relayform adopt --from backup --dry-run
  relayform adopt mesh --live --context prod-mgmt --context prod-edge \
    --encrypt-to age1...`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			topology = filepath.Join(dir, project.DefaultTopology)
			env, err := at.environment()
			if err != nil {
				return err
			}
			if of.Live == (len(of.From) > 0) {
				return errors.New("want --from PATH (for each cluster, or for a folder of them) or --live")
			}
			if !of.Live && len(of.Context) > 0 {
				return errors.New("--context goes with --live")
			}
			of.Answers.Clusters = map[string]string{}
			for _, text := range clusters {
				name, source, ok := strings.Cut(text, "=")
				if !ok || name == "" || source == "" {
					return fmt.Errorf("--cluster %s: want NAME=SOURCE", text)
				}
				of.Answers.Clusters[name] = source
			}
			if err := project.Unclaimed(dir); err != nil {
				return fmt.Errorf("%w; name another folder", err)
			}
			env.Kubectl = func(ctx context.Context, args ...string) ([]byte, error) {
				ctx, cancel := context.WithTimeoutCause(ctx, timeout, fmt.Errorf("no answer within %s", timeout))
				defer cancel()
				return run.run(ctx, args...)
			}
			of.Stdin = c.InOrStdin()
			p := at.of(topology)
			adopted, err := compiler.Adopt(c.Context(), p, env, of)
			var refusal adopt.Refusal
			switch {
			case errors.As(err, &refusal) && output.machine():
				return refusalFaults(p.Topology, refusal)
			case errors.As(err, &refusal):
				sayRefusal(c.ErrOrStderr(), refusal)
				return errShort
			case err != nil:
				return err
			}
			return all.write(c.OutOrStdout(), &output, adoption{c, p, of, adopted})
		},
	}
	run.register(c)
	all.register(c, &output, func() answer { return &adoptDocument{Outcome: adoptRefused, Topology: filepath.ToSlash(topology)} })
	at.registerIdentity(c)
	flags, a := c.Flags(), &of.Answers
	flags.StringArrayVar(&of.From, "from", nil, "manifests: a folder with a file or a folder for each cluster, a file of one, - for stdin, or NAME=PATH")
	flags.BoolVar(&of.Live, "live", false, "read from the clusters of the kubeconfig")
	flags.StringArrayVar(&of.Context, "context", nil, "with --live: a kube context of the mesh; repeat it for each (default: all)")
	flags.BoolVar(&of.DryRun, "dry-run", false, "print the topology, and write nothing")
	flags.StringVar(&at.keys, "keys", "", "the folder of private keys (default: keys beside the topology)")
	flags.StringArrayVar(&a.EncryptTo, "encrypt-to", nil, "an age recipient that private files are encrypted to; repeat it for each")
	flags.StringVar(&a.Name, "name", "", "the topology's name (default: the management cluster's)")
	flags.StringVar(&a.Management, "management", "", "the folder, file or context of the management cluster")
	flags.StringArrayVar(&clusters, "cluster", nil, "NAME=SOURCE: the folder, file or context of a registered cluster; repeat it for each")
	flags.StringArrayVar(&a.Without, "without", nil, "a cluster, folder or context to leave out; repeat it for each")
	flags.StringVar(&a.Product, "product", "", strings.Join(product.Names(), " or "))
	flags.StringVar(&a.Namespace, "namespace", "", "the relay's namespace (default with --live: gloo-mesh)")
	flags.StringVar(&a.Authority, "authority", "", "the name by which agents verify the relay server")
	flags.StringVar(&a.RelayAddress, "relay-address", "", "the address that agents dial, host:port")
	flags.StringVar(&a.Ingress, "ingress", "", strings.Join(ingress.Names(), ", "))
	flags.BoolVar(&a.Rewrite, "rewrite", false, "let the first apply rewrite Secrets that hold the same certificates in different bytes")
	flags.DurationVar(&timeout, "timeout", time.Minute, "with --live: how long to wait for one cluster")
	_ = c.MarkFlagDirname("keys")
	choices(c, "ingress", ingress.Names()...)
	choices(c, "product", product.Names()...)
	return c
}
