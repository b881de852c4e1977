package verify_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/xml"
	"net"
	"strings"
	"testing"
	"time"

	"relayform/compiler/verify"
)

// TestWhoeverAnswersIsJudged dials a relay server, and other servers in its place. What agents would refuse is an error; a certificate of
// this mesh that is not the lockfile's yet, or a missing h2, is a warning.
func TestWhoeverAnswersIsJudged(t *testing.T) {
	type answer struct {
		present []string // certificates of the serving mesh, leaf first
		h2      bool
		asks    bool
	}
	whole := answer{[]string{"server", "intermediate"}, true, true}
	later := func(m *mesh) { m.at = m.certs["server"].NotAfter.Add(time.Second) }
	for _, c := range []struct {
		name        string
		change      func(*mesh) // changes the serving mesh
		answer      answer
		lockfiles   bool // the certificate is in the lockfile
		want        string
		passthrough bool
	}{
		{"the relay server", nil, whole, true, "", true},
		{"its intermediate is missing", nil, answer{[]string{"server"}, true, true}, true, "error chain-incomplete: 203.0.113.7:443 on mgmt", true},
		{"without h2", nil, answer{[]string{"server", "intermediate"}, false, true}, true, "warning dial-no-http2: 203.0.113.7:443 on mgmt", true},
		{"it has expired", later, whole, true, "error expired: 203.0.113.7:443 on mgmt", true},
		{"its last second", func(m *mesh) { m.at = m.certs["server"].NotAfter }, whole, true, "", true},
		{"it names another authority", func(m *mesh) { m.certs["server"].DNSNames = []string{"relay.example.com"} }, whole, true, "error authority-uncovered: 203.0.113.7:443 on mgmt", true},
		{"another certificate of this mesh", nil, whole, false, "warning dial-other: 203.0.113.7:443 on mgmt", true},
		{"another mesh's", func(m *mesh) { m.certs["root"].key = key(t, "stranger") }, answer{[]string{"server"}, true, false}, false, "error dial-foreign: 203.0.113.7:443 on mgmt", false},
	} {
		t.Run(c.name, func(t *testing.T) {
			ours := goodMesh(t)
			ours.intermediate(t)
			ours.pem(t)
			serves := goodMesh(t)
			serves.intermediate(t)
			if c.name == "another mesh's" { // otherwise its intermediate would be ours
				serves.certs["intermediate"].key = key(t, "stranger below")
			}
			if c.change != nil {
				c.change(serves)
			}
			serves.pem(t)
			roots := []*x509.Certificate{ours.made["root"]}
			chain := []*x509.Certificate{ours.made["server"], ours.made["intermediate"]}
			if c.lockfiles {
				roots, chain[0], chain[1] = []*x509.Certificate{serves.made["root"]}, serves.made["server"], serves.made["intermediate"]
			}
			pair := tls.Certificate{PrivateKey: serves.certs["server"].key}
			for _, name := range c.answer.present {
				pair.Certificate = append(pair.Certificate, serves.made[name].Raw)
			}
			config := &tls.Config{Certificates: []tls.Certificate{pair}}
			if c.answer.h2 {
				config.NextProtos = []string{"h2"}
			}
			if c.answer.asks {
				config.ClientAuth = tls.RequestClientCert
			}
			near, far := net.Pipe()
			defer near.Close()
			go func() {
				s := tls.Server(far, config)
				_ = s.Handshake()
				far.Close()
			}()
			seen, err := verify.Dial(context.Background(), near, "203.0.113.7:443", authority, serves.at)
			if err != nil {
				t.Fatal(err)
			}
			r := &verify.Report{At: serves.at}
			r.Saw(seen, err, "mgmt", chain, roots)
			if got := verdictOf(r); got != c.want || seen.Passthrough != c.passthrough || seen.Asks != c.answer.asks {
				t.Errorf("%s; passes through %t, asks %t; want %s", got, seen.Passthrough, seen.Asks, c.want)
			}
		})
	}
}

// TestWarningsFailNoCase checks the JUnit report of a mesh with a warning and of one with an error: a pipeline fails only for the error, at
// the cluster that has it.
func TestWarningsFailNoCase(t *testing.T) {
	for name, want := range map[string][]string{
		"the server has a week left":                   nil,
		"a remote trusts one root more":                nil,
		"a remote has another token":                   {"west token", "west tls"},
		"the root's Secret is missing on a remote":     {"east secrets", "east tls"},
		"an agent's certificate names another cluster": {"east names", "east tls"},
	} {
		var change func(*testing.T, *mesh)
		for _, f := range allFaults {
			if f.name == name {
				change = f.change
			}
		}
		m := goodMesh(t)
		change(t, m)
		var b strings.Builder
		if err := judged(t, m).WriteJUnit(&b); err != nil {
			t.Fatal(err)
		}
		var suite struct {
			Tests    int `xml:"tests,attr"`
			Failures int `xml:"failures,attr"`
			Skipped  int `xml:"skipped,attr"`
			Cases    []struct {
				Name    string    `xml:"name,attr"`
				Class   string    `xml:"classname,attr"`
				Failure *struct{} `xml:"failure"`
			} `xml:"testcase"`
		}
		if err := xml.Unmarshal([]byte(b.String()), &suite); err != nil {
			t.Fatal(err)
		}
		var failed []string
		for _, c := range suite.Cases {
			if c.Failure != nil {
				failed = append(failed, c.Class+" "+strings.ToLower(c.Name))
			}
		}
		if strings.Join(failed, ", ") != strings.Join(want, ", ") || suite.Failures != len(want) || suite.Tests != len(suite.Cases) || suite.Skipped != 1 {
			t.Errorf("%s: %v failed, %d of %d, %d skipped; want %v", name, failed, suite.Failures, suite.Tests, suite.Skipped, want)
		}
	}
}
