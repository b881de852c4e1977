package verify

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"relayform/schema/diag"
	"strings"
	"testing"
	"unicode"
)

// TestNothingInAReportActsUponATerminal puts characters that a terminal would interpret or hide wherever a cluster or a certificate may
// contain them. Programs read them back unchanged.
func TestNothingInAReportActsUponATerminal(t *testing.T) {
	const hostile = "\x1b[2Ja\u009b31m\u202eb\r\x07\u200b\U000e0041"
	r := &Report{
		Clusters: []string{"a"}, LeftOut: []string{hostile},
		Findings: []Finding{{Fault: *Expired.Fault(hostile, hostile), Check: Validity, Severity: Error, Clusters: []string{"a"}, Object: hostile}},
	}
	for format, write := range map[string]func(io.Writer) error{
		"text": func(w io.Writer) error { return r.WriteText(w, diag.Screen{}) }, "narrow": func(w io.Writer) error { return r.WriteText(w, diag.Screen{Width: 30}) },
		"wide": func(w io.Writer) error { return r.WriteWide(w, diag.Screen{}) }, "wide blocks": func(w io.Writer) error { return r.WriteWide(w, diag.Screen{Width: 80}) }, "json": r.WriteJSON, "sarif": func(w io.Writer) error { return r.WriteSARIF(w, "v1") }, "junit": r.WriteJUnit,
	} {
		var b bytes.Buffer
		if err := write(&b); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(b.String()) {
			if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return r != unicode.ReplacementChar && !unicode.IsPrint(r) }) {
				t.Errorf("%s: %q", format, line)
			}
		}
		var back Report
		switch {
		case format == "json":
			if err := json.Unmarshal(b.Bytes(), &back); err != nil || back.Findings[0].Message != hostile {
				t.Errorf("%s: %v, %q", format, err, back.Findings[0].Message)
			}
		case format == "junit" && xml.Unmarshal(b.Bytes(), new(junitSuite)) != nil:
			t.Errorf("no XML: %s", b.String())
		}
	}
}
