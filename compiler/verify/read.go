package verify

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strings"

	"relayform/compiler/pki"
	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// group is a set of clusters with the same contents.
type group struct {
	*Cluster                // the first of them
	members      []*Cluster // all
	server       *pair
	signing      *pair
	client       *pair
	telemetry    *pair // the telemetry gateway's
	root         *bundle
	token        []byte
	tokenMissing bool
}

func (g *group) names() []string {
	names := make([]string, len(g.members))
	for i, c := range g.members {
		names[i] = c.Name
	}
	return names
}

// pair is a TLS Secret: tls.crt, tls.key and ca.crt.
type pair struct {
	secret *Secret
	role   pki.Role
	what   string // name of the role: server, signing CA, agent, telemetry gateway
	certs  []*x509.Certificate
	key    crypto.Signer
	ca     *bundle
	// whole means that all of tls.crt could be parsed, and contains a certificate.
	whole bool
	ways  []*way
	way   *way      // the first one that ends at an anchor
	chain pki.Chain // its chain
	built bool      // chain ends at an anchor

	chains          []pki.Chain     // all chains that verify it, or those at fault, without duplicates
	used, presented map[string]bool // certificates in those chains, and those below their anchors, by DER
	byTrust         map[string]*way
}

func (p *pair) object(key string) string { return p.secret.Name + " " + key }

// bundle is a ca.crt.
type bundle struct {
	secret *Secret
	key    string
	text   []byte
	certs  []*x509.Certificate
	roots  []*x509.Certificate // self-signed ones or, if there are none, the CAs
	own    bool                // roots are self-signed
	whole  bool
	odd    bool // something in it has its own finding
}

func (b *bundle) object() string { return b.secret.Name + " " + b.key }

// usable reports whether conclusions can be drawn from what the bundle lacks.
func (b *bundle) usable() bool { return b != nil && b.whole && len(b.roots) > 0 }

// read parses a group's Secrets.
func (j *judge) read(g *group) {
	n := j.m.Names
	if g.Management {
		g.server = j.pair(g, n.Server, pki.Server, "server", n.Server != "")
		g.signing = j.pair(g, n.Signing, pki.Signing, "signing CA", n.Signing != "")
		g.telemetry = j.pair(g, n.Telemetry, pki.Telemetry, "telemetry gateway", j.m.Gateway != "")
	} else {
		for _, name := range []string{n.Server, n.Signing, n.Telemetry} {
			if s := g.Secret(name); s != nil {
				j.find(g, KeyExposed, Error, name, s, "this Secret belongs on the management cluster only", "delete it here; its key is known to this cluster, so replace the certificate")
			}
		}
	}
	severity := Error
	if g.Management && !g.Agent {
		severity = Warning
	}
	if s := j.secret(g, n.Root, severity); s != nil {
		g.root = j.bundle(g, s)
		j.strays(g, s, []string{j.m.Names.Keys.CA})
	}
	if g.Agent && (n.Given || g.Secret(n.Client) != nil) {
		g.client = j.pair(g, n.Client, pki.Agent, "agent", n.Given)
	}
	j.token(g)
}

// secret returns the Secret with a name, and reports a missing one.
func (j *judge) secret(g *group, name string, severity Severity) *Secret {
	s := g.Secret(name)
	if s == nil {
		j.missing(g, name, severity)
	}
	return s
}

// missing reports a missing Secret, and where one of that name is.
func (j *judge) missing(g *group, name string, severity Severity) {
	message, hint := "the Secret is not there", "apply the cluster's overlay, or create the Secret under this name"
	if i := slices.IndexFunc(g.Elsewhere, func(p Place) bool { return p.Secret == name }); i >= 0 {
		message = "the Secret is not there; one with its name is in the namespace " + g.Elsewhere[i].Namespace
		hint = "pods read only Secrets of their own namespace: move it, or name the namespace with --namespace"
	}
	if slices.Contains(j.m.Names.Issued, name) {
		hint = "kubectl describe certificate " + name + " says why cert-manager has issued none; if there is no such Certificate, apply the cluster's overlay"
	}
	j.find(g, SecretMissing, severity, name, nil, message, hint)
}

func (j *judge) token(g *group) {
	n := j.m.Names
	if j.m.Public || n.Token == "" {
		return
	}
	s := j.secret(g, n.Token, Error)
	if s == nil {
		g.tokenMissing = true
		return
	}
	g.token = s.Data[n.Keys.Token]
	if len(bytes.TrimSpace(g.token)) == 0 {
		g.token, g.tokenMissing = nil, true
		j.find(g, DataMissing, Error, n.Token, s, "it has no "+n.Keys.Token, "")
	}
	j.strays(g, s, []string{n.Keys.Token})
}

func (j *judge) pair(g *group, name string, role pki.Role, what string, required bool) *pair {
	s := g.Secret(name)
	if s == nil {
		if required && !j.unseen(name) {
			j.missing(g, name, Error)
		}
		return nil
	}
	p := &pair{secret: s, role: role, what: what}
	c, ok := j.contents(g, s, j.m.Names.Keys.Cert)
	p.certs, p.whole = c.Certificates, ok && len(c.Certificates) > 0
	if ok && !p.whole {
		j.unreadable(g, p.object(j.m.Names.Keys.Cert), s, s.Data[j.m.Names.Keys.Cert], noCertificate)
	}
	p.ca = j.bundle(g, s)
	j.key(g, p)
	j.strays(g, s, []string{j.m.Names.Keys.Cert, j.m.Names.Keys.Key, j.m.Names.Keys.CA})
	return p
}

