package verify_test

import (
	"math/big"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

var allFaults = slices.Concat(secretFaults, trustFaults, certificateFaults, oddFaults, placeFaults, givenFaults, issuedFaults)

// otherRoot returns the root of a different mesh, as PEM.
func otherRoot(t *testing.T, name string) []byte {
	m := goodMesh(t)
	m.certs["root"].Subject.CommonName = name
	m.certs["root"].key = key(t, "other")
	m.certs["root"].SerialNumber = big.NewInt(900)
	return m.pem(t)["root"]
}

// withClient gives a cluster's agent the certificate that it would have received.
func withClient(t *testing.T, m *mesh, cluster, issuer string) {
	c := m.certs["server"].Certificate
	c.SerialNumber, c.Subject.CommonName, c.DNSNames = big.NewInt(106), "agent", []string{cluster}
	m.add("client", issuer, c, key(t, "client"))
	m.tls["client"] = append([]string{"client"}, m.tls[issuer]...)
	m.edit = func(x *verify.Material) {
		var text []byte
		for _, name := range m.tls["client"] {
			text = append(text, pki.MarshalCertificates(m.made[name])...)
		}
		k, err := pki.MarshalKey(m.certs["client"].key)
		if err != nil {
			t.Fatal(err)
		}
		for i := range x.Clusters {
			if x.Clusters[i].Name == cluster {
				x.Clusters[i].Secrets = append(x.Clusters[i].Secrets, verify.Secret{
					Name: x.Names.Client, At: cluster + ".yaml",
					Data: map[string][]byte{"tls.crt": text, "tls.key": k, "ca.crt": x.Clusters[0].Secrets[0].Data["ca.crt"]},
				})
			}
		}
	}
}

func codes(r *verify.Report) []diag.Code {
	var all []diag.Code
	for _, f := range r.Findings {
		all = append(all, f.Code)
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func TestEachFaultIsFound(t *testing.T) {
	if len(allFaults) < 60 {
		t.Fatalf("%d faults; want 60 at least", len(allFaults))
	}
	for _, f := range allFaults {
		t.Run(f.name, func(t *testing.T) {
			m := goodMesh(t)
			f.change(t, m)
			r := judged(t, m)
			want := slices.Sorted(slices.Values(f.want))
			if got := codes(r); !slices.Equal(got, want) {
				t.Errorf("found %v, want %v", got, want)
				for _, x := range r.Findings {
					t.Logf("%s %s %v %s: %s", x.Severity, x.Code, x.Clusters, x.Object, x.Message)
				}
			}
			failures := 0
			for _, c := range r.Connections {
				for _, o := range []verify.Outcome{c.FirstContact, c.MutualTLS} {
					if o.OK || !o.Done && given[f.name] { // without first contact
						continue
					}
					failures++
					if len(o.Causes) == 0 {
						t.Errorf("a handshake of %v fails, and nothing says why", c.Clusters)
					}
				}
			}
			t.Logf("%d findings, %d handshakes fail", len(r.Findings), failures)
		})
	}
}

// TestNoFindingSaysUnknownAuthority checks the messages: no library error without a cause.
func TestNoFindingSaysUnknownAuthority(t *testing.T) {
	for _, f := range allFaults {
		m := goodMesh(t)
		f.change(t, m)
		for _, x := range judged(t, m).Findings {
			if strings.Contains(x.Message, "unknown authority") || strings.Contains(x.Message, "x509:") {
				t.Errorf("%s: %s", f.name, x.Message)
			}
			if x.Message == "" || x.Object == "" || len(x.Clusters) == 0 {
				t.Errorf("%s: the finding says too little: %+v", f.name, x)
			}
		}
	}
}

func TestEachCodeIsExplainedAndSeeded(t *testing.T) {
	seeded := map[diag.Code]bool{}
	for _, elsewhere := range []diag.Code{
		verify.HandshakeFailed, verify.BigKey, // no seed: one has no known cause, the other takes a minute to generate
		verify.DriftDifferent, verify.DriftOlder, verify.DriftBytes, verify.ReleaseDiffers, verify.ChartGeneration, verify.ForeignTrust, verify.AgentCutOff, verify.PhaseNotHeld, verify.OwnedElsewhere, verify.DialNoTLS, verify.DialForeign, verify.DialOther, verify.DialNoHTTP2,
	} {
		seeded[elsewhere] = true
	}
	for _, f := range allFaults {
		for _, c := range f.want {
			seeded[c] = true
		}
	}
	seen := map[diag.Code]bool{}
	for _, e := range verify.Explanations() {
		if seen[e.Code] {
			t.Errorf("%s is explained twice", e.Code)
		}
		seen[e.Code] = true
		if e.Title == "" || e.Text == "" || !slices.Contains(append(verify.Checks, verify.Drift, verify.Change), verify.Check(e.Group)) {
			t.Errorf("%s is not explained", e.Code)
		}
		if !seeded[e.Code] {
			t.Errorf("%s: no fault gives it", e.Code)
		}
	}
	for c := range seeded {
		if !seen[c] {
			t.Errorf("%s is not explained", c)
		}
	}
}

// TestFailuresAreOfTheClustersThatHaveThem checks faults that only some agents have.
func TestFailuresAreOfTheClustersThatHaveThem(t *testing.T) {
	for name, want := range map[string]struct {
		fails string
		code  diag.Code
	}{
		"the signing CA excludes one cluster":               {"west", verify.NameConstraints},
		"an agent's certificate names another cluster":      {"east", verify.ClientName},
		"an agent's certificate has expired":                {"east", verify.Expired},
		"a remote has an older root of the same name":       {"east", verify.AnchorsDiffer},
		"a remote has another token":                        {"west", verify.TokensDiffer},
		"an authority of one remote is not among the names": {"east", verify.AuthorityUncovered},
		"the root's Secret is missing on a remote":          {"east", verify.SecretMissing},
	} {
		t.Run(name, func(t *testing.T) {
			i := slices.IndexFunc(allFaults, func(f fault) bool { return f.name == name })
			if i < 0 {
				t.Fatal("no such fault")
			}
			m := goodMesh(t)
			allFaults[i].change(t, m)
			r := judged(t, m)
			if len(r.Connections) != 2 {
				t.Fatalf("%d kinds of agents, want 2", len(r.Connections))
			}
			for _, c := range r.Connections {
				ok := c.FirstContact.OK && c.MutualTLS.OK
				if ok == slices.Contains(c.Clusters, want.fails) {
					t.Errorf("%v: first contact %+v, mutual TLS %+v", c.Clusters, c.FirstContact, c.MutualTLS)
				}
				if !ok && !slices.Contains(slices.Concat(c.FirstContact.Causes, c.MutualTLS.Causes), want.code) {
					t.Errorf("%v: the causes are %v and %v, want %s", c.Clusters, c.FirstContact.Causes, c.MutualTLS.Causes, want.code)
				}
			}
		})
	}
}

// TestCausesAreWhatBreaks checks the causes of failed handshakes in meshes with several faults: each is an error that breaks this
// handshake. A shared or exposed key breaks none, nor does a warning.
func TestCausesAreWhatBreaks(t *testing.T) {
	expired := func(role string) func(*testing.T, *mesh) {
		return func(_ *testing.T, m *mesh) { m.certs[role].NotAfter = noon.Add(-time.Minute) }
	}
	named := func(name string) func(*testing.T, *mesh) {
		i := slices.IndexFunc(allFaults, func(f fault) bool { return f.name == name })
		return allFaults[i].change
	}
	for _, c := range []struct {
		name          string
		faults        []func(*testing.T, *mesh)
		first, mutual string // causes, for the cluster east
	}{
		{"a shared key", []func(*testing.T, *mesh){named("server and signing CA share a key"), expired("server")}, "expired", "expired"},
		{"an exposed key", []func(*testing.T, *mesh){named("the root's key lies on a remote"), expired("signing")}, "", "expired"},
		{"a warning", []func(*testing.T, *mesh){named("a remote trusts one root more"), named("a wildcard covers the authority"), expired("signing")}, "", "expired"},
		{"no token on the management cluster", []func(*testing.T, *mesh){func(_ *testing.T, m *mesh) {
			m.edit = func(x *verify.Material) { drop(x, "mgmt", x.Names.Token) }
		}}, "secret-missing", ""},
		{"the token of another cluster", []func(*testing.T, *mesh){named("a remote has another token"), expired("server")}, "expired", "expired"},
		{"the signing CA, at first contact", []func(*testing.T, *mesh){expired("signing"), func(_ *testing.T, m *mesh) { m.certs["server"].NotBefore = noon.Add(time.Minute) }}, "not-yet-valid", "expired not-yet-valid"},
	} {
		m := goodMesh(t)
		for _, change := range c.faults {
			change(t, m)
		}
		for _, x := range judged(t, m).Connections {
			if !slices.Contains(x.Clusters, "east") {
				continue
			}
			words := func(codes []diag.Code) string {
				codes = slices.Sorted(slices.Values(codes))
				var all []string
				for _, code := range codes {
					all = append(all, string(code))
				}
				return strings.Join(all, " ")
			}
			if first, mutual := words(x.FirstContact.Causes), words(x.MutualTLS.Causes); first != c.first || mutual != c.mutual {
				t.Errorf("%s: first contact fails for %q, mutual TLS for %q; want %q and %q", c.name, first, mutual, c.first, c.mutual)
			}
		}
	}
}
