package compiler

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"net"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/project"
)

// TestDiallingAsksForEachAuthority dials as agents do: each authority at the address of a cluster that uses it. An ingress that routes only
// one of them is reported.
func TestDiallingAsksForEachAuthority(t *testing.T) {
	p := fixtures(t)["authority-for-each-remote"]
	m, routes := meshOf(t, p), func(string) bool { return true }
	var asked []string
	env := compileFixture(t, p).env
	env.Dial = func(_ context.Context, _, address string) (net.Conn, error) {
		near, far := net.Pipe()
		config := m.server(t)
		config.GetConfigForClient = func(hello *tls.ClientHelloInfo) (*tls.Config, error) {
			asked = append(asked, hello.ServerName+" at "+address)
			if !routes(hello.ServerName) {
				return nil, errors.New("nothing routes this")
			}
			return nil, nil
		}
		config.NextProtos, config.ClientAuth = []string{"h2"}, tls.RequestClientCert
		go func() {
			s := tls.Server(far, config)
			if s.Handshake() == nil {
				_, _ = io.Copy(io.Discard, s)
			}
			far.Close()
		}()
		return near, nil
	}
	dial := func(p project.Project, address string) string {
		report, err := VerifyDial(t.Context(), p, env, address, fixtureTime)
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(report.Findings)
	}
	if said := dial(p, ""); said != "[]" {
		t.Errorf("findings %s", said)
	}
	want := []string{
		m.authority + " at 203.0.113.7:443", "east.edge.example.com at 203.0.113.7:443",
		"relay.core.example.com at relay.core.example.com:443", "west.edge.example.com at 203.0.113.7:443",
	}
	if !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	asked, routes = nil, func(name string) bool { return name != "west.edge.example.com" }
	if said := dial(p, "198.51.100.1:443"); !strings.Contains(said, "asked for west.edge.example.com") || strings.Contains(said, "asked for east") {
		t.Errorf("findings %s", said)
	}
	if len(asked) != 4 || !strings.HasSuffix(asked[2], " at 198.51.100.1:443") {
		t.Errorf("asked %q", asked)
	}
}
