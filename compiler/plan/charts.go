package plan

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/helm"
	"relayform/compiler/manifest"
	"relayform/compiler/mutualtls"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
	"relayform/schema/source"
)

// Charts are the topology's choices for the Helm charts.
type Charts struct {
	Version string   // empty for the latest
	Values  []Values // users' values files, in order
}

// Values is a user's Helm values file.
type Values struct {
	Path string // slash-separated, relative to the topology
	Text []byte
}

// charts resolves which charts are installed, and with which of the users' values.
func (r *resolver) charts(p *Plan, t *schema.Topology) {
	if t.Charts == nil {
		return
	}
	p.Charts.Version = string(t.Charts.Version)
	at := []string{"charts", "version"}
	if v := p.Product.Versions; p.Charts.Version != "" && !v.Have(p.Charts.Version) && !r.doc.Refused(at...) {
		r.fault(at, diag.BadValue.Fault(fmt.Sprintf("the charts of %s that relayform knows are from %s on and before %s; a chart ignores values that it does not know", t.Product, v.From, v.Before), fits(p.Charts.Version)))
	}
	ours := r.settings(p)
	for i, path := range t.Charts.Values {
		at := []string{"charts", "values", strconv.Itoa(i)}
		text, ok := r.read(at, string(path))
		if !ok {
			continue
		}
		p.Charts.Values = append(p.Charts.Values, Values{string(path), text})
		r.overrides(p, at, string(path), text, ours)
		r.switchesOff(at, "values "+string(path), func() []string { return inFiles(mutualtls.InValues, folder.File{Name: string(path), Data: text}) })
	}
}

// fits names the product to which a chart version belongs.
func fits(version string) string {
	for _, p := range product.Profiles {
		if p.Versions.Have(version) {
			return "for this version write product: " + p.Name
		}
	}
	return fmt.Sprintf("relayform knows charts from %s on and before %s", product.Profiles[0].Versions.From, product.Profiles[len(product.Profiles)-1].Versions.Before)
}

// set is a value that relayform sets, and the file that sets it.
type set struct{ value, file string }

// settings returns all values that relayform sets, by path. A value that differs between clusters is replaced with one that no file
// contains.
func (r *resolver) settings(p *Plan) map[string]set {
	all := map[string]set{}
	add := func(file string, settings []product.Setting) {
		text, err := manifest.Values(settings)
		if err != nil {
			return // emit reports it
		}
		flat, _ := manifest.Flatten(text)
		for path, value := range flat {
			all[path] = set{value, file}
		}
	}
	remote := "REMOTE"
	if len(p.Remotes) > 0 {
		remote = p.Remotes[0].Name
	}
	authority := p.Authority
	if len(p.Authorities) > 1 {
		authority = "\x00"
	}
	add("build/"+remote+"/values.yaml", p.Product.AgentSettings(p.Namespace, "\x00", "\x00", authority, "\x00"))
	add("build/"+p.Management.Name+"/values.yaml", p.ServerSettings("\x00"))
	return all
}

// overrides refuses users' values that override relayform's, because values that must agree across clusters would differ, and those that
// look like such an override but are ignored by the charts.
func (r *resolver) overrides(p *Plan, at []string, name string, text []byte, ours map[string]set) {
	if many := source.TooMany(text); many != "" {
		r.fault(at, diag.LimitExceeded.Fault(name+": "+many, ""))
		return
	}
	flat, err := manifest.Flatten(text)
	if err != nil {
		r.fault(at, diag.BadFile.Fault(name+": not Helm values: want a block of YAML", ""))
		return
	}
	parsed, _ := source.Parse(name, text)
	var faults diag.List
	known := helm.PathsOf(p.Product)
	for _, path := range slices.Sorted(maps.Keys(flat)) {
		own, what := overridden(path, flat[path], ours)
		ignored, isIgnored := known.Ignored(path)
		if what == "" && !isIgnored {
			continue
		}
		place := name
		if n := line(parsed, path); n > 0 {
			place += fmt.Sprintf(":%d", n)
		}
		if what == "" {
			d := r.doc.Fault(at, diag.BadValue.Fault(place+": "+ignored.Message(p.Product), instead(ignored, ours, name)))
			if faults = append(faults, d); len(faults) == diag.MaxFaults {
				break
			}
			continue
		}
		value := ours[own].value
		if strings.Contains(value, "\x00") {
			value = "what the topology says"
		}
		d := r.doc.Fault(at, diag.Clash.Fault(fmt.Sprintf("%s: %s is set by relayform, in %s to %s; the charts use the last value", place, what, ours[own].file, value), "remove it from "+name))
		if faults = append(faults, d); len(faults) == diag.MaxFaults {
			break
		}
	}
	if !r.doc.Refused(at...) {
		r.faults = append(r.faults, faults...)
	}
}

// instead says what to do about a value that charts ignore.
func instead(ignored helm.Ignored, ours map[string]set, name string) string {
	switch s, ok := ours[ignored.Want]; {
	case ok:
		return fmt.Sprintf("remove it from %s: relayform sets %s, in %s", name, ignored.Want, s.file)
	case ignored.Want != "":
		return "write " + ignored.Want
	}
	return "remove it from " + name
}

// overridden returns relayform's value that a user's value overrides, and what the message calls it; both are empty if there is none. Helm
// merges maps; a list, a scalar or null replaces a map.
func overridden(path, value string, ours map[string]set) (own, what string) {
	if s, ok := ours[path]; ok {
		if s.value == value {
			return "", ""
		}
		return path, path
	}
	for _, own := range slices.Sorted(maps.Keys(ours)) {
		switch {
		case strings.HasPrefix(own, path+"."):
			return own, own + ", a part of " + path + ","
		case strings.HasPrefix(path, own+"."):
			return own, own
		}
	}
	return "", ""
}

// line returns the line of a path in a file, or 0 if unknown.
func line(f *source.File, path string) int {
	if f == nil {
		return 0
	}
	node, n := f.Root, 0
	for path != "" && node != nil && node.Kind == source.Map {
		next := (*source.Key)(nil)
		for i := range node.Keys { // names may contain periods: use the longest that matches
			k := &node.Keys[i]
			if (path == k.Name || strings.HasPrefix(path, k.Name+".")) && (next == nil || len(k.Name) > len(next.Name)) {
				next = k
			}
		}
		if next == nil {
			break
		}
		node, n, path = next.Value, next.Line, strings.TrimPrefix(path[len(next.Name):], ".")
	}
	return n
}
