package verify_test

import (
	"fmt"
	"strings"
	"testing"

	"relayform/compiler/verify"
)

// TestAnIntermediateMayBeTheAnchor has only the intermediate CA in every bundle: Go accepts any certificate in a pool as an anchor, so
// agents connect, and the report says so. It warns that it is not a root.
func TestAnIntermediateMayBeTheAnchor(t *testing.T) {
	m := goodMesh(t)
	m.intermediate(t)
	m.ca = []string{"intermediate"}
	r := judged(t, m)
	if len(r.Connections) == 0 {
		t.Fatal("no connection was tried")
	}
	for _, c := range r.Connections {
		if !c.FirstContact.OK || !c.MutualTLS.OK {
			t.Errorf("%v: first contact %+v, mutual TLS %+v", c.Clusters, c.FirstContact, c.MutualTLS)
		}
	}
	var found []string
	for _, f := range r.Findings {
		found = append(found, fmt.Sprint(f.Code, " ", f.Severity))
	}
	if !strings.Contains(strings.Join(found, "\n"), "intermediate-in-ca warning") {
		t.Errorf("found %q", found)
	}
	for _, f := range found {
		if strings.HasSuffix(f, " error") {
			t.Errorf("an error, though all connect: %s", f)
		}
	}
}

// TestClustersThatTrustDifferentlyAreTold has one cluster trust the root, and the others only the intermediate: all connect, but with
// different trust.
func TestClustersThatTrustDifferentlyAreTold(t *testing.T) {
	m := goodMesh(t)
	m.intermediate(t)
	m.ca = []string{"intermediate"}
	m.edit = func(x *verify.Material) {
		secret(x, "east", x.Names.Root).Data["ca.crt"] = m.text["root"]
	}
	for _, f := range judged(t, m).Findings {
		if f.Code == verify.AnchorsDiffer && f.Severity == verify.Warning && strings.Contains(f.Message, "the roots here are ") {
			return
		}
	}
	t.Error("nothing tells that the clusters trust differently")
}
