package adopt

import (
	"fmt"
	"strconv"

	"relayform/compiler/helm"
	"relayform/compiler/manifest"
	"relayform/compiler/verify"
)

// release is a chart's Helm release.
type release struct {
	verify.Values
	Name      string
	Namespace string
	Chart     string
	Version   string
}

func (r release) ours() bool { return helm.Release{Chart: r.Chart}.OfRelay() }

// releases returns a cluster's installed releases. Invalid ones are reported and skipped: they may belong to any chart.
func releases(s Source) (all []release, notes []string) {
	var unread []sameIn // releases, by file and cause
	deployed := helm.Deployed(s.Objects, func(o Object) manifest.Held { return o.Held })
	for i, o := range deployed {
		if i == helm.MaxReleases {
			notes = append(notes, fmt.Sprintf("%s: %d Helm releases; the limit is %d: the rest was not read", s.Name, len(deployed), helm.MaxReleases))
			break
		}
		r, err := helm.Read(o.Held)
		if err != nil {
			unread = group(unread, fmt.Sprintf("%s: %v", o.At, err), o.Namespace+"/"+helm.NameOf(o.Held))
			continue
		}
		at := fmt.Sprintf("Helm release %s in %s", r.Name, o.At)
		all = append(all, release{verify.Values{At: at, Tree: r.Values}, r.Name, r.Namespace, r.Chart, r.Version})
	}
	for _, g := range unread {
		notes = append(notes, fmt.Sprintf("%s; did not read Helm release %s", g.text, named(g.clusters)))
	}
	return all, notes
}

// text returns the Helm value at a path, keys joined with periods; empty if there is none.
func text(v verify.Values, path string) string {
	switch x := v.Value(path).(type) {
	case string:
		return x
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}
