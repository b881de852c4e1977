package locktest

import (
	"strings"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

const digest = "0000000000000000000000000000000000000000000000000000000000000000"

// facts are false facts about a certificate.
var facts = []tampering{
	{"subject", "plain", nil, in(0, line("subject", "CN=relay root g1,O=demo")), "certificates[0].subject", "the certificate in pem says"},
	{"issuer", "plain", nil, in(2, line("issuer", "CN=relay root g1,O=demo")), "certificates[2].issuer", "the certificate in pem says"},
	{"serial", "plain", nil, in(1, line("serial", `"1"`)), "certificates[1].serial", "the certificate in pem says"},
	{"sha256", "plain", nil, in(0, line("sha256", `"`+digest+`"`)), "certificates[0].sha256", "the certificate in pem says"},
	{"spki", "plain", nil, in(0, line("spki", `"`+digest+`"`)), "certificates[0].spki", "the certificate in pem says"},
	{"notBefore", "plain", nil, in(0, line("notBefore", `"2020-01-01T00:00:00Z"`)), "certificates[0].notBefore", "the certificate in pem says"},
	{"notAfter", "plain", nil, in(0, line("notAfter", `"2099-01-01T00:00:00Z"`)), "certificates[0].notAfter", "the certificate in pem says"},
	{"algorithm", "plain", nil, in(0, line("algorithm", "RSA 4096")), "certificates[0].algorithm", "the certificate in pem says"},
	{"a fact of what is set aside", "retire", nil, in(3, line("notAfter", `"2099-01-01T00:00:00Z"`)), "rotation.aside[0].notAfter", "the certificate in pem says"},
	{"one name more", "plain", nil, in(2, replace("      - relay\n", "      - relay\n      - evil\n")), "certificates[2].sans", "the certificate in pem has"},
	{"one name less", "plain", nil, in(2, replace("      - relay\n", "")), "certificates[2].sans", "the certificate in pem has"},
	{"names in a different order", "plain", nil, in(2, replace("      - relay\n      - relay.gloo-mesh\n", "      - relay.gloo-mesh\n      - relay\n")), "certificates[2].sans", "the certificate in pem has"},
	{"names of a root", "plain", nil, in(0, replace("    validity:", "    sans: [evil]\n    validity:")), "certificates[0].sans", "the certificate in pem has"},
	{"a root's validity", "plain", nil, in(0, line("validity", "87601h")), "certificates[0].validity", "which is a different validity"},
	{"a server's validity", "plain", nil, in(2, line("validity", "9551h")), "certificates[2].validity", "which is a different validity"},
	{"a longer validity", "plain", func(m *mint, l *lockfile.File) {
		l.Certificates[1] = m.own(topology, pki.Signing, 2, &l.Certificates[0], second)
	}, in(1, line("validity", "26281h")), "certificates[1].validity", "which is a different validity"},
	{"no validity", "plain", nil, in(2, line("validity", "")), "certificates[2].validity", "missing; want hours"},
	{"a validity of an external certificate", "external", nil, in(2, replace("    pem:", "    validity: 9552h\n    pem:")), "certificates[2].validity", "its source is external"},
	{"another intermediate", "external", nil, in(1, replace("    intermediates:\n", "    intermediates:\n      - \""+digest+"\"\n")), "certificates[1].intermediates", "pem has 2 certificates after the first, but this says 3"},
	{"an intermediate's digest", "external", nil, in(1, secondDigest), "certificates[1].intermediates[1]", "the certificate in pem says"},
	{"no intermediate", "external", nil, in(1, noDigests), "certificates[1].intermediates", "pem has 2 certificates after the first, but this says 0"},
	{"intermediates of a root", "plain", nil, in(0, replace("    pem:", "    intermediates: [\""+digest+"\"]\n    pem:")), "certificates[0].intermediates", "pem has 0 certificates after the first, but this says 1"},
	{"the topology's name", "plain", nil, replace("topology: demo", "topology: other"), "topology", `the certificates carry the organisation "demo"`},
}

func digests(text string) (before, list, after string) {
	before, rest, _ := strings.Cut(text, "    intermediates:\n")
	list, after, _ = strings.Cut(rest, "    pem:")
	return before, list, "    pem:" + after
}

func secondDigest(_ *mint, text string) string {
	before, list, after := digests(text)
	lines := strings.SplitAfter(list, "\n")
	return before + "    intermediates:\n" + lines[0] + "      - \"" + digest + "\"\n" + after
}

func noDigests(_ *mint, text string) string {
	before, _, after := digests(text)
	return before + "    intermediates: []\n" + after
}

// times are impossible times of a rotation.
var times = []tampering{
	{"since before the root", "drain", since(began), nil, "rotation.since", "this is before the newest root is valid"},
	{"no such day", "drain", nil, replace(`since: "2027-01-01`, `since: "2027-02-30`), "rotation.since", "no such time"},
	{"no such end", "drain", nil, replace(`drainUntil: "2028-01-01`, `drainUntil: "2028-02-30`), "rotation.drainUntil", "no such time"},
	{"drained before", "drain", until(second), nil, "rotation.drainUntil", "or later: agents' certificates last a year"},
	{"drained long ago", "issue", until(began.AddDate(-9, 0, 0)), nil, "rotation.drainUntil", "or later: agents' certificates last a year"},
	{"retired too early", "retire", until(second.AddDate(0, 6, 0)), nil, "rotation.drainUntil", "or later: agents' certificates last a year"},
	{"no end in issue", "issue", until(time.Time{}), nil, "rotation.drainUntil", "missing; in the phase issue"},
	{"no end in drain", "drain", until(time.Time{}), nil, "rotation.drainUntil", "missing; in the phase drain"},
	{"no end in retire", "retire", until(time.Time{}), nil, "rotation.drainUntil", "missing; in the phase retire"},
	{"back before it began", "distribute again", since(second.AddDate(2, 0, 0)), nil, "rotation.drainUntil", "want a time after since"},
}

func since(t time.Time) func(*mint, *lockfile.File) {
	return func(_ *mint, l *lockfile.File) { l.Rotation.Since = t }
}

func until(t time.Time) func(*mint, *lockfile.File) {
	return func(_ *mint, l *lockfile.File) { l.Rotation.DrainUntil = t }
}
