package compiler

import (
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/issue"
	"relayform/compiler/lockfile"
	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/compiler/review"
	"relayform/schema"
	"relayform/schema/diag"
	"relayform/schema/secrecy"
	"relayform/schema/source"
)

// ReviewNow reads the state of a project from its current files, for a review. Changed returns files that may contain private values in
// plain text; it is called last. The error is a diag.List if the topology or the lockfile is at fault.
func ReviewNow(project project.Project, env Env, name string, changed func() ([]string, error)) (review.State, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true, Check: true}}
	s := review.State{Name: name}
	plan, l, err := c.load()
	if err != nil {
		return s, err
	}
	if err := c.judge(plan, nil); err != nil {
		return s, err
	}
	if err := c.compiled(&s, plan, l); err != nil {
		return s, err
	}
	if s.Files != nil {
		if err := c.prove(plan, l, s.Files); err != nil {
			return s, err
		}
		build, err := folder.Open(project.Build, folder.Build, plan.Name)
		if err != nil {
			return s, err
		}
		changes, err := s.Files.Compare(build)
		if err != nil {
			return s, err
		}
		s.Stale = slices.Sorted(slices.Values(slices.Concat(changes.Added, changes.Changed, changes.Removed)))
	}
	files, err := changed()
	if err != nil {
		return s, err
	}
	files = slices.DeleteFunc(files, func(file string) bool { // what is as compiled contains nothing private, and the rest is checked below
		return s.Files != nil && strings.HasPrefix(file, project.Build+string(filepath.Separator))
	})
	for _, name := range s.Stale {
		files = append(files, filepath.Join(project.Build, filepath.FromSlash(name)))
	}
	s.Clear = c.inClear(files)
	return s, nil
}

// ReviewThen reads the state of a project whose topology, lockfile and referenced files were copied to a folder. Same reports whether a
// file in its build folder is what it compiles to, nil if there is none to compare. A state without topology and lockfile is nil.
func ReviewThen(project project.Project, env Env, name string, now review.State, same func(name string, data []byte) bool) (*review.State, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true, Check: true}}
	s := &review.State{Name: name}
	_, noTopology := os.Lstat(project.Topology)
	_, noLock := os.Lstat(project.Lock)
	if noTopology != nil && noLock != nil {
		return nil, nil
	}
	p, l, err := c.load()
	if err != nil {
		text, unread := folder.ReadOwn(project.Lock, source.MaxBytes)
		if unread != nil {
			return nil, nil // no mesh is known to be running
		}
		if l, unread = lockfile.Parse(filepath.Base(project.Lock), text, now.Plan.Product); unread != nil {
			return nil, fmt.Errorf("the lockfile at %s cannot be read, so nothing can be compared with it: %w", name, unread)
		}
		s.Plan, s.Lock, s.Blind = now.Plan, l, firstLine(strings.ReplaceAll(err.Error(), project.Dir()+"/", ""))
		return s, nil
	}
	if err := c.compiled(s, p, l); err != nil {
		return nil, err
	}
	if s.Files != nil && same != nil {
		for _, f := range s.Files {
			if !same(f.Name, f.Data) {
				s.Stale = append(s.Stale, f.Name)
			}
		}
	}
	return s, nil
}

func firstLine(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	return line
}

// compiled adds what topology and lockfile say and, if nothing is missing, compile to.
func (c *compile) compiled(s *review.State, p *plan.Plan, l *lockfile.File) error {
	s.Plan, s.Lock = p, l
	_, err := c.lacking(p, l, nil)
	var due issue.DueError
	var sealing *issue.SealingError
	var waiting issue.WaitingError
	if errors.As(err, &due) || errors.As(err, &sealing) || errors.As(err, &waiting) {
		s.Lacks = strings.Split(err.Error(), "\n")
		return nil
	}
	if err != nil {
		return err
	}
	s.Files, err = c.emit(p, l)
	return err
}

// maxChanged is the maximum size of a changed file that is searched, in bytes.
const maxChanged = 4 << 20

// inClear finds private values in the files.
func (c *compile) inClear(files []string) []string {
	var places []string
	tokens := c.project.Guard().Digests
	for _, file := range files {
		text, err := folder.ReadFile(file, maxChanged)
		if err != nil {
			continue // gone, not a file, or larger than any that people write
		}
		for _, p := range secrecy.Find(text, tokens...) {
			places = append(places, fmt.Sprintf("%s:%d: %s is here in clear", file, p.Line, p.Kind))
		}
	}
	return places
}

// Referenced lists the patches, Helm values, policies and controllers' certificates that a topology's text names, relative to its
// directory. Components reports whether it names components, which may use any folder there. For a text with faults, it lists what could be
// read.
func Referenced(text []byte) (files []string, components bool) {
	t, _, err := schema.ParseTopology("topology.yaml", text)
	var faults diag.List
	if t == nil || err != nil && !errors.As(err, &faults) {
		return nil, false
	}
	add := func(some []schema.Patch, own []schema.Path) {
		for _, p := range some {
			files = append(files, path.Clean(string(p.Path)))
		}
		components = components || len(own) > 0
	}
	seal := func(certificate schema.Path) {
		if certificate != "" {
			files = append(files, path.Clean(string(certificate)))
		}
	}
	add(t.Management.Patches, t.Management.Components)
	if t.Charts != nil {
		for _, values := range t.Charts.Values {
			files = append(files, path.Clean(string(values)))
		}
	}
	for _, policy := range t.Policies {
		files = append(files, path.Clean(string(policy)))
	}
	if t.Secrets != nil && t.Secrets.SealedSecrets != nil {
		seal(t.Secrets.SealedSecrets.Management)
		seal(t.Secrets.SealedSecrets.Remotes)
	}
	for _, r := range t.Remotes {
		add(r.Patches, r.Components)
		seal(r.SealingCertificate)
	}
	slices.Sort(files)
	return slices.Compact(files), components
}
