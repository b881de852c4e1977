package verify_test

import (
	"crypto/x509/pkix"
	"math/big"
	"strings"
	"testing"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// crossed certifies a certificate's key again, by a different issuer.
func (m *mesh) crossed(name, of, issuer string, serial int64) *spec {
	c := m.certs[of].Certificate
	c.SerialNumber, c.AuthorityKeyId = big.NewInt(serial), nil
	s := &spec{Certificate: c, key: m.certs[of].key, issuer: issuer}
	m.certs[name] = s
	return s
}

// TestThePathThatVerifiesIsJudged gives verifiers more than one path: a fault on a path that is not used does not matter.
func TestThePathThatVerifiesIsJudged(t *testing.T) {
	// next adds a second root, which issues all certificates; the remote east still uses the first.
	next := func(t *testing.T, m *mesh) {
		c := m.certs["root"].Certificate
		c.SerialNumber, c.Subject.CommonName = big.NewInt(201), "relay root 2"
		m.certs["next"] = &spec{Certificate: c, key: key(t, "next"), issuer: "next"}
		m.certs["root"].MaxPathLen = 2
		m.certs["server"].issuer, m.certs["signing"].issuer = "next", "next"
		m.crossed("cross", "next", "root", 202).MaxPathLen = 1
		m.order = []string{"root", "next", "cross", "signing", "server"}
		m.tls = map[string][]string{"server": {"server", "cross"}, "signing": {"signing", "cross"}}
		m.ca = []string{"next", "root"}
		m.edit = func(x *verify.Material) { secret(x, "east", x.Names.Root).Data["ca.crt"] = m.text["root"] }
	}
	twice := func(change func(*spec)) func(t *testing.T, m *mesh) {
		return func(t *testing.T, m *mesh) {
			m.intermediate(t)
			change(m.crossed("namesake", "intermediate", "root", 203))
			m.order = []string{"root", "namesake", "intermediate", "signing", "server"}
			m.tls = map[string][]string{"server": {"server", "namesake", "intermediate"}, "signing": {"signing", "namesake", "intermediate"}}
		}
	}
	for _, c := range []struct {
		name   string
		change func(*testing.T, *mesh)
		want   string
	}{
		{"two intermediates of one name, the first expired", twice(func(s *spec) { s.NotAfter = noon.Add(-hour / 2) }),
			"note stray-in-chain: server/tls.crt on mgmt; note stray-in-chain: signing/tls.crt on mgmt; note expired: server/tls.crt on mgmt"},
		{"two intermediates of one name, the first for other usages", twice(func(s *spec) { s.UnknownExtKeyUsage = append(s.UnknownExtKeyUsage, []int{1, 2, 3}) }),
			"note stray-in-chain: server/tls.crt on mgmt; note stray-in-chain: signing/tls.crt on mgmt"},
		{"two intermediates of one name, the first with a weak key", func(t *testing.T, m *mesh) {
			twice(func(*spec) {})(t, m)
			m.certs["namesake"].key = key(t, "rsa1024-namesake")
		}, "note stray-in-chain: server/tls.crt on mgmt; note stray-in-chain: signing/tls.crt on mgmt; note weak-key: server/tls.crt on mgmt"},
		{"both expired", func(t *testing.T, m *mesh) {
			twice(func(s *spec) { s.NotAfter = noon.Add(-hour / 2) })(t, m)
			m.certs["intermediate"].NotAfter = noon.Add(-hour / 2)
		}, "error expired: server/tls.crt on mgmt; note stray-in-chain: server/tls.crt on mgmt; note stray-in-chain: signing/tls.crt on mgmt; note expired: server/tls.crt on mgmt; no first contact: east west; no mutual TLS: east west"},
		{"cross-signed roots, and one remote on the old one", next, "warning anchors-differ: root/ca.crt on east"},
		{"the cross-signed certificate is missing", func(t *testing.T, m *mesh) {
			next(t, m)
			m.tls["server"] = []string{"server"}
		}, "error anchors-differ: root/ca.crt on east; note stray-in-chain: signing/tls.crt on mgmt; no first contact: east; no mutual TLS: east"},
		{"the cross-signed certificate has expired", func(t *testing.T, m *mesh) {
			next(t, m)
			m.certs["cross"].NotAfter = noon.Add(-hour / 2)
		}, "error expired: server/tls.crt on mgmt; warning anchors-differ: root/ca.crt on east; no first contact: east; no mutual TLS: east"},
		{"a root reissued with its key, and one remote with the first", func(t *testing.T, m *mesh) {
			m.crossed("again", "root", "again", 204)
			m.order = []string{"again", "root", "signing", "server"}
			m.ca = []string{"again"}
			m.edit = func(x *verify.Material) { secret(x, "east", x.Names.Root).Data["ca.crt"] = m.text["root"] }
		}, "warning anchors-differ: root/ca.crt on east"},
		{"an intermediate is trusted, and no root", func(t *testing.T, m *mesh) {
			m.intermediate(t)
			m.ca = []string{"intermediate"}
		}, "warning intermediate-in-ca: root/ca.crt on east mgmt west; warning intermediate-in-ca: server/ca.crt on mgmt; warning intermediate-in-ca: signing/ca.crt on mgmt; note stray-in-chain: server/tls.crt on mgmt; note stray-in-chain: signing/tls.crt on mgmt"},
		{"a weak certificate that nothing needs", func(t *testing.T, m *mesh) {
			c := m.certs["root"].Certificate
			c.SerialNumber, c.Subject = big.NewInt(205), pkix.Name{CommonName: "old"}
			m.add("old", "old", c, key(t, "rsa1024-old"))
			m.ca = []string{"root", "old"}
		}, "note weak-key: root/ca.crt on east mgmt west"},
	} {
		t.Run(c.name, func(t *testing.T) {
			m := goodMesh(t)
			c.change(t, m)
			if got := verdictOf(judged(t, m)); got != c.want {
				t.Errorf("\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// TestAnAgentUnderACAThatIsGoneIsTold keeps an agent's certificate from before the CAs were reissued: the agent gets a new one once its
// Secret is deleted.
func TestAnAgentUnderACAThatIsGoneIsTold(t *testing.T) {
	m, old := goodMesh(t), goodMesh(t)
	withClient(t, old, "east", "signing")
	for _, name := range []string{"root", "signing"} {
		old.certs[name].key = key(t, "gone-"+name)
	}
	client := secret(ref(old.material(t)), "east", old.names().Client)
	m.edit = func(x *verify.Material) { x.Clusters[1].Secrets = append(x.Clusters[1].Secrets, *client) }
	for _, f := range judged(t, m).Findings {
		if f.Severity == verify.Error && f.Code == verify.IssuerReplaced && strings.HasPrefix(f.Hint, "delete the Secret, and the agent gets") {
			return
		}
	}
	t.Errorf("nothing says to delete the Secret: %+v", judged(t, m).Findings)
}

func ref(m verify.Material) *verify.Material { return &m }

func (m *mesh) names() verify.SecretNames { return verify.NamesOf(product.Profiles[0]) }

// TestTheSigningChainIsJudgedWithoutKeys omits keys and tokens: what the signing CA signs is refused, which can be determined without keys.
func TestTheSigningChainIsJudgedWithoutKeys(t *testing.T) {
	for _, f := range oddFaults {
		m := goodMesh(t)
		f.change(t, m)
		x := m.material(t)
		with, err := verify.Judge(x, m.at, pki.GenerateKey)
		if err != nil {
			t.Fatal(err)
		}
		x.Public = true
		for i := range x.Clusters {
			for _, s := range x.Clusters[i].Secrets {
				delete(s.Data, "tls.key")
			}
		}
		without, err := verify.Judge(x, m.at, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got, want := without.Count(verify.Error), with.Count(verify.Error); got != want {
			t.Errorf("%s: %d errors without keys, %d with them", f.name, got, want)
		}
		for i, c := range without.Connections {
			if fails := c.MutualTLS.Done && !c.MutualTLS.OK; fails != !with.Connections[i].MutualTLS.OK {
				t.Errorf("%s: mutual TLS %+v without keys, %+v with them", f.name, c.MutualTLS, with.Connections[i].MutualTLS)
			}
		}
	}
}
