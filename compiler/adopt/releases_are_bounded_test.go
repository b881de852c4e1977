package adopt_test

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"strings"
	"testing"

	"relayform/compiler/adopt"
	"relayform/compiler/helm"
)

// pack encodes a text as Helm stores a release in a Secret.
func pack(text []byte) string {
	var b bytes.Buffer
	z := gzip.NewWriter(&b)
	_, _ = z.Write(text)
	_ = z.Close()
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// rechart changes the chart of a release.
func rechart(t *testing.T, x texts, cluster, name, chart, version string) {
	t.Helper()
	x.set(t, cluster, "sh.helm.release.v1."+name+".v2", "release", pack(fmt.Appendf(nil, `{"name":%q,"namespace":"gloo-mesh","chart":{"metadata":{"name":%q,"version":%q}},"config":{}}`, name, chart, version)))
}

// configure changes the values of the agent's release.
func configure(t *testing.T, x texts, cluster, values string) {
	t.Helper()
	x.set(t, cluster, "sh.helm.release.v1.agent.v2", "release", pack([]byte(`{"name":"agent","namespace":"gloo-mesh","chart":{"metadata":{"name":"enterprise-agent","version":"1.3.20"}},"config":`+values+`}`)))
}

// TestReleasesAreBounded puts something into a release's Secret that no Helm wrote: it is reported and skipped, as it may belong to any
// chart, and the mesh is found from everything else.
func TestReleasesAreBounded(t *testing.T) {
	for name, c := range map[string]struct{ release, want string }{
		"a bomb":          {pack(bytes.Repeat([]byte(" "), helm.MaxRelease+1)), "unpacked it has more than 33554432 bytes (32 MiB), which is the limit"},
		"as much as goes": {pack(append(bytes.Repeat([]byte(" "), helm.MaxRelease-2), "{}"...)), "not the JSON of a release"},
		"half a gzip":     {base64.StdEncoding.EncodeToString([]byte{0x1f, 0x8b, 0x08, 0, 0}), "not the gzip of a release"},
		"no base64":       {"!", "not the base64 of a release"},
		"nothing":         {"", "not the base64 of a release"},
		"no JSON":         {pack([]byte("{")), "not the JSON of a release"},
		"no chart":        {pack([]byte("{}")), "not the JSON of a release"},
		"a deep one":      {pack([]byte(strings.Repeat("[", 1<<20))), "not the JSON of a release"},
		"not packed":      {base64.StdEncoding.EncodeToString([]byte("words")), "not the JSON of a release"},
	} {
		t.Run(name, func(t *testing.T) {
			x := fixture(t, "chart-1.x")
			x.set(t, mgmt, "sh.helm.release.v1.gloo-mesh.v2", "release", c.release)
			m, err := x.find(t, adopt.Answers{})
			if err != nil {
				t.Fatal(err)
			}
			if said := strings.Join(m.Notes, "\n"); !strings.Contains(said, "eks-mgmt.yaml: "+c.want+"; did not read Helm release gloo-mesh/gloo-mesh") {
				t.Errorf("said %q, want %q", said, c.want)
			}
		})
	}
}

// TestManyReleasesAreTold reads no more releases of a cluster than the limit, and only the newest revision of each.
func TestManyReleasesAreTold(t *testing.T) {
	x := fixture(t, "chart-1.x")
	for i := range helm.MaxReleases + 1 {
		x.add(mgmt, fmt.Sprintf("kind: Secret\napiVersion: v1\ntype: helm.sh/release.v1\nmetadata: {name: sh.helm.release.v1.r%d.v1, namespace: own, labels: {name: r%d, status: deployed, version: '1'}}\ndata: {release: ''}", i, i))
	}
	m, err := x.find(t, adopt.Answers{})
	if err != nil {
		t.Fatal(err)
	}
	if said := strings.Join(m.Notes, "\n"); !strings.Contains(said, "eks-mgmt: 202 Helm releases; the limit is 200: the rest was not read") || strings.Count(said, "not the base64") != 1 {
		t.Errorf("said %q", said)
	}
}
