package compiler

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"strings"

	"relayform/compiler/adopt"
	"relayform/compiler/kubectl"
	"relayform/compiler/manifest"
	"relayform/compiler/scaffold"
	"relayform/compiler/verify"

	"golang.org/x/sync/errgroup"
)

// sources reads the contents of each cluster.
func (a *adoption) sources(ctx context.Context) ([]adopt.Source, error) {
	if a.of.Live {
		return a.ask(ctx)
	}
	from := From{Stdin: a.of.Stdin}
	var all []adopt.Source
	var unread error
	for _, path := range a.of.From {
		clusters, err := from.clusters(path)
		unread = errors.Join(unread, err)
		for _, c := range clusters {
			s := adopt.Source{Name: c.name}
			for _, f := range c.files {
				text, err := f.read()
				if err != nil {
					unread = errors.Join(unread, unreadable(f.path, err))
					continue
				}
				unread = errors.Join(unread, hold(&s, shown(path, f.path), text))
			}
			all = append(all, s)
		}
	}
	return all, unread
}

// shown returns a file's path for topologies and messages, without the parent folders of what was given.
func shown(given, file string) string {
	if _, path, ok := strings.Cut(given, "="); ok && strings.HasPrefix(file, path) {
		given = path
	}
	if rel, err := filepath.Rel(filepath.Dir(filepath.Clean(given)), file); err == nil && filepath.IsLocal(rel) {
		return rel
	}
	return filepath.Base(file)
}

// hold adds the objects in a text to a source.
func hold(s *adopt.Source, at string, text []byte) error {
	objects, values, err := manifest.ReadHeld(text, adopt.Kinds...)
	if err != nil {
		return fmt.Errorf("%s: %w", at, err)
	}
	for _, o := range objects {
		s.Objects = append(s.Objects, adopt.Object{Held: o, At: at})
	}
	for _, tree := range values {
		s.Values = append(s.Values, verify.Values{At: at, Tree: tree})
	}
	return nil
}

// ask queries the clusters of kube contexts. It only reads.
func (a *adoption) ask(ctx context.Context) ([]adopt.Source, error) {
	contexts := a.of.Context
	if len(contexts) == 0 {
		config, err := a.env.Kubectl(ctx, "config", "view", "--output", "json")
		if err != nil {
			return nil, err
		}
		known, err := scaffold.Contexts(config)
		if err != nil {
			return nil, err
		}
		for _, k := range known {
			contexts = append(contexts, k.Context)
		}
	}
	all, errs := make([]adopt.Source, len(contexts)), make([]error, len(contexts))
	var asking errgroup.Group
	asking.SetLimit(maxAsked)
	for i, name := range contexts {
		asking.Go(func() error {
			all[i], errs[i] = a.askContext(ctx, name)
			return nil // other clusters are still queried
		})
	}
	_ = asking.Wait()
	unreachable := &UnreachableError{}
	for i, err := range errs {
		if err == nil {
			continue
		}
		if unreachable.Clusters = append(unreachable.Clusters, contexts[i]); unreachable.First == nil {
			unreachable.First = err
		}
	}
	if unreachable.First != nil {
		return nil, fmt.Errorf("%w; name only the contexts of the mesh, each with --context NAME", unreachable)
	}
	return all, nil
}

// askContext queries a cluster for Secrets and Services in a namespace and, if it is a relay server's, for further objects about its mesh,
// whose kinds not every cluster has.
func (a *adoption) askContext(ctx context.Context, name string) (adopt.Source, error) {
	s := adopt.Source{Name: name}
	namespace := a.of.Answers.Namespace
	if namespace == "" {
		namespace = usualNamespace
	}
	run := a.env.Kubectl.In(name)
	in, at := "--namespace="+namespace, "context "+name
	text, err := run(ctx, "--request-timeout=20s", in, "get", "secrets,services", "--output", "json")
	if err != nil {
		return s, err
	}
	if err := hold(&s, at, text); err != nil {
		return s, err
	}
	if !adopt.Serves(s) {
		return s, nil
	}
	for _, more := range adopt.More {
		scope := in
		if more.Anywhere {
			scope = "--all-namespaces"
		}
		text, err := run(ctx, "--request-timeout=20s", "get", more.Resource, scope, "--output", "json")
		if unknown := new(kubectl.Error); errors.As(err, &unknown) && strings.Contains(unknown.Said, "doesn't have a resource type") {
			continue
		}
		if err != nil {
			return s, err
		}
		if err := hold(&s, at, text); err != nil {
			return s, err
		}
	}
	return s, nil
}

// usualNamespace is the relay's default namespace.
const usualNamespace = "gloo-mesh"
