package verify

import (
	"encoding/xml"
	"fmt"
	"io"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"relayform/compiler/document"
	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// WriteJSON writes the report for programs.
func (r *Report) WriteJSON(w io.Writer) error { return document.WriteJSON(w, r) }

// WriteSARIF writes the findings as SARIF 2.1.0. The version is the program's.
func (r *Report) WriteSARIF(w io.Writer, version string) error {
	results := make([]diag.Result, len(r.Findings))
	for i, f := range r.Findings {
		f.Message = InWords(f.Clusters) + ": " + f.Message
		results[i] = diag.Result{Fault: f.Fault, Level: string(f.Severity), Pos: diag.Pos{File: f.File}} // SARIF uses the same terms
		for _, c := range f.Clusters {
			results[i].Objects = append(results[i].Objects, c+"/"+f.Object)
		}
	}
	return diag.WriteSARIF(w, version, Explanations(), results)
}

type (
	junitFailure struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr"`
		Text    string `xml:",chardata"`
	}
	junitCase struct {
		Name    string        `xml:"name,attr"`
		Class   string        `xml:"classname,attr"`
		Failure *junitFailure `xml:"failure,omitempty"`
		Error   *junitFailure `xml:"error,omitempty"`
		Skipped *struct{}     `xml:"skipped,omitempty"`
		Out     string        `xml:"system-out,omitempty"`
	}
	junitSuite struct {
		XMLName  xml.Name    `xml:"testsuite"`
		Name     string      `xml:"name,attr"`
		Tests    int         `xml:"tests,attr"`
		Failures int         `xml:"failures,attr"`
		Errors   int         `xml:"errors,attr"`
		Skipped  int         `xml:"skipped,attr"`
		Cases    []junitCase `xml:"testcase"`
	}
)

// WriteJUnit writes a test case for each check of each cluster, and for its connection: errors are failures; warnings and notes are the
// output of a case.
func (r *Report) WriteJUnit(w io.Writer) error {
	s := junitSuite{Name: "relayform verify"}
	byCluster := map[string][]Finding{}
	for _, f := range r.Findings {
		for _, c := range f.Clusters {
			byCluster[c] = append(byCluster[c], f)
		}
	}
	tried := map[string]bool{}
	for _, c := range r.Connections {
		for _, name := range c.Clusters {
			tried[name] = c.MutualTLS.Done
		}
	}
	for _, cluster := range r.Clusters {
		for _, check := range append(r.checks(), TLS) {
			c := junitCase{Name: string(check), Class: cluster}
			for _, f := range byCluster[cluster] {
				line := fmt.Sprintf("%s: %s: %s [%s]\n", f.Severity, f.Object, f.Message, f.Code)
				switch {
				case f.Check != check:
				case f.Severity != Error:
					c.Out += line
				case c.Failure == nil:
					c.Failure = &junitFailure{f.Message, string(f.Code), line}
				default:
					c.Failure.Text += line
				}
			}
			if check == TLS && !tried[cluster] && c.Failure == nil {
				c.Skipped = &struct{}{}
				s.Skipped++
			}
			r.connectionCase(&c, cluster)
			if c.Failure != nil {
				s.Failures++
			}
			s.Cases = append(s.Cases, c)
		}
	}
	return s.write(w)
}

// WriteJUnitFaults writes a test case with an error for each fault that kept verify from a verdict.
func WriteJUnitFaults(faults diag.List, w io.Writer) error {
	s := junitSuite{Name: "relayform verify", Errors: len(faults)}
	for _, d := range faults {
		text := secrecy.Mask(d.Error())
		s.Cases = append(s.Cases, junitCase{Name: string(d.Code), Class: d.File, Error: &junitFailure{secrecy.Mask(d.Message), string(d.Code), text + "\n"}})
	}
	return s.write(w)
}

func (s junitSuite) write(w io.Writer) error {
	s.Tests = len(s.Cases)
	text, err := xml.MarshalIndent(s, "", "  ")
	if err != nil {
		return err
	}
	_, err = io.WriteString(w, xml.Header+printableXML(string(text))+"\n")
	return err
}

// printableXML replaces everything in an XML text that a terminal would interpret or hide with an equivalent character reference (XML 1.0,
// 4.1).
func printableXML(text string) string {
	var b strings.Builder
	for _, r := range text {
		if r == '\n' || r == utf8.RuneError || unicode.IsPrint(r) {
			b.WriteRune(r)
			continue
		}
		fmt.Fprintf(&b, "&#x%x;", r)
	}
	return b.String()
}

// connectionCase fails a cluster's TLS case if a handshake fails.
func (r *Report) connectionCase(c *junitCase, cluster string) {
	if c.Name != string(TLS) || c.Failure != nil {
		return
	}
	for _, x := range r.Connections {
		if !slices.Contains(x.Clusters, cluster) {
			continue
		}
		for _, o := range []struct {
			name string
			Outcome
		}{{"first contact", x.FirstContact}, {"mutual TLS", x.MutualTLS}, {"telemetry", x.Telemetry}} {
			if o.Done && !o.OK {
				c.Failure = &junitFailure{o.name + " fails", "connection", fmt.Sprintf("because of %v\n", o.Causes)}
				return
			}
		}
	}
}
