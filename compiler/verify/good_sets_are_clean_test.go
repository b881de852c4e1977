package verify_test

import (
	"testing"

	"relayform/compiler/pki"
	"relayform/compiler/verify"
)

func judged(t *testing.T, m *mesh) *verify.Report {
	t.Helper()
	r, err := verify.Judge(m.material(t), m.at, pki.GenerateKey)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// goodSets are meshes without faults.
var goodSets = map[string]func(*testing.T, *mesh){
	"two levels": func(*testing.T, *mesh) {},
	"with an intermediate": func(t *testing.T, m *mesh) {
		m.intermediate(t)
	},
	"in the middle of a rotation": func(t *testing.T, m *mesh) {
		next := m.certs["root"].Certificate
		next.Subject.CommonName = "relay root 2"
		m.add("next", "next", next, key(t, "next"))
		m.ca = []string{"root", "next"}
	},
	"RSA": func(t *testing.T, m *mesh) {
		for _, name := range m.order {
			m.certs[name].key = key(t, "rsa2048-"+name)
		}
	},
	"the management cluster runs an agent": func(t *testing.T, m *mesh) {
		m.edit = func(x *verify.Material) { x.Clusters[0].Agent = true }
	},
	"one agent has its certificate": func(t *testing.T, m *mesh) {
		withClient(t, m, "east", "signing")
	},
}

func TestGoodSetsAreClean(t *testing.T) {
	for name, change := range goodSets {
		t.Run(name, func(t *testing.T) {
			m := goodMesh(t)
			change(t, m)
			r := judged(t, m)
			for _, f := range r.Findings {
				t.Errorf("false alarm: %s %s: %s", f.Code, f.Object, f.Message)
			}
			if len(r.Connections) == 0 {
				t.Error("no connection was tried")
			}
			for _, c := range r.Connections {
				if !c.FirstContact.OK || !c.MutualTLS.OK {
					t.Errorf("%v: first contact %v, mutual TLS %v", c.Clusters, c.FirstContact, c.MutualTLS)
				}
			}
		})
	}
}

func TestUntilIsWhenTheFirstCertificateEnds(t *testing.T) {
	m := goodMesh(t)
	r := judged(t, m)
	if want := m.certs["server"].NotAfter; !r.Until().Equal(want) {
		t.Errorf("until %s, want the server certificate's end, %s", r.Until(), want)
	}
	m.edit = func(x *verify.Material) { drop(x, "east", x.Names.Root) }
	if until := judged(t, m).Until(); !until.IsZero() {
		t.Errorf("one agent fails already, and the mesh works until %s", until)
	}
	m.edit = nil
	m.certs["server"].NotAfter, m.certs["signing"].NotAfter = noon.Add(4*year), noon.Add(2*year)
	r = judged(t, m)
	if want := m.certs["signing"].NotAfter; !r.Until().Equal(want) {
		t.Errorf("until %s, want the signing CA's end, %s", r.Until(), want)
	}
	if first := r.Connections[0].FirstContact.Until; !first.Equal(m.certs["server"].NotAfter) {
		t.Errorf("first contact until %s, want the server's end", first)
	}
}
