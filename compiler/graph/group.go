package graph

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// Drawn is the maximum number of remotes with a box each; beyond, it is the number of boxes that they share.
const Drawn = 12

// maxAddresses is how many addresses have a box each. If there are more, those that fewer than one in rare remotes dials share a box.
const maxAddresses, rare = 6, 50

// group is a set of remotes that share a box.
type group struct {
	name    string
	lines   []string
	remotes []plan.Cluster
}

// groupsOf groups remotes: each by itself if there are few and no label is given, otherwise by the label.
func groupsOf(remotes []plan.Cluster, label string) ([]group, error) {
	if label == "" && len(remotes) <= Drawn {
		groups := make([]group, len(remotes))
		for i, r := range remotes {
			groups[i] = group{name: r.Name, lines: labelLines(r.Labels), remotes: remotes[i : i+1]}
		}
		return groups, nil
	}
	values := valuesOf(remotes)
	if label == "" {
		label = telling(values)
	} else if values[label] == nil {
		return nil, fmt.Errorf("--by %s: no remote has this label%s", diag.Printable(label), diag.DidYouMean(label, slices.Sorted(maps.Keys(values))))
	}
	if label == "" {
		return []group{{name: diag.Count(len(remotes), "remote"), lines: ends(remotes), remotes: remotes}}, nil
	}
	return byLabel(remotes, label), nil
}

// labelLines lists a remote's labels, only the first if there are many.
func labelLines(labels map[string]string) []string {
	const most = 2
	var lines []string
	for _, key := range slices.Sorted(maps.Keys(labels)) {
		lines = append(lines, key+"="+labels[key])
	}
	if n := len(lines) - most; n > 0 {
		lines = append(lines[:most], fmt.Sprintf("and %d more labels", n))
	}
	return lines
}

// valuesOf counts the remotes with each value of each label.
func valuesOf(remotes []plan.Cluster) map[string]map[string]int {
	values := map[string]map[string]int{}
	for _, r := range remotes {
		for key, value := range r.Labels {
			if values[key] == nil {
				values[key] = map[string]int{}
			}
			values[key][value]++
		}
	}
	return values
}

// telling returns the label that distinguishes remotes best: of those with several values, but not too many to draw, the one that most
// remotes have; may be empty.
func telling(values map[string]map[string]int) string {
	best, most := "", 0
	for _, key := range slices.Sorted(maps.Keys(values)) {
		n := 0
		for _, count := range values[key] {
			n += count
		}
		if v := len(values[key]); v > 1 && v < Drawn && n > most {
			best, most = key, n
		}
	}
	return best
}

// byLabel groups remotes by the value of a label: the largest groups first, then those that do not fit the picture, then remotes without
// the label.
func byLabel(remotes []plan.Cluster, label string) []group {
	byValue := map[string][]plan.Cluster{}
	var without []plan.Cluster
	for _, r := range remotes {
		if value, ok := r.Labels[label]; ok {
			byValue[value] = append(byValue[value], r)
		} else {
			without = append(without, r)
		}
	}
	values := slices.SortedFunc(maps.Keys(byValue), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(byValue[b]), len(byValue[a])), strings.Compare(a, b))
	})
	var groups []group
	add := func(name string, members []plan.Cluster) {
		if len(members) > 0 {
			groups = append(groups, group{name, append([]string{diag.Count(len(members), "remote")}, ends(members)...), members})
		}
	}
	room := Drawn - min(len(without), 1)
	if len(values) > room {
		room--
	}
	var others []plan.Cluster
	for i, value := range values {
		if i < room {
			add(label+"="+value, byValue[value])
		} else {
			others = append(others, byValue[value]...)
		}
	}
	add(fmt.Sprintf("%d other values of %s", len(values)-room, label), others)
	add("without the label "+label, without)
	return groups
}

// ends names the first and the last of several remotes.
func ends(remotes []plan.Cluster) []string {
	if len(remotes) == 1 {
		return []string{remotes[0].Name}
	}
	return []string{remotes[0].Name + " …", "… " + remotes[len(remotes)-1].Name}
}

// dialled is an address, or several that share a box, with the number of remotes that dial it.
type dialled struct {
	addresses []string
	remotes   int
}

// addressesOf returns the addresses that remotes dial, the most frequent first, and those that do not fit.
func addressesOf(remotes []plan.Cluster) []dialled {
	count := map[string]int{}
	for _, r := range remotes {
		count[r.RelayAddress]++
	}
	var all []dialled
	var others dialled
	for _, a := range slices.SortedFunc(maps.Keys(count), func(a, b string) int {
		return cmp.Or(cmp.Compare(count[b], count[a]), strings.Compare(a, b))
	}) {
		if len(count) > maxAddresses && (len(all) == maxAddresses-1 || count[a]*rare < len(remotes)) {
			others.addresses, others.remotes = append(others.addresses, a), others.remotes+count[a]
			continue
		}
		all = append(all, dialled{[]string{a}, count[a]})
	}
	if others.remotes > 0 {
		all = append(all, others)
	}
	return all
}
