package verify

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"strings"
	"syscall"
	"time"

	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// Dialled is what an address presents to clients that ask for the authority.
type Dialled struct {
	Address string   `json:"address" jsonschema:"The address that was dialled, as host:port."`
	Name    string   `json:"serverName" jsonschema:"The name that was asked for (SNI)."`
	TLS     string   `json:"tls,omitempty" jsonschema:"The version of TLS."`
	ALPN    string   `json:"alpn,omitempty" jsonschema:"The protocol that was agreed on (ALPN)."`
	Chain   []string `json:"chain" jsonschema:"The subjects of the certificates, the server's first."`
	Names   []string `json:"names" jsonschema:"The names in the server's certificate."`
	Days    int      `json:"daysLeft" jsonschema:"The days until the server's certificate ends."`
	Asks    bool     `json:"asksForClientCertificate" jsonschema:"Whether the other side asked for a client certificate."`
	// Passthrough means that it is the certificate of the relay server, or of the telemetry gateway, itself.
	Passthrough bool `json:"passthrough" jsonschema:"True if the relay server or the telemetry gateway itself answered, so that nothing in between ends TLS."`
	// Gateway means that the telemetry gateway should answer, rather than the relay server.
	Gateway bool `json:"-"`

	certs []*x509.Certificate
}

// Dial connects with TLS to an address, like an agent at first contact, and returns what is presented, without verifying it. The error says
// why no TLS connection could be established.
func Dial(ctx context.Context, conn net.Conn, address, authority string, at time.Time) (*Dialled, error) {
	d := &Dialled{Address: address, Name: authority}
	c := tls.Client(conn, &tls.Config{
		ServerName: authority, NextProtos: []string{"h2"}, MinVersion: tls.VersionTLS12,
		InsecureSkipVerify: true, // checked below, with reasons
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			d.Asks = true
			return &tls.Certificate{}, nil
		},
	})
	err := c.HandshakeContext(ctx)
	state := c.ConnectionState()
	d.certs = state.PeerCertificates
	if len(d.certs) == 0 {
		return d, noTLS(err)
	}
	d.TLS, d.ALPN = tls.VersionName(state.Version), state.NegotiatedProtocol
	for _, p := range d.certs {
		d.Chain = append(d.Chain, subject(p))
	}
	d.Names = pki.Describe(d.certs[0]).SANs
	d.Days = int(d.certs[0].NotAfter.Sub(at).Hours() / 24)
	return d, nil
}

// noTLS explains why a handshake failed.
func noTLS(err error) error {
	var record tls.RecordHeaderError
	var alert *net.OpError
	switch {
	case errors.As(err, &record):
		return errors.New("it answers, but not with TLS")
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET):
		return errors.New("it closes the connection at the ClientHello: there is no route for this server name")
	case errors.As(err, &alert) && alert.Op == "remote error": // how crypto/tls reports the peer's alert
		return fmt.Errorf("it refuses the ClientHello: %w", err)
	}
	return err
}

// whom names the expected server.
func (d *Dialled) whom() string {
	if d.Gateway {
		return "telemetry gateway"
	}
	return "relay server"
}

// Saw adds what was dialled to the report, possibly for several names in turn. Server is the expected server's chain in the lockfile, and
// roots are what agents trust. dialErr is Dial's error.
func (r *Report) Saw(d *Dialled, dialErr error, cluster string, server []*x509.Certificate, roots []*x509.Certificate) {
	if d.Gateway {
		r.DialledGateway = d
	} else if r.Dialled == nil {
		r.Dialled = d
	} else {
		r.Also = append(r.Also, d)
	}
	say := func(severity Severity, fault *diag.Fault) {
		r.Add(NewFinding(fault, severity, []string{cluster}, d.Address, ""))
	}
	if dialErr != nil {
		say(Error, DialNoTLS.Fault(fmt.Sprintf("asked for %s: %v", d.Name, dialErr), "check the ingress: it must pass TLS for this name through to the "+d.whom()+", with no PROXY header before it"))
		return
	}
	leaf := d.certs[0]
	_, err := pki.BuildChain(leaf, append(d.certs[1:len(d.certs):len(d.certs)], server...), roots)
	switch d.Passthrough = len(server) > 0 && leaf.Equal(server[0]); {
	case d.Passthrough:
		r.behind(say, d, roots)
	case err == nil && len(server) > 0:
		d.Passthrough = true
		say(Warning, DialOther.Fault(fmt.Sprintf("it presents %s, but the lockfile has %s", Named(leaf), Named(server[0])), "apply the management cluster's overlay"))
		r.behind(say, d, roots)
	case err == nil: // an issuer in the cluster created it, and the lockfile has only the roots
		d.Passthrough = true
		r.behind(say, d, roots)
	default:
		say(Error, DialForeign.Fault(fmt.Sprintf("it presents %s, issued by %s: not the %s's certificate, and not of this mesh; TLS ends at the ingress", subject(leaf), leaf.Issuer, d.whom()), "have the ingress pass TLS through"))
	}
	if d.ALPN != "h2" {
		say(Warning, DialNoHTTP2.Fault(fmt.Sprintf("it was offered h2, but chose %q", d.ALPN), ""))
	}
}

// behind checks the chain received over the wire.
func (r *Report) behind(say func(Severity, *diag.Fault), d *Dialled, roots []*x509.Certificate) {
	if _, err := pki.BuildChain(d.certs[0], d.certs[1:], roots); err != nil {
		say(Error, ChainIncomplete.Fault("what it presents: "+err.Error(), ""))
	}
	if err := d.certs[0].VerifyHostname(d.Name); err != nil {
		say(Error, AuthorityUncovered.Fault(fmt.Sprintf("its names (%s) do not cover %s", list(d.Names), d.Name), ""))
	}
	if r.At.After(d.certs[0].NotAfter) {
		say(Error, Expired.Fault(fmt.Sprintf("%s expired on %s", subject(d.certs[0]), pki.Day(d.certs[0].NotAfter)), ""))
	}
}

// lines describes what was dialled, for people.
func (d *Dialled) lines() []string {
	if len(d.Chain) == 0 {
		return nil
	}
	how := "TLS ends before the " + d.whom()
	if d.Passthrough {
		how = "TLS passes through to the " + d.whom()
	}
	asks := "asks for no client certificate"
	if d.Asks {
		asks = "asks for a client certificate"
	}
	return []string{
		fmt.Sprintf("%s for %s: %s; %s, ALPN %q, %s", d.Address, d.Name, how, d.TLS, d.ALPN, asks),
		"chain: " + strings.Join(d.Chain, " < "),
		fmt.Sprintf("names: %s; %d days left", list(d.Names), d.Days),
	}
}
