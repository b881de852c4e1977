package deploy

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/manifest"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/project"
)

// Choice selects clusters of a topology.
type Choice struct {
	Clusters []string // by name; all if empty
	Selector string   // by label; all if empty
	Register bool     // also register the remotes, on the management cluster
	WaveBy   string   // the label whose values divide the remotes into successive waves; empty for one wave
}

// managements returns the Secrets that only a management cluster has.
func managements(p product.Profile) []string {
	var names []string
	for _, r := range p.Roles {
		if !r.Agents {
			names = append(names, r.Secret)
		}
	}
	return names
}

// Jobs returns the jobs in stages: the management cluster, the remotes in their waves, the registration.
func Jobs(p *plan.Plan, project project.Project, choice Choice) ([][]Job, error) {
	selector, err := parseSelector(choice.Selector)
	if err != nil {
		return nil, err
	}
	if err := p.Known(choice.Clusters...); err != nil {
		return nil, err
	}
	named := map[string]bool{}
	for _, name := range choice.Clusters {
		named[name] = true
	}
	job := func(c plan.Cluster, kinds []manifest.Kind) []Job {
		if len(named) > 0 && !named[c.Name] || !selector.matches(c.Labels) {
			return nil
		}
		return []Job{{Cluster: c.Name, Context: c.Context, Overlay: filepath.Join(project.Build, c.Name), Namespace: p.Namespace, Prunable: kinds}}
	}
	foreign := managements(p.Product)
	waves := map[string][]Job{}
	for _, c := range p.Remotes {
		for _, j := range job(c, secrets) {
			j.Foreign, j.Remote = foreign, true
			waves[c.Labels[choice.WaveBy]] = append(waves[c.Labels[choice.WaveBy]], j)
		}
	}
	if len(waves[""]) > 0 && choice.WaveBy != "" && len(waves) == 1 {
		return nil, fmt.Errorf("--wave-by %s: no selected cluster has this label", choice.WaveBy)
	}
	stages := [][]Job{job(p.Management, prunable())}
	for _, value := range inOrder(slices.Collect(maps.Keys(waves))) {
		stages = append(stages, waves[value])
	}
	if len(waves) == 0 {
		stages = append(stages, nil)
	}
	if choice.Register && len(p.Agents()) == 0 {
		return nil, errors.New("--register: the topology has no agents to register; leave the flag out")
	}
	if choice.Register {
		registration, isFile := p.Registration()
		stages = append(stages, []Job{{
			Cluster: p.Management.Name, Context: p.Management.Context, Namespace: p.Namespace, Register: true,
			Overlay: filepath.Join(project.Build, filepath.FromSlash(registration)), Plain: isFile, Objects: len(p.Agents()),
			Prunable: []manifest.Kind{registered(p)},
		}})
	}
	if len(stages[0]) == 0 && len(waves) == 0 && !choice.Register {
		return nil, fmt.Errorf("--selector %s: no cluster has these labels", choice.Selector)
	}
	return stages, nil
}

// inOrder sorts a label's values as people count: numbers by value and before words, and clusters without the label last.
func inOrder(values []string) []string {
	key := func(v string) (rank, number int, text string) {
		n, err := strconv.Atoi(v)
		switch {
		case v == "":
			return 2, 0, ""
		case err == nil:
			return 0, n, v
		}
		return 1, 0, v
	}
	slices.SortFunc(values, func(a, b string) int {
		rankA, numberA, textA := key(a)
		rankB, numberB, textB := key(b)
		return cmp.Or(cmp.Compare(rankA, rankB), cmp.Compare(numberA, numberB), cmp.Compare(textA, textB))
	})
	return values
}

// requirement is a condition on a cluster's labels.
type requirement struct {
	key, value string
	exists     bool // with any value
	not        bool
}

type selector []requirement

// parseSelector parses a label selector as kubectl does: key=value, key!=value, key, !key, separated by commas.
func parseSelector(text string) (selector, error) {
	if text == "" {
		return nil, nil
	}
	var s selector
	for part := range strings.SplitSeq(text, ",") {
		part = strings.TrimSpace(part)
		var r requirement
		if key, value, ok := strings.Cut(part, "!="); ok {
			r = requirement{key: key, value: value, not: true}
		} else if key, value, ok := strings.Cut(part, "="); ok {
			r = requirement{key: key, value: strings.TrimPrefix(value, "=")}
		} else if key, ok := strings.CutPrefix(part, "!"); ok {
			r = requirement{key: key, exists: true, not: true}
		} else {
			r = requirement{key: part, exists: true}
		}
		r.key, r.value = strings.TrimSpace(r.key), strings.TrimSpace(r.value)
		if r.key == "" || strings.ContainsAny(r.key+r.value, " ()=!") {
			return nil, fmt.Errorf("--selector %s: want key=value, key!=value, key or !key, separated by commas", text)
		}
		s = append(s, r)
	}
	return s, nil
}

func (s selector) matches(labels map[string]string) bool {
	for _, r := range s {
		value, ok := labels[r.key]
		if (ok && (r.exists || value == r.value)) == r.not {
			return false
		}
	}
	return true
}
