package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/delivery"
	"relayform/compiler/shell"
)

// provider is a store's own program: how to ask it for an entry, and how to give it a value on standard input. A private value is never an
// argument, because others on the machine could read it there.
type provider struct {
	name   string
	in     string // what --in means for it
	always string // the default of --in; empty if it has none
	free   bool   // --in is optional
	find   func(in, key string) []string
	write  func(in, key string) []string
	json   bool // an entry is a JSON object with the value in it
}

// with adds an option if it has a value.
func with(option, value string, args ...string) []string {
	if value == "" {
		return args
	}
	return append(args, option, value)
}

// providers are the providers of the topology's language.
var providers = []provider{
	{
		name: "vault", in: "the mount of the KV engine", always: "secret",
		find: func(in, key string) []string {
			return []string{"vault", "kv", "get", "-mount=" + in, "-field=" + delivery.Property, key}
		},
		write: func(in, key string) []string {
			return []string{"vault", "kv", "put", "-mount=" + in, key, delivery.Property + "=-"}
		},
	},
	{
		name: "aws", in: "the region", free: true, json: true,
		find: func(in, key string) []string {
			return with("--region", in, "aws", "secretsmanager", "describe-secret", "--secret-id", key)
		},
		write: func(in, key string) []string {
			return with("--region", in, "aws", "secretsmanager", "create-secret", "--name", key, "--secret-string", "file:///dev/stdin")
		},
	},
	{
		name: "gcp", in: "the project", free: true, json: true,
		find: func(in, key string) []string { return with("--project", in, "gcloud", "secrets", "describe", key) },
		write: func(in, key string) []string {
			return with("--project", in, "gcloud", "secrets", "create", key, "--data-file=-")
		},
	},
	{
		name: "azure", in: "the key vault's name", json: true,
		find: func(in, key string) []string {
			return []string{"az", "keyvault", "secret", "show", "--vault-name", in, "--name", key, "--query", "id"}
		},
		write: func(in, key string) []string {
			return []string{"az", "keyvault", "secret", "set", "--vault-name", in, "--name", key, "--file", "/dev/stdin", "--query", "id"}
		},
	},
	{
		name: "kubernetes", in: "CONTEXT/NAMESPACE",
		find: func(in, key string) []string { return append(kubernetes(in), "get", "secret", key, "--output=name") },
		write: func(in, key string) []string {
			return append(kubernetes(in), "create", "secret", "generic", key, "--from-file="+delivery.Property+"=/dev/stdin")
		},
	},
}

// kubernetes returns the start of a kubectl command, with its context and namespace.
func kubernetes(in string) []string {
	at := strings.LastIndex(in, "/")
	return []string{"kubectl", "--context=" + in[:max(at, 0)], "--namespace=" + in[at+1:]}
}

func newPush() *cobra.Command {
	var at files
	var name, in string
	var print bool
	var output chosen
	all := pushForms()
	c := &cobra.Command{
		Use:   "push [FILE]",
		Short: "Write private values into the external store that clusters fetch them from",
		Long: `Push writes the values that the store of secrets.externalSecrets lacks. It runs the provider's own
program with the value on its standard input, never in an argument, where others could read it. Entries
that exist are kept, as each is named by the digest of its value. --print prints the commands instead.

--in says where: for vault the mount (default: secret), for aws the region, for gcp the project, for
azure the key vault, for kubernetes CONTEXT/NAMESPACE.`,
		RunE: func(c *cobra.Command, args []string) error {
			env, err := at.environment()
			if err != nil {
				return err
			}
			project := at.project()
			plan, entries, err := compiler.Push(project, env)
			if err != nil {
				return err
			}
			if name == "" {
				name = plan.ExternalSecrets.Provider
			}
			i := slices.IndexFunc(providers, func(p provider) bool { return p.name == name })
			if i < 0 {
				return fmt.Errorf("--provider %s: want one of %s", name, strings.Join(providerNames(), ", "))
			}
			p := providers[i]
			if named := plan.ExternalSecrets.Provider; delivery.Flat(named) != delivery.Flat(name) {
				return fmt.Errorf("--provider %s: it names entries differently from the overlays; set secrets.externalSecrets.provider: %s in the topology, and compile", name, name)
			}
			if in == "" {
				in = p.always
			}
			if in == "" && !p.free || p.name == "kubernetes" && !strings.Contains(in, "/") {
				return fmt.Errorf("--in: want %s", p.in)
			}
			pushed := pushing{command: c, Provider: name, Entries: []entryDocument{}}
			for _, e := range entries {
				entry := entryDocument{What: e.What, Key: e.Key}
				if print {
					entry.Command = p.command(in, e.Entry, filepath.Join(project.Keys, filepath.FromSlash(e.File)))
				} else if entry.Done, err = p.push(c.Context(), in, e); err != nil {
					break
				}
				pushed.Entries = append(pushed.Entries, entry)
				if !output.machine() {
					pushed.tell(entry)
				}
			}
			return errors.Join(all.write(c.OutOrStdout(), &output, pushed), err)
		},
	}
	at.register(c)
	all.register(c, &output, func() answer { return &pushing{Provider: name} })
	at.registerIdentity(c)
	c.Flags().StringVar(&name, "provider", "", "vault, aws, gcp, azure or kubernetes (default: the topology's)")
	c.Flags().StringVar(&in, "in", "", "where in the provider, as described above")
	c.Flags().BoolVar(&print, "print", false, "print the commands, run none")
	choices(c, "provider", providerNames()...)
	return c
}

func providerNames() []string {
	var names []string
	for _, p := range providers {
		names = append(names, p.name)
	}
	return names
}

// command returns the shell command that push would run for an entry. The key store's file must be decrypted.
func (p provider) command(in string, e delivery.Entry, file string) string {
	var words []string
	for _, w := range p.write(in, e.Key) {
		words = append(words, shell.Word(w))
	}
	feed := strings.Join(words, " ") + " <" + shell.Path(file)
	if p.json {
		feed = "jq -Rs '{" + delivery.Property + ": .}' " + shell.Path(file) + " | " + strings.Join(words, " ")
	}
	return feed
}

// push writes an entry that does not exist yet, and returns what it did.
func (p provider) push(ctx context.Context, in string, e compiler.Pushed) (pushState, error) {
	find := p.find(in, e.Key)
	if _, err := exec.LookPath(find[0]); err != nil {
		return "", fmt.Errorf("%w; install it, or print the commands with --print for a machine that has it", err)
	}
	if exec.CommandContext(ctx, find[0], find[1:]...).Run() == nil {
		return isThere, nil
	}
	value, err := e.Value()
	if err != nil {
		return "", err
	}
	if p.json {
		if value, err = json.Marshal(map[string]string{delivery.Property: string(value)}); err != nil {
			return "", err
		}
	}
	write := p.write(in, e.Key)
	c := exec.CommandContext(ctx, write[0], write[1:]...)
	var said bytes.Buffer
	c.Stdin, c.Stderr = bytes.NewReader(value), &said
	if err := c.Run(); err != nil {
		return "", errors.New(strings.Join(write[:min(3, len(write))], " ") + ": " + cmp.Or(strings.TrimSpace(said.String()), err.Error()))
	}
	return isWritten, nil
}
