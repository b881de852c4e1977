package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"relayform/compiler"
	"relayform/compiler/project"
	"relayform/compiler/review"
	"relayform/schema/diag"
)

// reviewing says where to find the past state, and how to write the report.
type reviewing struct {
	against, from string
	format        *chosen
	allow         []string
}

func newReview() *cobra.Command {
	var at files
	var output chosen
	o := reviewing{format: &output}
	c := &cobra.Command{
		Use:   "review [FILE]",
		Short: "Say what a change does to a running mesh",
		Long: `Review compares the topology, its lockfile and build/ with a git revision. It says what the change
does to each cluster and certificate, what to apply and restart, and whether agents and relay server
still trust each other while clusters are changed one after the other. It needs no key, and changes
nothing. Without flags it reviews the changes that are not committed.

In CI, for a pull request: relayform review --against origin/main --format markdown

Exit codes: 0 no agent is cut off; 1 something breaks, or cannot be reproduced; 2 it could not be checked.`,
		RunE: func(c *cobra.Command, args []string) error {
			if o.against == "" || o.from != "" && c.Flags().Changed("against") {
				return errors.New("want one of --against REVISION and --from FOLDER")
			}
			return o.run(c, at.project())
		},
	}
	at.register(c)
	reviewForms().register(c, &output, func() answer {
		return &reviewDocument{Report: review.Report{From: cmp.Or(o.from, o.against), Topology: filepath.ToSlash(at.project().Topology), At: environment().Now}}
	})
	flags := c.Flags()
	flags.StringVar(&o.against, "against", "HEAD", "the git revision to compare with, such as origin/main")
	flags.StringVar(&o.from, "from", "", "a folder that holds the other state, in place of a git revision")
	flags.StringSliceVar(&o.allow, "allow", nil, "codes of findings that are intended, such as root-replaced")
	_ = c.MarkFlagDirname("from")
	choices(c, "allow", reviewCodes()...)
	return c
}

// reviewForms are the formats of a review.
func reviewForms() forms[*review.Report] {
	return formsOf(func(r *review.Report, w io.Writer) error { return r.WriteText(w, screen(w)) }, func(r *review.Report) answer { return &reviewDocument{Report: *r} },
		form[*review.Report]{name: "markdown", write: (*review.Report).WriteMarkdown, faults: review.WriteMarkdownFaults},
		form[*review.Report]{name: "github", write: (*review.Report).WriteGitHub, faults: asGitHub},
		form[*review.Report]{name: "sarif", write: func(r *review.Report, w io.Writer) error { return r.WriteSARIF(w, versionOf()) }, faults: asSARIF})
}

// reviewDocument is what a review found.
type reviewDocument struct {
	review.Report
	faults
}

func reviewCodes() []string {
	var names []string
	for _, e := range review.Explanations() {
		names = append(names, string(e.Code))
	}
	return names
}

// run reviews a project, and prints the report.
func (o reviewing) run(c *cobra.Command, p project.Project) error {
	var allowed []diag.Code
	var unknown error
	for _, name := range o.allow {
		if !slices.Contains(reviewCodes(), name) {
			unknown = errors.Join(unknown, fmt.Errorf("--allow %s: no such finding%s", name, diag.DidYouMean(name, reviewCodes())))
		}
		allowed = append(allowed, diag.Code(name))
	}
	if unknown != nil {
		return unknown
	}
	env := environment()
	before, after, err := o.states(p, env)
	if err != nil {
		return err
	}
	r := review.Review(before, after, filepath.ToSlash(p.Topology), env.Now)
	r.Allow(allowed)
	if err := reviewForms().write(c.OutOrStdout(), o.format, r); err != nil {
		return err
	}
	if r.Breaks() {
		return errShort
	}
	return nil
}

