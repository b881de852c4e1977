package verify_test

import (
	"fmt"
	"strings"
	"testing"

	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// mixed is a report of three clusters, each of which fares in its own way.
func mixed() *verify.Report {
	works := verify.Outcome{Done: true, OK: true, Until: noon.Add(10 * days)}
	return &verify.Report{
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
}

// TestTheReportIsATable checks a whole report: findings, the faulty cluster first, aligned columns whatever their contents, and what was
// omitted.
func TestTheReportIsATable(t *testing.T) {
	r := mixed()
	var b strings.Builder
	if err := r.WriteWide(&b, diag.Screen{}); err != nil {
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

// TestATableThatDoesNotFitIsBlocks shows the same report on screens: a column too narrow for the table, and as wide as it.
func TestATableThatDoesNotFitIsBlocks(t *testing.T) {
	shown := func(r *verify.Report, s diag.Screen) string {
		t.Helper()
		var b strings.Builder
		if err := r.WriteWide(&b, s); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	r := mixed()
	piped := shown(r, diag.Screen{})
	widest := 0
	for line := range strings.Lines(piped) {
		widest = max(widest, diag.Columns(line)-1)
	}
	if table := shown(r, diag.Screen{Width: widest}); table != piped {
		t.Errorf("in %d columns:\n%s", widest, table)
	}
	if blocks := shown(r, diag.Screen{Width: widest - 1}); strings.Contains(blocks, "CLUSTER") {
		t.Errorf("in %d columns:\n%s", widest-1, blocks)
	}
	r.Public = true
	const want = `error: west-of-<b>here</b>: s tls.crt: it has expired [expired]
  hint: renew it
note: north, west-of-<b>here</b>: nobody needs it [stray-in-chain]

✗ west-of-<b>here</b>
    FAIL: secrets
    FAILS: first contact, mutual TLS
    not judged: token
    ok: trust, chain, names, usage, form, validity
· north
    note: secrets
    not judged: token
    no agent: first contact, mutual TLS
    ok: trust, chain, names, usage, form, validity
✓ east
    not judged: token
    ok: secrets, trust, chain, names, usage, form, validity, first contact,
      mutual TLS
    until 2026-11-28

left out: keys: not here
3 clusters on 2026-11-23: 1 error, 0 warnings, 1 note; not every agent reaches
  the relay server
`
	if got := shown(r, diag.Screen{Width: 80}); got != want {
		t.Errorf("\n%s", got)
	}
}

// TestBlocksFitTheScreen has fleets of clusters with long names, and faults of each: whatever is said of them is within 80 columns.
func TestBlocksFitTheScreen(t *testing.T) {
	for _, n := range []int{12, 13, 300} {
		r := mixed()
		r.Clusters = nil
		for i := range n {
			r.Clusters = append(r.Clusters, fmt.Sprintf("production-workload-europe-west-of-the-alps-%04d", i))
		}
		r.Findings[0].Clusters, r.Connections[0].Clusters, r.Connections[1].Clusters = r.Clusters[:n/2], r.Clusters[:n/3], r.Clusters[n/3:]
		r.Findings[1].Message = strings.Repeat("nobody needs it, ", 10)
		var b strings.Builder
		if err := r.WriteWide(&b, diag.Screen{Width: 80, Colour: true}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if line = strings.TrimSuffix(line, "\n"); diag.Columns(line) > 80 {
				t.Errorf("%d clusters: %d columns: %s", n, diag.Columns(line), line)
			}
		}
		if blocks := strings.Count(b.String(), "    ok: "); n <= 12 && blocks != n || n > 12 && blocks != 3 {
			t.Errorf("%d clusters: %d blocks:\n%s", n, blocks, b.String())
		}
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
