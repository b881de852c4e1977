package verify_test

import (
	"strings"
	"testing"

	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// TestTheReportIsATable checks a whole report: findings, the faulty cluster first, aligned columns whatever their contents, and what was
// omitted.
func TestTheReportIsATable(t *testing.T) {
	works := verify.Outcome{Done: true, OK: true, Until: noon.Add(10 * days)}
	r := &verify.Report{
		At: noon, Clusters: []string{"east", "west-of-<b>here</b>", "north"}, LeftOut: []string{"keys: not here"},
		Connections: []verify.Connection{
			{Clusters: []string{"east"}, FirstContact: works, MutualTLS: verify.Outcome{Done: true, OK: true, Until: noon.Add(5 * days)}},
			{Clusters: []string{"west-of-<b>here</b>"}, FirstContact: verify.Outcome{Done: true}, MutualTLS: verify.Outcome{Done: true}},
		},
		Findings: []verify.Finding{
			{Fault: diag.Fault{Code: verify.Expired, Message: "it has expired", Hint: "renew it"}, Severity: verify.Error, Check: verify.Checks[0], Clusters: []string{"west-of-<b>here</b>"}, Object: "s tls.crt"},
			{Fault: diag.Fault{Code: verify.StrayInChain, Message: "nobody needs it"}, Severity: verify.Note, Check: verify.Checks[0], Clusters: []string{"north", "west-of-<b>here</b>"}},
		},
	}
	var b strings.Builder
	if err := r.WriteWide(&b); err != nil {
		t.Fatal(err)
	}
	const want = `error: west-of-<b>here</b>: s tls.crt: it has expired [expired]
  hint: renew it
note: north, west-of-<b>here</b>: nobody needs it [stray-in-chain]

CLUSTER              secrets  trust  chain  names  usage  form  validity  token  first contact  mutual TLS  until
west-of-<b>here</b>  FAIL     ok     ok     ok     ok     ok    ok        ok     FAILS          FAILS       -
north                note     ok     ok     ok     ok     ok    ok        ok     no agent       no agent    -
east                 ok       ok     ok     ok     ok     ok    ok        ok     ok             ok          2026-11-28
left out: keys: not here
3 clusters on 2026-11-23: 1 error, 0 warnings, 1 note; not every agent reaches the relay server
`
	if b.String() != want {
		t.Errorf("\n%s", b.String())
	}
}

// TestAnAgentsCertificateMustBeForClients gives an agent a certificate for servers only: the relay server refuses it, whatever else is
// right.
func TestAnAgentsCertificateMustBeForClients(t *testing.T) {
	m := goodMesh(t)
	withClient(t, m, "east", "signing")
	m.certs["client"].ExtKeyUsage = m.certs["client"].ExtKeyUsage[:1]
	if got := verdictOf(judged(t, m)); got != "error extended-usage: client/tls.crt on east; no mutual TLS: east" {
		t.Error(got)
	}
}