// states returns the state to compare with, and the present one.
func (o reviewing) states(p project.Project, env compiler.Env) (*review.State, review.State, error) {
	if o.from != "" {
		then := project.New(filepath.Join(o.from, filepath.Base(p.Topology)), "", "")
		if info, err := os.Stat(o.from); err != nil || !info.IsDir() {
			return nil, review.State{}, fmt.Errorf("--from %s: no such folder", o.from)
		}
		after, err := compiler.ReviewNow(p, env, "now", func() ([]string, error) { return nil, nil })
		if err != nil {
			return nil, after, err
		}
		same := func(name string, data []byte) bool {
			have, err := os.ReadFile(filepath.Join(then.Build, filepath.FromSlash(name)))
			return err == nil && string(have) == string(data)
		}
		if _, err := os.Stat(then.Build); err != nil {
			same = nil
		}
		before, err := compiler.ReviewThen(then, env, o.from, after, same)
		return before, after, err
	}
	r, err := openRevision(filepath.Dir(p.Topology), o.against)
	if err != nil {
		return nil, review.State{}, err
	}
	dir, err := os.MkdirTemp("", "relayform-review-")
	if err != nil {
		return nil, review.State{}, err
	}
	defer os.RemoveAll(dir)
	changed := sync.OnceValues(r.changed) // git is slow, so it runs beside everything else
	var then project.Project
	var same func(string, []byte) bool
	var asking errgroup.Group
	asking.Go(func() error { _, err := changed(); return err })
	asking.Go(func() (err error) { then, same, err = o.layOut(r, p, dir); return err })
	after, err := compiler.ReviewNow(p, env, "the working tree", changed)
	if err := cmp.Or(err, asking.Wait()); err != nil {
		return nil, after, err
	}
	before, err := compiler.ReviewThen(then, env, o.against, after, same)
	return before, after, err
}

// layOut writes a topology and its files, as they were at a revision, into a folder, and returns the project there. It does not write the
// build folder: its files are compared by git's object names.
func (o reviewing) layOut(r *revision, p project.Project, dir string) (project.Project, func(string, []byte) bool, error) {
	then := project.New(filepath.Join(dir, filepath.Base(p.Topology)), "", "")
	into, err := os.OpenRoot(dir)
	if err != nil {
		return then, nil, err
	}
	defer into.Close()
	own, err := r.list(filepath.Base(p.Topology), filepath.Base(p.Lock), filepath.Base(p.Sealed))
	if err != nil {
		return then, nil, err
	}
	if err := r.layOut(own, into); err != nil {
		return then, nil, err
	}
	build, err := filepath.Rel(filepath.Dir(p.Topology), p.Build)
	if err != nil {
		return then, nil, err
	}
	keys, err := filepath.Rel(filepath.Dir(p.Topology), p.Keys)
	if err != nil {
		return then, nil, err
	}
	then.Build, then.Keys = filepath.Join(dir, build), filepath.Join(dir, keys)
	compiled, err := r.list(filepath.ToSlash(build))
	if err != nil {
		return then, nil, err
	}
	if text, err := into.ReadFile(filepath.Base(p.Topology)); err == nil {
		if err := r.added(text, build, keys, into); err != nil {
			return then, nil, err
		}
	}
	if len(compiled) == 0 {
		return then, nil, nil
	}
	objects := map[string]string{}
	for _, e := range compiled {
		if name, err := filepath.Rel(build, filepath.FromSlash(e.name)); err == nil {
			objects[filepath.ToSlash(name)] = e.object
		}
	}
	return then, func(name string, data []byte) bool { return objects[name] == r.object(data) }, nil
}

// added writes the files that users add to overlays: their patches and, if there are components, every file that these may reference.
func (r *revision) added(topology []byte, build, keys string, into *os.Root) error {
	places, components := compiler.Referenced(topology)
	if components {
		places = []string{"."}
	}
	if len(places) == 0 {
		return nil
	}
	files, err := r.list(places...)
	if err != nil {
		return err
	}
	below := func(name, dir string) bool { return strings.HasPrefix(name, filepath.ToSlash(dir)+"/") }
	return r.layOut(slices.DeleteFunc(files, func(e entry) bool {
		_, there := into.Lstat(e.name)
		return there == nil || strings.HasPrefix(e.name, "../") || below(e.name, build) || below(e.name, keys)
	}), into)
}
