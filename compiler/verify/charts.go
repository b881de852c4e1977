package verify

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"relayform/compiler/helm"
	"relayform/compiler/product"
	"relayform/schema/diag"
)

// Installation is a chart that a cluster should have, with its values.
type Installation struct {
	Chart    string
	Settings []product.Setting
}

// Releases checks the Helm releases of a cluster: each required chart must be installed, in a version that the product supports and with
// these values, and no value for the relay may be one that charts ignore. Missing are the charts without a release.
func Releases(p product.Profile, cluster, at string, want []Installation, have []helm.Release) (findings []Finding, missing []string) {
	judged := map[string]bool{}
	for _, w := range together(p, want, have) {
		best, differences, found := helm.Release{}, []difference(nil), false
		var others []helm.Release
		for _, r := range have {
			switch {
			case r.Chart == w.Chart && p.Versions.Have(r.Version):
				if d := differ(p, w.Settings, r); !found || len(d) < len(differences) { // of two releases of a chart, use the closer match
					best, differences, found = r, d, true
				}
			case sameRole(p, w.Chart, r.Chart):
				others = append(others, r)
			}
		}
		x := inspection{p, cluster, at}
		switch {
		case found:
			ignored := map[string]bool{}
			if !judged[best.Name] {
				judged[best.Name] = true
				var told []Finding
				told, ignored = x.ignored(best, differences)
				findings = append(findings, told...)
			}
			for _, d := range differences {
				if !ignored[d.path] {
					findings = append(findings, x.differs(best, d))
				}
			}
		case len(others) > 0:
			findings = append(findings, x.generation(others[0]))
		default:
			missing = append(missing, w.Chart)
		}
	}
	return findings, missing
}

// together merges what is installed by one release if it contains everything of a chart: the server and the agent beside it.
func together(p product.Profile, want []Installation, have []helm.Release) (all []Installation) {
	for _, w := range want {
		of := 0
		for _, r := range have {
			if r.Chart == w.Chart && p.Versions.Have(r.Version) {
				of++
			}
		}
		i := slices.IndexFunc(all, func(a Installation) bool { return a.Chart == w.Chart })
		if i < 0 || of > 1 {
			all = append(all, w)
			continue
		}
		all[i].Settings = slices.Concat(all[i].Settings, w.Settings)
	}
	return all
}

// sameRole reports whether a chart is the counterpart of one of the product's charts in a different generation.
func sameRole(p product.Profile, want, chart string) bool {
	return slices.ContainsFunc(product.Profiles, func(o product.Profile) bool {
		return want == p.ServerChart.Name && chart == o.ServerChart.Name || want == p.AgentChart.Name && chart == o.AgentChart.Name
	})
}

// inspection is the context of checking releases.
type inspection struct {
	product     product.Profile
	cluster, at string
}

func (x inspection) find(fault *diag.Fault, severity Severity, r helm.Release, path string) Finding {
	return NewFinding(fault, severity, []string{x.cluster}, strings.TrimSpace("Helm release "+r.Name+" "+path), x.at)
}

// generation reports a chart of a different product.
func (x inspection) generation(r helm.Release) Finding {
	is, hint := "which fits no product that relayform knows", fmt.Sprintf("install charts from %s on and before %s, or wait for a relayform that supports these", x.product.Versions.From, x.product.Versions.Before)
	if p, ok := product.Fitting(r.Chart, r.Version); ok {
		is, hint = "which fits the product "+p.Name, "write product: "+p.Name+", compile, and upgrade with its values; or install the charts of "+x.product.Name
	}
	return x.find(ChartGeneration.Fault(fmt.Sprintf("the chart is %s %s, %s; the topology has %s, whose values it ignores", r.Chart, r.Version, is, x.product.Name), hint), Error, r, "")
}

// difference is a value of a release that should be different.
type difference struct {
	path      string
	want, got string
	given     bool // set by users; otherwise got is the chart's default, and empty if unknown
}

// differ compares a release's values with the required ones: the user's or, by default, the chart's.
func differ(p product.Profile, want []product.Setting, r helm.Release) (all []difference) {
	named := false // the management cluster's name, in one of the values of different versions
	for _, s := range want {
		got, _ := valueAt(r.Values, s.Path)
		named = named || slices.Contains(p.Server.Cluster, s.Path) && same(s.Value, got)
	}
	for _, s := range flat(want) {
		got, given := valueAt(r.Values, s.Path)
		if !given {
			got, _ = valueAt(r.Defaults, s.Path)
		}
		namespace := strings.HasSuffix(s.Path, ".namespace") && (got == nil || got == "") && s.Value == r.Namespace // defaults to the release's namespace
		if same(s.Value, got) || namespace || named && slices.Contains(p.Server.Cluster, s.Path) {
			continue
		}
		d := difference{path: s.Path, want: plain(s.Value), given: given}
		if known := given || got != nil; known {
			d.got = plain(got)
		}
		if t := []string{p.Server.TokenSecret, p.Agent.TokenSecret}; slices.ContainsFunc(t, func(block string) bool { return block != "" && strings.HasPrefix(s.Path, block+".") }) && strings.Trim(d.got, nameLetters) != "" {
			d.got = "a text that is not shown, as it may be the token"
		}
		all = append(all, d)
	}
	return all
}

