// Package helm reads Helm's releases, and reports values that the relay's charts ignore.
package helm

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/manifest"
	"relayform/compiler/product"
)

// Type is the type of the Secrets in which Helm stores its releases.
const Type = "helm.sh/release.v1"

// Limits of releases: of one, unpacked; and of all in a cluster.
const (
	MaxRelease  = 32 << 20
	MaxReleases = 200
)

// Release is Helm's record of an installed chart.
type Release struct {
	Name      string
	Namespace string
	Chart     string
	Version   string
	Values    map[string]any // set by users
	Defaults  map[string]any // the chart's defaults
}

// OfRelay reports whether a release is of one of the relay's charts, of any generation.
func (r Release) OfRelay() bool {
	return slices.ContainsFunc(product.Profiles, func(p product.Profile) bool { return p.Installs(r.Chart) })
}

// Deployed returns the Secrets with the installed releases: for each release, the newest revision that was deployed. Of returns the object
// of a thing.
func Deployed[T any](things []T, of func(T) manifest.Held) (newest []T) {
	type key struct{ namespace, name string }
	at := map[key]int{}
	revision := func(o manifest.Held) int { n, _ := strconv.Atoi(o.Labels["version"]); return n }
	for _, thing := range things {
		o := of(thing)
		if o.Kind != "Secret" || o.Type != Type && !strings.HasPrefix(o.Name, "sh.helm.release.v1.") {
			continue
		}
		if status := o.Labels["status"]; status != "" && status != "deployed" {
			continue
		}
		k := key{o.Namespace, NameOf(o)}
		if i, ok := at[k]; !ok {
			at[k] = len(newest)
			newest = append(newest, thing)
		} else if revision(o) > revision(of(newest[i])) {
			newest[i] = thing
		}
	}
	return newest
}

// NameOf returns the name of the release in a Secret, or that of the Secret.
func NameOf(o manifest.Held) string {
	if name := o.Labels["name"]; name != "" {
		return name
	}
	return o.Name
}

// Read reads a release from its Secret.
func Read(o manifest.Held) (Release, error) {
	s, err := o.Secret()
	if err != nil {
		return Release{}, err
	}
	return Unpack(s.Data["release"])
}

// Unpack decodes the value release in a release's Secret: JSON, compressed with gzip, in base64 (Helm, pkg/storage/driver, decodeRelease).
// The error quotes none of it.
func Unpack(value []byte) (Release, error) {
	packed, err := base64.StdEncoding.DecodeString(string(value))
	if err != nil || len(packed) == 0 {
		return Release{}, errors.New("not the base64 of a release")
	}
	text := packed
	if bytes.HasPrefix(packed, []byte{0x1f, 0x8b, 0x08}) {
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return Release{}, errors.New("not the gzip of a release")
		}
		if text, err = io.ReadAll(io.LimitReader(z, MaxRelease+1)); err != nil {
			return Release{}, errors.New("not the gzip of a release")
		}
		if len(text) > MaxRelease {
			return Release{}, fmt.Errorf("unpacked it has more than %d bytes (32 MiB), which is the limit", MaxRelease)
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
			Values map[string]any `json:"values"`
		} `json:"chart"`
		Config map[string]any `json:"config"`
	}
	if json.Unmarshal(text, &r) != nil || r.Chart.Metadata.Name == "" {
		return Release{}, errors.New("not the JSON of a release")
	}
	return Release{r.Name, r.Namespace, r.Chart.Metadata.Name, r.Chart.Metadata.Version, r.Config, r.Chart.Values}, nil
}
