package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/adopt"
	"relayform/compiler/ingress"
	"relayform/compiler/manifest"
	"relayform/compiler/product"
	"relayform/compiler/project"
	"relayform/compiler/shell"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

func newAdopt() *cobra.Command {
	var at files
	var run program
	var timeout time.Duration
	of := compiler.Adoption{Schema: schemaFile}
	clusters := []string{}
	c := &cobra.Command{
		Use:   "adopt [DIR]",
		Short: "Take over a running mesh, without a change to its trust",
		Long: `Adopt finds a mesh in what its clusters hold, and writes the topology, the lockfile and the key
store from which compile makes the same Secrets, byte for byte. It changes nothing in a cluster, and
overwrites nothing.

With --from it reads manifests: a folder with a file or a folder for each cluster, named for its kube
context; or a file of one cluster, or NAME=FOLDER. They are what this prints, and Helm values files:
  kubectl get -A -o yaml secrets,services,virtualservices,\
  kubernetesclusters,gateways.networking.istio.io
With --live it asks the contexts of the kubeconfig, reading only.

Where something is ambiguous or missing, it ends with exit code 1 and names the flag that answers.
It does the same where clusters differ in what has to be the same.`,
		Example: `  relayform adopt --from backup --dry-run
  relayform adopt mesh --live --context prod-mgmt --context prod-edge \
    --encrypt-to age1...`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			env, err := at.environment()
			if err != nil {
				return err
			}
			if of.Live == (len(of.From) > 0) {
				return errors.New("want --from PATH, for each cluster or for a folder of them, or --live")
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
			dir := "."
			if len(args) > 0 {
				dir = args[0]
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
			p := at.of(filepath.Join(dir, project.DefaultTopology))
			adopted, err := compiler.Adopt(c.Context(), p, env, of)
			if err != nil {
				return refused(err, c.ErrOrStderr())
			}
			return sayAdopted(c, p, of, adopted)
		},
	}
	run.register(c)
	at.registerIdentity(c)
	flags, a := c.Flags(), &of.Answers
	flags.StringArrayVar(&of.From, "from", nil, "manifests: a folder with a file or a folder for each cluster, a file of one, - for stdin, or NAME=PATH")
	flags.BoolVar(&of.Live, "live", false, "ask the clusters of the kubeconfig, reading only")
	flags.StringArrayVar(&of.Context, "context", nil, "with --live: a kube context of the mesh; repeat it for each (default: all)")
	flags.BoolVar(&of.DryRun, "dry-run", false, "print the topology, and write nothing")
	flags.StringVar(&at.keys, "keys", "", "the folder of private keys (default: keys beside the topology)")
	flags.StringArrayVar(&a.EncryptTo, "encrypt-to", nil, "an age recipient that private files are encrypted to; repeat it for each")
	flags.StringVar(&a.Name, "name", "", "the topology's name (default: the management cluster's)")
	flags.StringVar(&a.Management, "management", "", "the folder, file or context of the management cluster")
	flags.StringArrayVar(&clusters, "cluster", nil, "NAME=SOURCE: the folder, file or context of a registered cluster; repeat it for each that is asked for")
	flags.StringArrayVar(&a.Without, "without", nil, "a cluster, folder or context to leave out; repeat it for each")
	flags.StringVar(&a.Product, "product", "", strings.Join(product.Names(), " or "))
	flags.StringVar(&a.Namespace, "namespace", "", "the relay's namespace (with --live: gloo-mesh where nothing is said)")
	flags.StringVar(&a.Authority, "authority", "", "what agents verify the relay server by")
	flags.StringVar(&a.RelayAddress, "relay-address", "", "what agents dial, host:port")
	flags.StringVar(&a.Ingress, "ingress", "", strings.Join(ingress.Names(), ", "))
	flags.BoolVar(&a.Rewrite, "rewrite", false, "let the first apply write Secrets with other bytes, where these hold the same certificates")
	flags.DurationVar(&timeout, "timeout", time.Minute, "with --live: how long to wait for one cluster")
	_ = c.MarkFlagDirname("keys")
	choices(c, "ingress", ingress.Names()...)
	choices(c, "product", product.Names()...)
	return c
}

// beside returns the written files to commit, by their paths relative to the topology's folder.
func beside(dir string, files []string) []string {
	var names []string
	for _, file := range files {
		name, err := filepath.Rel(dir, file)
		if err != nil || strings.HasSuffix(file, string(filepath.Separator)) { // the key store has its own .gitignore
			continue
		}
		first, _, _ := strings.Cut(filepath.ToSlash(name), "/")
		names = append(names, first)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// mostFaults is how many faults of a mesh are printed.
const mostFaults = 20

// refused prints why a mesh is not adopted.
func refused(err error, w io.Writer) error {
	var refusal adopt.Refusal
	if !errors.As(err, &refusal) {
		return err
	}
	for i, f := range refusal {
		if i == mostFaults {
			say(w, "relayform: and %d more", len(refusal)-i)
			break
		}
		say(w, "relayform: %s", f)
		if f.Hint != "" {
			say(w, "  hint: %s", f.Hint)
		}
	}
	return errShort
}

func sayAdopted(c *cobra.Command, p project.Project, of compiler.Adoption, adopted *compiler.Adopted) error {
	w, m := c.ErrOrStderr(), adopted.Mesh
	for _, note := range m.Notes {
		say(w, "note: %s", note)
	}
	for _, warning := range m.Warnings {
		say(w, "warning: %s", warning)
	}
	for _, s := range []verify.Severity{verify.Error, verify.Warning} {
		for _, f := range adopted.Report.Findings {
			if f.Severity == s {
				say(w, "verify: %s: %s: %s [%s]", s, f.Object, f.Message, f.Code)
			}
		}
	}
	verb := "wrote"
	if of.DryRun {
		verb = "would write"
		if _, err := c.OutOrStdout().Write(adopted.Text); err != nil {
			return err
		}
	}
	say(w, "%s %s: %s and %s", verb, strings.Join(adopted.Files, ", "), m.Management.Name, diag.Count(len(m.Remotes), "remote"))
	if len(adopted.Made) == 0 {
		say(w, "a compile and an apply change no byte of any Secret")
	}
	for i, made := range adopted.Made {
		if i == mostFaults {
			say(w, "and %d more", len(adopted.Made)-i)
			break
		}
		say(w, "the first apply writes %s", made)
	}
	say(w, "an apply adds labels: %s: %s to each object, and istio-injection: disabled to the namespace %s, as a sidecar breaks the relay's pods", manifest.ManagedByLabel, manifest.ManagedBy, m.Namespace)
	if of.DryRun {
		return nil
	}
	dir := filepath.Dir(p.Topology)
	say(w, "next:")
	say(w, "  git -C %s add %s", shell.Path(dir), shell.Paths(beside(dir, adopted.Files)...))
	for _, verb := range []string{"verify", "compile", "apply --diff"} {
		say(w, "  %s", command(c, p, verb))
	}
	if !of.Live {
		say(w, "the manifests hold private keys: delete them, or keep them as you keep %s", p.Keys)
	}
	return nil
}