// flat returns the settings whose values are not maps.
func flat(settings []product.Setting) (all []product.Setting) {
	for _, s := range settings {
		block, ok := s.Value.(map[string]string)
		if !ok {
			all = append(all, s)
			continue
		}
		for _, key := range slices.Sorted(maps.Keys(block)) {
			all = append(all, product.Setting{Path: s.Path + "." + key, Value: block[key]})
		}
	}
	return all
}

func (x inspection) differs(r helm.Release, d difference) Finding {
	severity := Error
	if s := x.product.Server; !d.given && d.got == "" || d.path == s.ServiceType || strings.HasPrefix(d.path, s.ServiceOverrides+".") || slices.Contains(s.Cluster, d.path) {
		severity = Warning
	}
	message := fmt.Sprintf("it is %s; want %s", d.got, d.want)
	switch {
	case !d.given && d.got == "":
		message = "the release does not have it; want " + d.want
	case !d.given:
		message = fmt.Sprintf("the release does not have it, and its chart has %s; want %s", d.got, d.want)
	}
	return x.find(ReleaseDiffers.Fault(message, ""), severity, r, d.path)
}

// maxIgnored is how many ignored values of one release are reported: those of a different generation are many.
const maxIgnored = 20

// ignored reports values of a release that its chart ignores. A misplaced value is reported together with the difference it causes.
func (x inspection) ignored(r helm.Release, differences []difference) (findings []Finding, instead map[string]bool) {
	instead = map[string]bool{}
	known := helm.PathsOf(x.product)
	for _, path := range paths(r.Values) {
		if len(findings) == maxIgnored {
			break
		}
		ignored, ok := known.Ignored(path)
		if !ok || knows(r.Defaults, path) {
			continue
		}
		severity, message, hint := Warning, ignored.Message(x.product), "remove it from the values"
		if ignored.Want != "" {
			hint = "write " + ignored.Want
		}
		for _, d := range differences {
			if d.path == ignored.Want && !d.given {
				severity, hint, instead[d.path] = Error, fmt.Sprintf("write %s: %s", d.path, d.want), true
			}
		}
		findings = append(findings, x.find(ValueIgnored.Fault(message, hint), severity, r, path))
	}
	return findings, instead
}

// knows reports whether a chart's default values contain a path, or a map in which it may be any key.
func knows(defaults map[string]any, path string) bool {
	if _, ok := valueAt(defaults, path); ok {
		return true
	}
	for i := len(path) - 1; i > 0; i-- {
		if path[i] != '.' {
			continue
		}
		if v, ok := valueAt(defaults, path[:i]); ok {
			block, isBlock := v.(map[string]any)
			return isBlock && len(block) == 0
		}
	}
	return false
}

// maxDepth is how deep values are searched: none of the relay's is deeper.
const maxDepth = 8

// paths returns the paths of all values that are not maps, in order.
func paths(tree map[string]any) (all []string) {
	var walk func(at string, depth int, tree map[string]any)
	walk = func(at string, depth int, tree map[string]any) {
		for key, v := range tree {
			path := strings.TrimPrefix(at+"."+key, ".")
			if block, ok := v.(map[string]any); ok && len(block) > 0 && depth < maxDepth {
				walk(path, depth+1, block)
			} else {
				all = append(all, path)
			}
		}
	}
	walk("", 1, tree)
	slices.Sort(all)
	return all
}

// same reports whether two values are the same to a chart: the string "false" is not false.
func same(want, got any) bool { return encoded(want) == encoded(got) }

func encoded(v any) string {
	text, _ := json.Marshal(v) // it came from JSON, or from a profile
	return string(text)
}

// nameLetters are the characters of which names of Secrets and keys usually consist, and tokens do not.
const nameLetters = "abcdefghijklmnopqrstuvwxyz-."

// maxShown is how much of a value is shown: it could be anything.
const maxShown = 120

// plain formats a value.
func plain(v any) string {
	text, ok := v.(string)
	if !ok || text == "true" || text == "false" || text == "" || text == "null" {
		text = encoded(v)
	}
	if len(text) > maxShown {
		text = strings.ToValidUTF8(text[:maxShown], "") + "…"
	}
	return text
}
