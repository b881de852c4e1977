package verify_test

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"

	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// faultyFleet returns a report on many agents of which two cannot reach the relay server, for the same reason.
func faultyFleet() *verify.Report {
	works := verify.Outcome{Done: true, OK: true, Until: noon.Add(400 * days)}
	fails := verify.Outcome{Done: true, Causes: []diag.Code{verify.AnchorsDiffer}}
	r := &verify.Report{At: noon, Clusters: []string{"mgmt"}, LeftOut: []string{"keys: not here"}}
	for i := range 13 {
		c := fmt.Sprintf("edge-%02d", i+1)
		r.Clusters = append(r.Clusters, c)
		reach := works
		if i < 2 {
			reach = fails
		}
		r.Connections = append(r.Connections, verify.Connection{Clusters: []string{c}, FirstContact: reach, MutualTLS: reach})
	}
	r.Findings = []verify.Finding{
		{
			Fault:    diag.Fault{Code: verify.AnchorsDiffer, Message: "it holds CN=relay root g1 and not CN=relay root g2, which the relay server's certificate stands under", Hint: "apply the overlay of this cluster, then restart its agent"},
			Severity: verify.Error, Check: verify.Trust, Clusters: []string{"edge-01", "edge-02"}, Object: "relay-root-tls-secret ca.crt",
		},
		{Fault: diag.Fault{Code: verify.StrayInChain, Message: "nobody\nneeds \x1b[2Jit"}, Severity: verify.Note, Check: verify.Chains, Clusters: []string{"mgmt"}},
	}
	return r
}

// TestTheReportTellsACauseOnce checks the screen for a faulty fleet: what works in one line, the fault once with its clusters, its cause
// and what to do, and nothing that a terminal would interpret.
func TestTheReportTellsACauseOnce(t *testing.T) {
	for width, want := range map[int]string{
		80: `✓ 14 clusters: secrets, names, usage, form, validity, token
✓ 11 agents: first contact, mutual TLS, until 2027-12-28
✗ trust: 2 of 14 clusters
    error: edge-01, edge-02: relay-root-tls-secret ca.crt: it holds CN=relay
    root g1 and not CN=relay root g2, which the relay server's certificate
    stands under [anchors-differ]
    → apply the overlay of this cluster, then restart its agent
· chain: 1 of 14 clusters
    note: mgmt: nobody\nneeds \x1b[2Jit [stray-in-chain]
✗ 2 agents (edge-01, edge-02): no first contact, no mutual TLS, because of
  anchors-differ
· left out: keys: not here

14 clusters on 2026-11-23: 1 error, 0 warnings, 1 note; not every agent reaches
the relay server
`,
		0: `✓ 14 clusters: secrets, names, usage, form, validity, token
✓ 11 agents: first contact, mutual TLS, until 2027-12-28
✗ trust: 2 of 14 clusters
    error: edge-01, edge-02: relay-root-tls-secret ca.crt: it holds CN=relay root g1 and not CN=relay root g2, which the relay server's certificate stands under [anchors-differ]
    → apply the overlay of this cluster, then restart its agent
· chain: 1 of 14 clusters
    note: mgmt: nobody\nneeds \x1b[2Jit [stray-in-chain]
✗ 2 agents (edge-01, edge-02): no first contact, no mutual TLS, because of anchors-differ
· left out: keys: not here

14 clusters on 2026-11-23: 1 error, 0 warnings, 1 note; not every agent reaches the relay server
`,
	} {
		var b strings.Builder
		if err := faultyFleet().WriteText(&b, diag.Screen{Width: width}); err != nil {
			t.Fatal(err)
		}
		if b.String() != want {
			t.Errorf("at %d columns:\n%s", width, b.String())
		}
	}
}

// TestScreensKeepTheirWidth writes the same report at many widths: no line is too long, and no word is lost.
func TestScreensKeepTheirWidth(t *testing.T) {
	words := func(width int) string {
		var b strings.Builder
		if err := faultyFleet().WriteText(&b, diag.Screen{Width: width}); err != nil {
			t.Fatal(err)
		}
		for _, line := range strings.Split(b.String(), "\n") {
			if width > 0 && utf8.RuneCountInString(line) > width {
				t.Errorf("wider than %d: %s", width, line)
			}
		}
		return strings.Join(strings.Fields(b.String()), " ")
	}
	plain := words(0)
	for _, width := range []int{40, 60, 80, 100, 120, 200} {
		if words(width) != plain {
			t.Errorf("at %d columns other words are told", width)
		}
	}
}

// TestMarksHaveColoursOnTerminalsAlone shows the same text with and without colours.
func TestMarksHaveColoursOnTerminalsAlone(t *testing.T) {
	var plain, coloured strings.Builder
	_, _ = faultyFleet().WriteText(&plain, diag.Screen{}), faultyFleet().WriteText(&coloured, diag.Screen{Colour: true})
	stripped := strings.NewReplacer("\x1b[32m", "", "\x1b[31m", "", "\x1b[33m", "", "\x1b[36m", "", "\x1b[0m", "").Replace(coloured.String())
	if plain.String() != stripped || plain.String() == coloured.String() || strings.ContainsRune(plain.String(), '\x1b') {
		t.Errorf("plain:\n%s\ncoloured:\n%q", plain.String(), coloured.String())
	}
}

// TestOneHintForFindingsThatWantTheSame writes findings on several objects: each has its line, and what they have in common to do is told once.
func TestOneHintForFindingsThatWantTheSame(t *testing.T) {
	missing := func(severity verify.Severity, object, hint string, clusters ...string) verify.Finding {
		return verify.Finding{
			Fault:    diag.Fault{Code: verify.SecretMissing, Message: "it is missing", Hint: hint},
			Severity: severity, Check: verify.Secrets, Clusters: clusters, Object: object,
		}
	}
	r := faultyFleet()
	r.Connections, r.LeftOut = nil, nil
	r.Findings = []verify.Finding{
		missing(verify.Error, "a", "apply", "edge-01", "edge-02"), missing(verify.Error, "b", "apply", "mgmt"), missing(verify.Error, "c", "wait", "mgmt"),
		missing(verify.Error, "d", "", "mgmt"), missing(verify.Warning, "e", "apply", "mgmt"),
	}
	want := `
✗ secrets: 3 of 14 clusters
    error: edge-01, edge-02: a: it is missing [secret-missing]
    error: mgmt: b: it is missing [secret-missing]
    → apply
    error: mgmt: c: it is missing [secret-missing]
    → wait
    error: mgmt: d: it is missing [secret-missing]
    warning: mgmt: e: it is missing [secret-missing]
    → apply
`
	var b strings.Builder
	if err := r.WriteText(&b, diag.Screen{Width: 80}); err != nil || !strings.Contains(b.String(), want) {
		t.Errorf("%v:\n%s\nwant in it:%s", err, b.String(), want)
	}
}
