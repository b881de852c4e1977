package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/folder"
	"relayform/compiler/ingress"
	"relayform/compiler/product"
	"relayform/compiler/project"
	"relayform/compiler/scaffold"
	"relayform/compiler/shell"
	"relayform/schema"
	"relayform/schema/diag"
)

// schemaFile is where init puts the JSON Schema for editors, beside the topology.
const schemaFile = "topology.schema.json"

type initFlags struct {
	answers        scaffold.Answers
	management     string
	remotes        []string
	fromKubeconfig bool
	kubectl        program
}

func newInit() *cobra.Command {
	f := initFlags{answers: scaffold.Answers{Schema: schemaFile}}
	a := &f.answers
	c := &cobra.Command{
		Use:   "init [DIR]",
		Short: "Write a commented topology.yaml to start from",
		Long: `Init writes topology.yaml, with comments, and a JSON Schema so that editors complete and check it.
It never overwrites a topology. On a terminal it asks for what the flags do not say. For a mesh that
is already running, use relayform adopt: it keeps the mesh's certificates.`,
		Example: `  relayform init --management mgmt-cluster=kind-mgmt-cluster \
    --remote remote-cluster=kind-remote-cluster
  relayform init --from-kubeconfig --management kind-mgmt-cluster`,
		Args: cobra.MaximumNArgs(1),
		RunE: func(c *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			return f.run(c, dir)
		},
	}
	flags := c.Flags()
	flags.StringVar(&f.management, "management", "", "the management cluster: NAME, NAME=CONTEXT, or with --from-kubeconfig a context")
	flags.StringArrayVar(&f.remotes, "remote", nil, "a remote cluster, written like --management; repeat it for each (default with --from-kubeconfig: every other context)")
	flags.BoolVar(&f.fromKubeconfig, "from-kubeconfig", false, "propose clusters from the contexts that kubectl knows")
	flags.StringVar(&a.Name, "name", "", "the topology's name (default: the folder's)")
	flags.StringVar(&a.Product, "product", product.Names()[0], strings.Join(product.Names(), " or "))
	flags.StringVar(&a.Namespace, "namespace", "gloo-mesh", "the namespace of every object")
	flags.StringVar(&a.Ingress, "ingress", "", strings.Join(ingress.Names(), ", ")+" (default: "+ingress.Names()[0]+")")
	flags.StringVar(&a.RelayAddress, "relay-address", "", "what agents dial, host:port, if it is known")
	flags.BoolVar(&a.Agent, "agent", false, "the management cluster runs an agent too")
	flags.StringVar(&a.Algorithm, "key-algorithm", "rsa", "rsa or ecdsa")
	f.kubectl.register(c)
	choices(c, "ingress", ingress.Names()...)
	return c
}

func (f *initFlags) run(c *cobra.Command, dir string) error {
	path := filepath.Join(dir, "topology.yaml")
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("%s already exists, and init does not overwrite it; name another folder", path)
	}
	if err := project.Unclaimed(dir); err != nil {
		return fmt.Errorf("%w; name another folder", err)
	}
	ask := newAsker(c.ErrOrStderr())
	var err error
	if f.answers.Name == "" {
		if f.answers.Name, err = nameOfFolder(dir); err != nil {
			return err
		}
	}
	if err := f.clusters(c, ask); err != nil {
		return err
	}
	if f.answers.Ingress == "" {
		f.answers.Ingress = ingress.Names()[0]
		if ask != nil {
			if f.answers.Ingress, err = ask.ask("how do agents reach the relay server: "+strings.Join(ingress.Names(), ", "), ingress.Names()[0]); err != nil {
				return err
			}
		}
	}
	if !slices.Contains(ingress.Names(), f.answers.Ingress) {
		return fmt.Errorf("ingress %s: want %s", f.answers.Ingress, strings.Join(ingress.Names(), ", "))
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	text := f.answers.Topology()
	if err := vetAnswers(project.New(path, "", ""), text); err != nil {
		return err
	}
	wrote := path
	switch err := folder.CreateFile(nil, filepath.Join(dir, schemaFile), []byte(schema.JSONSchema())); {
	case err == nil:
		wrote += " and " + filepath.Join(dir, schemaFile)
	case !errors.Is(err, fs.ErrExist):
		return err
	}
	if err := folder.CreateFile(nil, path, text); err != nil {
		return err
	}
	w := c.ErrOrStderr()
	say(w, "wrote %s: %s and %s", wrote, f.answers.Management.Name, diag.Count(len(f.answers.Remotes), "remote"))
	say(w, "next:")
	say(w, "  relayform compile %s", shell.Path(path))
	say(w, "for readable diffs of certificates, in a git repository:")
	say(w, "  printf '%%s diff=relayform linguist-generated\\n' '*.lock.yaml' '*.sealed.yaml' >>%s", shell.Path(filepath.Join(dir, ".gitattributes")))
	say(w, "  git config diff.relayform.textconv 'relayform certs --textconv'")
	return nil
}

