package main

import (
	"fmt"
	"io"
	"path"
	"slices"
	"strings"

	"relayform/compiler"
	"relayform/compiler/verify"
)

// Limits on lines about changed clusters, and on files in one line.
const (
	mostChanged = 8
	mostFiles   = 4
)

// sayClusters prints what changed in which cluster, equal ones in one line; nothing for a first compile, where everything is new.
func sayClusters(w io.Writer, r *compiler.Result) {
	if len(r.Changes.Changed)+len(r.Changes.Removed) == 0 {
		return
	}
	var order []string
	clusters := map[string][]string{}
	tell := func(cluster string, files []string) {
		what := strings.Join(files[:min(len(files), mostFiles)], ", ")
		if more := len(files) - mostFiles; more > 0 {
			what += fmt.Sprintf(" and %d more", more)
		}
		if clusters[what] == nil {
			order = append(order, what)
		}
		clusters[what] = append(clusters[what], cluster)
	}
	for _, d := range byCluster(r.Plan, r.Clusters, r.Changes) {
		var files []string
		for _, of := range []struct {
			sign  string
			names []string
		}{{"+", d.Added}, {"", d.Changed}, {"-", d.Removed}} {
			for _, name := range of.names {
				files = append(files, of.sign+strings.TrimPrefix(name, d.Cluster+"/"))
			}
		}
		tell(d.Cluster, files)
	}
	shared := slices.DeleteFunc(slices.Concat(r.Changes.Added, r.Changes.Changed, r.Changes.Removed), func(name string) bool { return !strings.HasPrefix(name, "bases/") })
	if len(shared) > 0 {
		for i := range shared {
			shared[i] = path.Base(shared[i])
		}
		tell("every remote", shared)
	}
	for i, what := range order {
		if i == mostChanged {
			say(w, "  and %d more; git diff shows them", len(order)-i)
			return
		}
		say(w, "  %s: %s", verify.InWords(clusters[what]), what)
	}
}
