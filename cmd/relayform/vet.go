package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/folder"
	"relayform/compiler/plan"
	"relayform/compiler/policy"
	"relayform/compiler/project"
	"relayform/schema/diag"
)

func newVet() *cobra.Command {
	var at files
	var output chosen
	all := vetForms()
	var policies []string
	c := &cobra.Command{
		Use:   "vet [FILE...]",
		Short: "Check topologies: every check that compile makes before it issues",
		RunE: func(c *cobra.Command, args []string) error {
			more, err := readPolicies(policies)
			if err != nil {
				return err
			}
			if len(args) == 1 && at.topology != "" {
				return fmt.Errorf("%s and --file %s: want one of them", args[0], at.topology)
			}
			if len(args) > 1 && (at.out != "" || at.keys != "" || at.topology != "") {
				return errors.New("--file, --out and --keys are for one topology; vet several without them")
			}
			if err := vetAll(c, at.projects(args), more); err != nil {
				return err
			}
			return all.write(c.OutOrStdout(), &output, nil)
		},
	}
	at.register(c)
	all.register(c, &output, func() answer { return new(vetDocument) })
	c.Flags().StringArrayVar(&policies, "policy", nil, "a CUE file with constraints of your own, in addition to those that the topology names; may be repeated")
	_ = c.MarkFlagFilename("policy", "cue")
	return c
}

// projects returns the projects of topologies, each once; without any, the one that the flags select.
func (f *files) projects(topologies []string) []project.Project {
	var all []project.Project
	for _, topology := range topologies {
		one := f.of(topology)
		if !slices.ContainsFunc(all, func(p project.Project) bool { return filepath.Clean(p.Topology) == filepath.Clean(one.Topology) }) {
			all = append(all, one)
		}
	}
	if len(all) == 0 {
		return []project.Project{f.project()}
	}
	return all
}

// vetAll checks topologies, and prints warnings and notes about the valid ones. It judges every one, whatever is wrong with others.
func vetAll(c *cobra.Command, projects []project.Project, more []policy.File) error {
	var faults diag.List
	var unjudged error
	for _, p := range projects {
		plan, err := compiler.Vet(p, environment(), more...)
		if found := faultsOf(err); found != nil {
			faults = append(faults, found...)
			continue
		}
		if err != nil {
			unjudged = errors.Join(unjudged, &fileError{p.Topology, err})
			continue
		}
		warnOf(c.ErrOrStderr(), plan.Warnings)
		noteOf(c.ErrOrStderr(), plan.Notes)
	}
	if len(faults) == 0 {
		return unjudged
	}
	return errors.Join(faults, unjudged)
}

// fileError is why one of several files could not be judged.
type fileError struct {
	file string
	error
}

func (e *fileError) Unwrap() error { return e.error }

// vetDocument is a list of the faults, and nothing else.
type vetDocument diag.List

func (d *vetDocument) blame(l diag.List) { *d = vetDocument(l) }

// vetForms are the formats of vet. A valid topology has an empty document, and no text.
func vetForms() forms[diag.List] {
	return formsOf(func(diag.List, io.Writer) error { return nil }, func(diag.List) answer { return new(vetDocument) },
		form[diag.List]{name: "github", write: asGitHub, faults: asGitHub},
		form[diag.List]{name: "sarif", write: asSARIF, faults: asSARIF})
}

// readPolicies reads the policies that a flag names.
func readPolicies(paths []string) ([]policy.File, error) {
	if len(paths) > plan.MaxPolicies {
		return nil, fmt.Errorf("--policy: given %d times; the limit is %d", len(paths), plan.MaxPolicies)
	}
	var files []policy.File
	var unread error
	for _, path := range paths {
		text, err := folder.ReadFile(path, policy.MaxFile)
		var size *folder.SizeError
		switch {
		case errors.As(err, &size):
			err = fmt.Errorf("--policy %s: the file has %d bytes; the limit is %d KiB", path, size.Size, policy.MaxFile>>10)
		case errors.Is(err, fs.ErrNotExist):
			err = fmt.Errorf("--policy %s: no such file", path)
		case err != nil:
			err = fmt.Errorf("--policy %s: %w", path, err)
		}
		unread = errors.Join(unread, err)
		files = append(files, policy.File{Name: path, Text: text})
	}
	return files, unread
}