// vetAnswers checks a topology that is not written yet. Its faults are about the answers, so they have no line.
func vetAnswers(project project.Project, text []byte) error {
	err := compiler.VetText(project, text)
	var faults diag.List
	if !errors.As(err, &faults) {
		return err
	}
	told := slices.Clone(faults)
	for i := range told {
		told[i].Pos, told[i].Text = diag.Pos{File: "init"}, ""
	}
	return told.Err()
}

func nameOfFolder(dir string) (string, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return "", err
	}
	return scaffold.NameOf(filepath.Base(abs)), nil
}

// clusters asks for the management cluster and the remotes.
func (f *initFlags) clusters(c *cobra.Command, ask *asker) error {
	var known []scaffold.Context
	if f.fromKubeconfig {
		config, err := f.kubectl.run(c.Context(), "config", "view", "--output", "json")
		if err != nil {
			return err
		}
		if known, err = scaffold.Contexts(config); err != nil {
			return err
		}
		if len(known) == 0 {
			return errors.New("the kubeconfig has no contexts; name the clusters with --management and --remote")
		}
	}
	if ask != nil && f.management == "" {
		fallback := ""
		for i, k := range known {
			say(ask.out, "%3d  %s  (context %s)", i+1, k.Name, k.Context)
			if k.Current {
				fallback = k.Name
			}
		}
		var err error
		if f.management, err = ask.ask("management cluster", fallback); err != nil {
			return err
		}
	}
	if f.management == "" {
		if f.fromKubeconfig {
			return fmt.Errorf("which context is the management cluster? Name it with --management: %s", contextNames(known))
		}
		return errors.New("want --management NAME or NAME=CONTEXT, or --from-kubeconfig")
	}
	var err error
	if f.answers.Management, err = f.cluster(f.management, known); err != nil {
		return err
	}
	others := slices.DeleteFunc(slices.Clone(known), func(k scaffold.Context) bool { return k.Context == f.answers.Management.Context })
	if ask != nil && len(f.remotes) == 0 {
		fallback := ""
		for i, k := range others {
			fallback += [...]string{"", ","}[min(i, 1)] + k.Name
		}
		answer, err := ask.ask("remote clusters, separated by commas", fallback)
		if err != nil {
			return err
		}
		f.remotes = strings.FieldsFunc(answer, func(r rune) bool { return r == ',' || r == ' ' })
	} else if len(f.remotes) == 0 {
		for _, k := range others {
			f.answers.Remotes = append(f.answers.Remotes, k.Cluster)
		}
	}
	for _, text := range f.remotes {
		remote, err := f.cluster(text, known)
		if err != nil {
			return err
		}
		f.answers.Remotes = append(f.answers.Remotes, remote)
	}
	return nil
}

// cluster parses NAME=CONTEXT, NAME, or the name, context or number of a cluster in the kubeconfig.
func (f *initFlags) cluster(text string, known []scaffold.Context) (scaffold.Cluster, error) {
	for i, k := range known {
		if text == k.Context || text == k.Name || text == strconv.Itoa(i+1) || slices.Contains(k.Others, text) {
			if slices.Contains(k.Others, text) {
				k.Cluster.Context = text
			}
			return k.Cluster, nil
		}
	}
	if name, context, ok := strings.Cut(text, "="); ok {
		return scaffold.Cluster{Name: name, Context: context}, nil
	}
	if f.fromKubeconfig {
		return scaffold.Cluster{}, fmt.Errorf("%s: no such context; the kubeconfig has %s", text, contextNames(known))
	}
	return scaffold.Cluster{Name: text, Context: text}, nil
}

func contextNames(known []scaffold.Context) string {
	names := make([]string, len(known))
	for i, k := range known {
		names[i] = k.Context
	}
	return strings.Join(names, ", ")
}