// key parses tls.key, and finds its certificate.
func (j *judge) key(g *group, p *pair) {
	text, s := p.secret.Data[j.m.Names.Keys.Key], p.secret
	at := p.object(j.m.Names.Keys.Key)
	switch {
	case len(text) == 0 && j.m.Public:
		return
	case len(text) == 0:
		j.find(g, DataMissing, Error, at, s, "it has no "+j.m.Names.Keys.Key, "")
		return
	}
	c := pki.ReadPEM(text)
	switch {
	case c.Encrypted > 0 && len(c.Keys) == 0:
		j.find(g, KeyEncrypted, Error, at, s, "the private key is encrypted", "openssl pkey -in FILE -out PLAIN decrypts it")
		return
	case len(c.Keys) == 0:
		otherwise := "no private key in it; want a PEM block BEGIN PRIVATE KEY"
		if len(c.Unreadable) > 0 {
			otherwise = c.Unreadable[0].Message
		}
		j.unreadable(g, at, s, text, otherwise)
		return
	}
	p.key = c.Keys[0]
	if !p.whole {
		return
	}
	switch i := slices.IndexFunc(p.certs, func(c *x509.Certificate) bool { return belongs(p.key, c) }); {
	case i < 0:
		j.find(g, KeyMismatch, Error, at, s, fmt.Sprintf("the private key does not belong to the certificate %s", p.certs[0].Subject), "")
		p.key = nil
	case i > 0:
		j.find(g, LeafNotFirst, Error, p.object(j.m.Names.Keys.Cert), s, fmt.Sprintf("the certificate of the private key, %s, is at position %d", p.certs[i].Subject, i+1), "put it first")
		p.certs = append([]*x509.Certificate{p.certs[i]}, slices.Delete(slices.Clone(p.certs), i, i+1)...)
	}
}

func belongs(key crypto.Signer, c *x509.Certificate) bool {
	public, ok := key.Public().(interface{ Equal(crypto.PublicKey) bool })
	return ok && public.Equal(c.PublicKey)
}

// bundle parses a Secret's ca.crt; nil if there is none.
func (j *judge) bundle(g *group, s *Secret) *bundle {
	if j.issued(s) && len(s.Data[j.m.Names.Keys.CA]) == 0 {
		j.find(g, IssuerTells, Warning, s.Name+" "+j.m.Names.Keys.CA, s, "it is missing, as the issuer gives cert-manager no CA", "")
		return nil
	}
	c, ok := j.contents(g, s, j.m.Names.Keys.CA)
	if s.Data[j.m.Names.Keys.CA] == nil {
		return nil
	}
	b := &bundle{secret: s, key: j.m.Names.Keys.CA, text: s.Data[j.m.Names.Keys.CA], certs: c.Certificates, whole: ok}
	for _, x := range b.certs {
		if j.signsItself(x) && !slices.ContainsFunc(b.roots, x.Equal) {
			b.roots = append(b.roots, x)
		}
	}
	if b.own = len(b.roots) > 0; !b.own {
		b.roots = slices.DeleteFunc(slices.Clone(b.certs), func(c *x509.Certificate) bool { return !c.IsCA })
	}
	if ok && len(b.certs) == 0 {
		b.whole = false
		j.unreadable(g, b.object(), s, b.text, noCertificate)
	}
	return b
}

const noCertificate = "no certificate in it; want PEM blocks BEGIN CERTIFICATE"

// unreadable says what an unreadable text is, and what to do about it, or otherwise if that is unknown.
func (j *judge) unreadable(g *group, at string, s *Secret, text []byte, otherwise string) {
	message, hint, _ := strings.Cut(cmp.Or(pki.Oddity(text), otherwise), "; ")
	j.find(g, Unreadable, Error, at, s, message, hint)
}

// contents parses a value with certificates. It returns false if some of it cannot be parsed.
func (j *judge) contents(g *group, s *Secret, key string) (pki.Contents, bool) {
	at := s.Name + " " + key
	text := s.Data[key]
	if len(text) == 0 {
		j.find(g, DataMissing, Error, at, s, "it has no "+key, "")
		return pki.Contents{}, false
	}
	c := pki.ReadPEM(text)
	if len(c.Unreadable) > 0 && pki.Oddity(text) != "" {
		j.unreadable(g, at, s, text, "")
		return c, false
	}
	for _, u := range c.Unreadable {
		code := map[pki.Why]diag.Code{pki.NegativeSerial: SerialNegative, pki.UnknownKeyType: UnknownKey, pki.Malformed: Unreadable}[u.Why]
		j.find(g, code, Error, at, s, u.Message, "")
	}
	if len(c.Keys)+c.Encrypted+len(secrecy.Find(text)) > 0 {
		j.find(g, KeyExposed, Error, at, s, "a private key is among the certificates", "remove it, and replace the certificate that it belongs to")
	}
	return c, len(c.Unreadable) == 0
}

// strays reports keys of a Secret that nothing reads.
func (j *judge) strays(g *group, s *Secret, read []string) {
	for _, key := range slices.Sorted(maps.Keys(s.Data)) {
		if slices.Contains(read, key) {
			continue
		}
		at := s.Name + " " + key
		if len(secrecy.Find(s.Data[key])) > 0 || strings.HasSuffix(key, ".key") {
			j.find(g, KeyExposed, Error, at, s, "a private key is where none belongs", "remove it, and replace the certificate that it belongs to")
			continue
		}
		j.find(g, ExtraData, Note, at, s, "nobody reads this key of the Secret", "")
	}
}
