package verify_test

import (
	"errors"
	"strings"
	"testing"

	"relayform/compiler/verify"
)

// TestNoTLSIsToldWithWhatToDo dials something that does not answer with TLS: the message must point to the ingress.
func TestNoTLSIsToldWithWhatToDo(t *testing.T) {
	d := &verify.Dialled{Address: "relay.example:443", Name: authority}
	r := &verify.Report{}
	r.Saw(d, errors.New("it answers, but not with TLS"), "mgmt", nil, nil)
	if len(r.Findings) != 1 || r.Dialled != d {
		t.Fatalf("%+v", r)
	}
	f := r.Findings[0]
	if f.Code != verify.DialNoTLS || f.Severity != verify.Error || f.Object != d.Address || strings.Join(f.Clusters, " ") != "mgmt" ||
		f.Message != "asked for "+authority+": it answers, but not with TLS" || !strings.HasPrefix(f.Hint, "check the ingress") || f.Check == "" {
		t.Errorf("%+v", f)
	}
}
