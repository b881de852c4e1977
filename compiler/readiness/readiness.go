// Package readiness says whether clusters are ready for what they are to receive: whether it would replace trust that is not the
// topology's own, and whether it would cut off an agent that is connected now. It judges what the clusters hold by the lockfile;
// what signs what is the only thing it goes by.
package readiness

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// Cluster is what one cluster holds, and what becomes of it.
type Cluster struct {
	Name       string
	Management bool
	Agent      bool // runs an agent
	Applied    bool // its overlay is applied; others stay as they are
	Unasked    bool // what it holds is not known
	Secrets    []verify.Secret
	Stale      []string // workloads that started before a Secret changed which they read
}

// Mesh is the clusters that were looked at, and what the lockfile says of them.
type Mesh struct {
	lock   *lockfile.File
	names  verify.SecretNames
	makers []string // the kinds of objects that make the topology's Secrets
	at     time.Time

	wanted []*x509.Certificate // the roots that every cluster is to trust
	known  []*x509.Certificate // those and all others that the lockfile knows
	read   map[string]contents // by the text

	clusters   []*held
	management *held // nil where it was not looked at
	findings   []verify.Finding
}

type contents struct {
	certs   []*x509.Certificate
	damaged bool
}

// held is what a cluster holds, taken apart.
type held struct {
	*Cluster
	roots                   []*x509.Certificate
	server, signing, client []*x509.Certificate
	telemetry               []*x509.Certificate
	unknown                 bool                // it cannot be told whom it trusts, or under what it stands
	foreign                 bool                // it has trust that is not the topology's
	strange                 []*x509.Certificate // roots of which that is told
}

// New takes apart what the clusters hold. Makers are the kinds of the objects by which operators make the topology's Secrets.
func New(l *lockfile.File, names verify.SecretNames, makers []string, at time.Time, clusters []Cluster) *Mesh {
	m := &Mesh{lock: l, names: names, makers: makers, at: at, wanted: leaves(l.All(pki.Root)), read: map[string]contents{}}
	for _, c := range l.Every() {
		if c.Role == pki.Root {
			m.known = append(m.known, c.Chain[0])
		}
	}
	for i := range clusters {
		h := m.take(&clusters[i])
		if m.clusters = append(m.clusters, h); h.Management {
			m.management = h
		}
	}
	return m
}

func leaves(entries []lockfile.Certificate) []*x509.Certificate {
	var all []*x509.Certificate
	for _, c := range entries {
		all = append(all, c.Chain[0])
	}
	return all
}

func (m *Mesh) take(c *Cluster) *held {
	h := &held{Cluster: c, unknown: c.Unasked}
	for _, s := range []struct {
		secret, key string
		into        *[]*x509.Certificate
	}{
		{m.names.Root, m.names.Keys.CA, &h.roots}, {m.names.Client, m.names.Keys.Cert, &h.client},
		{m.names.Server, m.names.Keys.Cert, &h.server}, {m.names.Signing, m.names.Keys.Cert, &h.signing},
		{m.names.Telemetry, m.names.Keys.Cert, &h.telemetry},
	} {
		secret := c.secret(s.secret)
		if secret == nil || s.secret != m.names.Root && s.secret != m.names.Client && !c.Management {
			continue
		}
		read := m.parse(secret.Data[s.key])
		*s.into = read.certs
		h.unknown = h.unknown || read.damaged && (s.secret == m.names.Root || s.secret == m.names.Server)
	}
	for _, s := range []string{m.names.Server, m.names.Signing} { // where the Secret of the roots itself is not there
		if secret := c.secret(s); c.Management && len(h.roots) == 0 && secret != nil {
			h.roots = m.parse(secret.Data[m.names.Keys.CA]).certs
		}
	}
	return h
}

// parse reads certificates. Clusters hold the same bundle, which is read once.
func (m *Mesh) parse(text []byte) contents {
	c, ok := m.read[string(text)]
	if !ok {
		all := pki.ReadPEM(text)
		c = contents{all.Certificates, len(all.Unreadable) > 0 || len(text) > 0 && len(all.Certificates) == 0}
		m.read[string(text)] = c
	}
	return c
}

// secret is the cluster's Secret of that name, or nil.
func (c *Cluster) secret(name string) *verify.Secret {
	i := slices.IndexFunc(c.Secrets, func(s verify.Secret) bool { return name != "" && s.Name == name })
	if i < 0 {
		return nil
	}
	return &c.Secrets[i]
}

// leads is the root, among some, to which a chain leads as it is presented; nil where it leads to none.
func leads(chain, roots []*x509.Certificate) *x509.Certificate {
	if len(chain) == 0 || len(roots) == 0 {
		return nil
	}
	c, err := pki.BuildChain(chain[0], chain[1:], roots)
	if err != nil {
		return nil
	}
	return c.Anchor
}

// missing are those of some certificates that are not among others.
func missing(of, among []*x509.Certificate) []*x509.Certificate {
	return slices.DeleteFunc(slices.Clone(of), func(c *x509.Certificate) bool { return slices.ContainsFunc(among, c.Equal) })
}

// inWords names certificates.
func inWords(certs []*x509.Certificate) string {
	words := make([]string, len(certs))
	for i, c := range certs {
		words[i] = verify.Named(c)
	}
	return strings.Join(words, ", ")
}

// find says something of a cluster.
func (m *Mesh) find(code diag.Code, severity verify.Severity, h *held, secret, key, hint, format string, args ...any) {
	at := ""
	if s := h.secret(secret); s != nil {
		at = s.At
	}
	m.findings = append(m.findings, verify.NewFinding(code.Fault(fmt.Sprintf(format, args...), hint), severity, []string{h.Name}, strings.TrimSpace(secret+" "+key), at))
}

// told is what was found, each cause once, with its clusters.
func (m *Mesh) told() []verify.Finding {
	var r verify.Report
	r.Add(m.findings...)
	m.findings = nil
	return r.Findings
}
