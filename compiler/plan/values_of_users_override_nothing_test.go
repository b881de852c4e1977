package plan

import (
	"strings"
	"testing"

	"relayform/compiler/manifest"
	"relayform/compiler/product"
)

// TestValuesOfUsersOverrideNothing sets each of relayform's values in a user's file, to the same value and to a different one; nulls each
// map above it, and replaces that map. When several files set a value, Helm uses the last, and it merges only maps.
func TestValuesOfUsersOverrideNothing(t *testing.T) {
	for _, profile := range product.Profiles {
		text, err := manifest.Values(profile.ServerSettings("mesh", "mgmt", product.Service{Type: "ClusterIP", Annotations: map[string]string{"example.com/a.b": "x"}}, product.Service{}))
		if err != nil {
			t.Fatal(err)
		}
		flat, err := manifest.Flatten(text)
		if err != nil {
			t.Fatal(err)
		}
		ours := map[string]set{}
		for path, value := range flat {
			ours[path] = set{value, "build/mgmt/values.yaml"}
		}
		refused := func(path, value string, want bool) {
			t.Helper()
			if own, what := overridden(path, value, ours); (what != "") != want || (own != "") != want {
				t.Errorf("%s: %s = %s: taken for an override: %q", profile.Name, path, value, what)
			}
		}
		for path, value := range flat {
			refused(path, value, false)
			refused(path, value+"x", true)
			refused(path+".more", value, true)
			refused(path+"More", value, false)
			for above := path; strings.Contains(above, "."); {
				above = above[:strings.LastIndexByte(above, '.')]
				if _, ours := flat[above]; !ours {
					refused(above, "null", true)
					refused(above+".ofMyOwn", "1", false)
				}
			}
		}
		if len(flat) < 8 {
			t.Errorf("%s: only %d values", profile.Name, len(flat))
		}
	}
}

// TestVersionsAreComparedByTheirNumbers checks which chart versions a profile supports: 2.10 is after 2.9, and release candidates count as
// the release.
func TestVersionsAreComparedByTheirNumbers(t *testing.T) {
	v := product.Versions{From: "2.3", Before: "3.0"}
	for version, want := range map[string]bool{
		"2.3.0": true, "2.10.1": true, "2.3.0-rc.1": true, "2.99.99+build.3": true, "2.2.9": false, "3.0.0": false, "3.0.0-beta1": false, "1.2.30": false, "10.0.0": false,
	} {
		if v.Have(version) != want {
			t.Errorf("%s: %v", version, !want)
		}
	}
}
