package main

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// files are the flags that select a topology's files.
type files struct{ topology, out, keys, identity string }

// register adds FILE as an argument and as --file, and the flags for folders. If a command has other arguments, such as clusters, FILE is
// one that cannot be a cluster's name: with a period or a slash.
func (f *files) register(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVarP(&f.topology, "file", "f", "", "the topology file, or its folder (default: topology.yaml here, or in the nearest folder above)")
	flags.StringVar(&f.out, "out", "", "the folder to compile into (default: build beside the topology)")
	flags.StringVar(&f.keys, "keys", "", "the folder of private keys (default: keys beside the topology)")
	_ = c.MarkFlagFilename("file", "yaml", "yml")
	_ = c.MarkFlagDirname("out")
	_ = c.MarkFlagDirname("keys")
	if strings.HasSuffix(c.Use, "[FILE...]") {
		return // it parses its arguments itself
	}
	check, run, alone := c.Args, c.RunE, strings.HasSuffix(c.Use, "[FILE]")
	c.Args = func(c *cobra.Command, args []string) error {
		file, others := f.among(args, alone)
		if file != "" && f.topology != "" {
			return fmt.Errorf("%s and --file %s: want one of them", file, f.topology)
		}
		switch {
		case alone:
			return cobra.MaximumNArgs(1)(c, args)
		case check != nil:
			return check(c, others)
		}
		return nil
	}
	c.RunE = func(c *cobra.Command, args []string) error {
		file, others := f.among(args, alone)
		if file != "" {
			f.topology = file
		}
		return run(c, others)
	}
}

// among extracts FILE from a command's arguments, the first that can be one.
func (f *files) among(args []string, alone bool) (file string, others []string) {
	i := slices.IndexFunc(args, func(a string) bool { return alone || strings.ContainsAny(a, "./"+string(filepath.Separator)) })
	if i < 0 {
		return "", args
	}
	return args[i], slices.Delete(slices.Clone(args), i, i+1)
}

// project returns the project that the flags select.
func (f *files) project() project.Project { return f.of(f.topology) }

// of returns the project of a topology: a file, its folder, or if not given, the nearest.
func (f *files) of(topology string) project.Project {
	if topology == "" {
		topology = nearest()
	} else if info, err := os.Stat(topology); err == nil && info.IsDir() {
		topology = filepath.Join(topology, project.DefaultTopology)
	}
	return project.New(topology, f.out, f.keys)
}

// nearest returns the topology here, or in the nearest parent folder that has one, up to the root of a repository; if there is none, the
// default here.
func nearest() string {
	here, err := os.Getwd()
	if err != nil {
		return project.DefaultTopology
	}
	for dir, up := here, "."; ; dir, up = filepath.Dir(dir), filepath.Join(up, "..") {
		if _, err := os.Lstat(filepath.Join(dir, project.DefaultTopology)); err == nil { // a dangling link is reported, too
			return filepath.Join(up, project.DefaultTopology)
		}
		if isRepository(dir) || dir == filepath.Dir(dir) {
			return project.DefaultTopology
		}
	}
}

// isRepository reports whether a folder is the root of a git work tree.
func isRepository(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, ".git"))
	return err == nil
}

// inWorkTree reports whether git has a work tree at a folder or one of its parents.
func inWorkTree(dir string) bool {
	at, err := filepath.Abs(dir)
	for ; err == nil && !isRepository(at); at = filepath.Dir(at) {
		if at == filepath.Dir(at) {
			return false
		}
	}
	return err == nil
}

// projectOf returns the project of a command that has run, from its flags.
func projectOf(c *cobra.Command) project.Project {
	value := func(name string) string {
		if f := c.Flags().Lookup(name); f != nil {
			return f.Value.String()
		}
		return ""
	}
	at := files{value("file"), value("out"), value("keys"), ""}
	return at.project()
}

// completed offers completions from a plan, if there is one.
func (f *files) completed(offer func(p *plan.Plan, args []string) []string) func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
	return func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		p, err := compiler.Vet(f.project(), environment())
		if err != nil {
			return nil, cobra.ShellCompDirectiveNoFileComp
		}
		return offer(p, args), cobra.ShellCompDirectiveNoFileComp
	}
}

// labelKeys returns the keys of the clusters' labels.
func labelKeys(p *plan.Plan, _ []string) []string {
	keys := map[string]bool{}
	for _, c := range p.All() {
		for key := range c.Labels {
			keys[key] = true
		}
	}
	return slices.Sorted(maps.Keys(keys))
}

// notYetNamed returns the clusters that a command line does not name yet.
func notYetNamed(p *plan.Plan, args []string) []string {
	return slices.DeleteFunc(slices.Clone(p.Clusters()), func(c string) bool { return slices.Contains(args, c) })
}
