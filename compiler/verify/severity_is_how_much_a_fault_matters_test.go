package verify_test

import (
	"fmt"
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// verdictOf formats a report in one line: each finding with its severity, its Secret and key, and its clusters; then the agents that fail,
// at first contact or later.
func verdictOf(r *verify.Report) string {
	n := verify.NamesOf(product.Profiles[0])
	object := strings.NewReplacer(n.Server, "server", n.Signing, "signing", n.Root, "root", n.Token, "token", n.Client, "client", " ", "/")
	var words []string
	for _, f := range r.Findings {
		words = append(words, fmt.Sprintf("%s %s: %s on %s", f.Severity, f.Code, object.Replace(f.Object), strings.Join(f.Clusters, " ")))
	}
	var first, mutual []string
	for _, c := range r.Connections {
		if c.FirstContact.Done && !c.FirstContact.OK {
			first = append(first, c.Clusters...)
		}
		if !c.MutualTLS.OK {
			mutual = append(mutual, c.Clusters...)
		}
	}
	for _, x := range []struct {
		fails string
		of    []string
	}{{"no first contact", first}, {"no mutual TLS", mutual}} {
		if len(x.of) > 0 {
			slices.Sort(x.of)
			words = append(words, x.fails+": "+strings.Join(x.of, " "))
		}
	}
	return strings.Join(words, "; ")
}

// TestSeverityIsHowMuchAFaultMatters seeds each fault and checks its severity, its position, and which connections it breaks. If a fault
// that breaks the mesh is only a warning, `apply` continues; if a note is an error, it stops for nothing.
func TestSeverityIsHowMuchAFaultMatters(t *testing.T) {
	for _, f := range allFaults {
		want, ok := verdicts[f.name]
		if !ok {
			t.Errorf("%s: nobody says how much it matters", f.name)
			continue
		}
		m := goodMesh(t)
		f.change(t, m)
		if got := verdictOf(judged(t, m)); got != want {
			t.Errorf("%s:\n%s\nwant\n%s", f.name, got, want)
		}
	}
}

// TestEdgesOfWhatMatters tests both sides of the limits at which a fault begins, or becomes more severe.
func TestEdgesOfWhatMatters(t *testing.T) {
	on := func(change func(*verify.Material)) func(*testing.T, *mesh) {
		return func(_ *testing.T, m *mesh) { m.edit = change }
	}
	at := func(when time.Time) func(*testing.T, *mesh) { return func(_ *testing.T, m *mesh) { m.at = when } }
	token := func(text string) func(*testing.T, *mesh) { return func(_ *testing.T, m *mesh) { m.token = text } }
	ends := func(role string, after time.Duration) func(*testing.T, *mesh) {
		return func(_ *testing.T, m *mesh) { m.certs[role].NotAfter = noon.Add(after) }
	}
	nextRoot := func(from, until time.Time) func(*testing.T, *mesh) {
		return func(t *testing.T, m *mesh) {
			next := m.certs["root"].Certificate
			next.Subject.CommonName, next.SerialNumber, next.NotBefore, next.NotAfter = "relay root 2", big.NewInt(107), from, until
			m.add("next", "next", next, key(t, "next"))
			m.ca = []string{"root", "next"}
		}
	}
	wildcard := func(authority string) func(*testing.T, *mesh) {
		return func(_ *testing.T, m *mesh) {
			m.certs["server"].DNSNames = []string{"*" + authority[strings.IndexByte(authority, '.'):]}
			m.edit = func(x *verify.Material) { x.Authority = authority }
		}
	}
	const expired = "; no first contact: east west; no mutual TLS: east west"
	for _, c := range []struct {
		name   string
		change func(*testing.T, *mesh)
		want   string
	}{
		{"the root's Secret is missing where the management cluster runs an agent", on(func(x *verify.Material) {
			x.Clusters[0].Agent = true
			drop(x, "mgmt", x.Names.Root)
		}), "error secret-missing: root on mgmt; no first contact: mgmt; no mutual TLS: mgmt"},
		{"a root that nothing stands under has expired", nextRoot(noon.Add(-2*year), noon.Add(-year)), "note expired: root/ca.crt on east mgmt west"},
		{"a root that nothing stands under is not valid yet", nextRoot(noon.Add(days), noon.Add(year)), "note not-yet-valid: root/ca.crt on east mgmt west"},
		{"a wildcard with one label after it", wildcard("relay.internal"), "warning authority-wildcard: server/tls.crt on mgmt"},
		{"a wildcard with two labels after it", wildcard("relay.example.com"), "note authority-wildcard: server/tls.crt on mgmt"},
		{"the server's last second", at(noon.Add(398 * days)), "warning server-ends-soon: server/tls.crt on mgmt"},
		{"a second after it", at(noon.Add(398*days + time.Second)), "error expired: server/tls.crt on mgmt" + expired},
		{"every certificate's first second", at(noon.Add(-hour)), ""},
		{"the server has 30 days left", ends("server", 30*days), ""},
		{"the server has a second less", ends("server", 30*days-time.Second), "warning server-ends-soon: server/tls.crt on mgmt"},
		{"the root has 730 days left", ends("root", 730*days), "warning outlives-issuer: signing/tls.crt on mgmt"},
		{"the root has a second less", ends("root", 730*days-time.Second), "warning outlives-issuer: signing/tls.crt on mgmt; warning root-ends-soon: signing/tls.crt on mgmt"},
		{"the signing CA has 396 days left", ends("signing", 396*days), ""},
		{"the signing CA has a second less", ends("signing", 396*days-time.Second), "warning signing-ends-soon: signing/tls.crt on mgmt"},
		{"the server outlives the root by a day", func(_ *testing.T, m *mesh) {
			m.certs["server"].NotAfter = m.certs["root"].NotAfter.Add(days)
		}, ""},
		{"the server outlives the root by more", func(_ *testing.T, m *mesh) {
			m.certs["server"].NotAfter = m.certs["root"].NotAfter.Add(days + time.Second)
		}, "warning outlives-issuer: server/tls.crt on mgmt"},
		{"a token of 22 characters", token("6f1e0c6bb5f9d2d7a1b8c9"), ""},
		{"a token of 21 characters", token("6f1e0c6bb5f9d2d7a1b8c"), "warning token-weak: token/token on east mgmt west"},
		{"eight different characters", token(strings.Repeat("abcdefgh", 3)), ""},
		{"seven different characters", token(strings.Repeat("abcdefg", 4)), "warning token-weak: token/token on east mgmt west"},
		{"a serial number of 20 octets", func(_ *testing.T, m *mesh) {
			m.certs["server"].SerialNumber = new(big.Int).Lsh(big.NewInt(1), 158)
		}, ""},
		{"the management cluster has no token", on(func(x *verify.Material) { drop(x, "mgmt", x.Names.Token) }),
			"error secret-missing: token on mgmt; no first contact: east west"},
		{"nobody has a token", on(func(x *verify.Material) {
			for _, cluster := range []string{"mgmt", "east", "west"} {
				drop(x, cluster, x.Names.Token)
			}
		}), "error secret-missing: token on east mgmt west; no first contact: east west"},
		{"another token where no agent runs", on(func(x *verify.Material) {
			x.Clusters[1].Agent = false
			secret(x, "east", x.Names.Token).Data["token"] = []byte("0f1e0c6bb5f9d2d7a1b8c94e35d0a7f2")
		}), ""},
		{"another root where no agent runs", on(func(x *verify.Material) {
			x.Clusters[1].Agent = false
			secret(x, "east", x.Names.Root).Data["ca.crt"] = otherRoot(t, "another")
		}), "warning anchors-differ: root/ca.crt on east"},
		{"an intermediate has expired that one chain needs and another does not", func(t *testing.T, m *mesh) {
			m.intermediate(t).NotAfter = noon.Add(-time.Minute)
			m.certs["signing"].issuer = "root"
		}, "error expired: server/tls.crt on mgmt; note stray-in-chain: signing/tls.crt on mgmt" + expired},
		{"the signing CA has no usages, and could serve", func(_ *testing.T, m *mesh) {
			m.certs["signing"].ExtKeyUsage, m.certs["signing"].DNSNames = nil, []string{authority}
		}, "warning signing-serves: signing/tls.crt on mgmt"},
		{"a permitted domain that is the end of a name, and no domain of it", func(_ *testing.T, m *mesh) {
			m.certs["signing"].PermittedDNSDomains = []string{"east", "est"}
		}, "error name-constraints: signing/tls.crt on mgmt; no mutual TLS: west"},
		{"another token, and a short one", on(func(x *verify.Material) {
			secret(x, "east", x.Names.Token).Data["token"] = []byte("short")
		}), "error tokens-differ: token/token on east; no first contact: east"},
		{"the management cluster alone", func(_ *testing.T, m *mesh) { m.remotes = nil }, ""},
		{"a Secret of another name beside them", on(func(x *verify.Material) {
			x.Clusters[1].Secrets = append(x.Clusters[1].Secrets, verify.Secret{Name: "license", Data: map[string][]byte{"key": []byte("x")}})
		}), ""},
	} {
		m := goodMesh(t)
		c.change(t, m)
		if got := verdictOf(judged(t, m)); got != c.want {
			t.Errorf("%s:\n%s\nwant\n%s", c.name, got, c.want)
		}
	}
}

// TestNoPrivateMaterialIsMissedWhereItWasLeftOut verifies only public material: missing keys and tokens are not faults then, nothing is
// tried, and the report says that they were left out.
func TestNoPrivateMaterialIsMissedWhereItWasLeftOut(t *testing.T) {
	m := goodMesh(t)
	m.edit = func(x *verify.Material) {
		x.Public = true
		for i := range x.Clusters {
			drop(x, x.Clusters[i].Name, x.Names.Token)
			for _, s := range x.Clusters[i].Secrets {
				delete(s.Data, "tls.key")
			}
		}
	}
	r := judged(t, m)
	if len(r.Findings) > 0 || !r.Public || len(r.LeftOut) != 1 || !r.Until().IsZero() {
		t.Errorf("found %v, left out %v, until %s", codes(r), r.LeftOut, r.Until())
	}
	for _, c := range r.Connections {
		if c.FirstContact.Done || c.MutualTLS.Done || !c.FirstContact.Until.Equal(m.certs["server"].NotAfter) {
			t.Errorf("%v: %+v", c.Clusters, c)
		}
	}
	m.certs["server"].NotAfter = noon.Add(-time.Minute)
	if got := codes(judged(t, m)); !slices.Contains(got, verify.Expired) {
		t.Errorf("an expired certificate is public, and found is %v", got)
	}
}

// TestOneManagementClusterIsJudged refuses material with no management cluster, or two.
func TestOneManagementClusterIsJudged(t *testing.T) {
	for want, change := range map[string]func(*verify.Material){
		"two management clusters":                  func(x *verify.Material) { x.Clusters[2].Management = true },
		"no management cluster among the clusters": func(x *verify.Material) { x.Clusters[0].Management = false },
		"mgmt and again: two management clusters; want": func(x *verify.Material) {
			again := x.Clusters[0]
			again.Name = "again"
			x.Clusters = append(x.Clusters, again)
		},
	} {
		m := goodMesh(t)
		m.edit = change
		if _, err := verify.Judge(m.material(t), noon, pki.GenerateKey); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}
