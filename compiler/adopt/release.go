package adopt

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"strconv"
	"strings"

	"relayform/compiler/verify"
)

// The limits of Helm releases: of one, unpacked; and of all of a cluster.
const (
	MaxRelease  = 32 << 20
	MaxReleases = 200
)

// release is what Helm has recorded of a chart that it installed (helm.sh/release.v1).
type release struct {
	verify.Values
	Name      string
	Namespace string
	Chart     string
	Version   string
}

// releaseType is the type of the Secrets in which Helm keeps its releases.
const releaseType = "helm.sh/release.v1"

// releases are those that are installed in a cluster: of each the newest revision that was deployed. What is no release, or none that can be
// read, is told and passed over: it may be of anybody's chart.
func releases(s Source) (all []release, notes []string) {
	type key struct{ namespace, name string }
	newest := map[key]Object{}
	var order []key
	revision := func(o Object) int { n, _ := strconv.Atoi(o.Labels["version"]); return n }
	for _, o := range s.Objects {
		if o.Kind != "Secret" || o.Type != releaseType && !strings.HasPrefix(o.Name, "sh.helm.release.v1.") {
			continue
		}
		if status := o.Labels["status"]; status != "" && status != "deployed" {
			continue
		}
		k := key{o.Namespace, o.Labels["name"]}
		if k.name == "" {
			k.name = o.Name
		}
		have, ok := newest[k]
		if !ok {
			order = append(order, k)
		}
		if !ok || revision(o) > revision(have) {
			newest[k] = o
		}
	}
	for i, k := range order {
		if i == MaxReleases {
			notes = append(notes, fmt.Sprintf("%s: %d Helm releases; the limit is %d, and the others were not read", s.Name, len(order), MaxReleases))
			break
		}
		o := newest[k]
		r, err := unpack(o)
		if err != nil {
			notes = append(notes, fmt.Sprintf("%s: Helm release %s of the namespace %s: %v; it was not read", o.At, k.name, k.namespace, err))
			continue
		}
		all = append(all, r)
	}
	return all, notes
}

// unpack reads a release: JSON, packed with gzip, in base64 (Helm, storage/driver, decodeRelease).
func unpack(o Object) (release, error) {
	s, err := o.Secret()
	if err != nil {
		return release{}, err
	}
	packed, err := base64.StdEncoding.DecodeString(string(s.Data["release"]))
	if err != nil || len(packed) == 0 {
		return release{}, fmt.Errorf("no base64 of a release")
	}
	text := packed
	if bytes.HasPrefix(packed, []byte{0x1f, 0x8b, 0x08}) {
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return release{}, fmt.Errorf("no gzip of a release")
		}
		if text, err = io.ReadAll(io.LimitReader(z, MaxRelease+1)); err != nil {
			return release{}, fmt.Errorf("no gzip of a release")
		}
		if len(text) > MaxRelease {
			return release{}, fmt.Errorf("unpacked it has more than %d bytes (32 MiB), which is the limit", MaxRelease)
		}
	}
	var r struct {
		Name      string `json:"name"`
		Namespace string `json:"namespace"`
		Chart     struct {
			Metadata struct {
				Name    string `json:"name"`
				Version string `json:"version"`
			} `json:"metadata"`
		} `json:"chart"`
		Config map[string]any `json:"config"`
	}
	if json.Unmarshal(text, &r) != nil || r.Chart.Metadata.Name == "" {
		return release{}, fmt.Errorf("no JSON of a release")
	}
	at := fmt.Sprintf("Helm release %s of %s", r.Name, o.At)
	return release{verify.Values{At: at, Tree: r.Config}, r.Name, r.Namespace, r.Chart.Metadata.Name, r.Chart.Metadata.Version}, nil
}

// text is what Helm values say at a path, keys joined by periods; empty where they say nothing.
func text(v verify.Values, path string) string {
	switch x := v.Value(path).(type) {
	case string:
		return x
	case bool:
		return strconv.FormatBool(x)
	}
	return ""
}
