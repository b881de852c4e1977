// Package readiness checks whether clusters are ready for what they are to receive: whether it would replace trust that is not the
// topology's own, and whether it would cut off an agent that is connected now. It compares the clusters' contents with the lockfile, and
// goes only by who signed what.
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

// Cluster is the contents of one cluster, and what will happen to it.
type Cluster struct {
	Name       string
	Management bool
	Agent      bool // runs an agent
	Applied    bool // its overlay is applied; others stay unchanged
	Unasked    bool // its contents are unknown
	Secrets    []verify.Secret
	Stale      []string // workloads that started before a Secret changed that they read
}

// Mesh is the queried clusters, and the lockfile.
type Mesh struct {
	lock   *lockfile.File
	names  verify.SecretNames
	makers []string // kinds of objects that create the topology's Secrets
	at     time.Time

	wanted []*x509.Certificate // the roots that every cluster must trust
	known  []*x509.Certificate // those and all other roots in the lockfile
	read   map[string]contents // by text

	clusters   []*held
	management *held // nil if it was not queried
	findings   []verify.Finding
}

type contents struct {
	certs   []*x509.Certificate
	damaged bool
}

// held is the parsed contents of a cluster.
type held struct {
	*Cluster
	roots                   []*x509.Certificate
	server, signing, client []*x509.Certificate
	telemetry               []*x509.Certificate
	unknown                 bool                // unknown whom it trusts, or what issued its certificates
	foreign                 bool                // it has trust that is not the topology's
	strange                 []*x509.Certificate // roots already reported as foreign
}

// New parses the clusters' contents. Makers are the kinds of objects from which operators create the topology's Secrets.
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
	for _, s := range []string{m.names.Server, m.names.Signing} { // if the Secret of the roots itself is missing
		if secret := c.secret(s); c.Management && len(h.roots) == 0 && secret != nil {
			h.roots = m.parse(secret.Data[m.names.Keys.CA]).certs
		}
	}
	return h
}

// parse parses certificates. Clusters have the same bundle, which is parsed once.
func (m *Mesh) parse(text []byte) contents {
	c, ok := m.read[string(text)]
	if !ok {
		all := pki.ReadPEM(text)
		c = contents{all.Certificates, len(all.Unreadable) > 0 || len(text) > 0 && len(all.Certificates) == 0}
		m.read[string(text)] = c
	}
	return c
}

// secret returns the cluster's Secret with a name, or nil.
func (c *Cluster) secret(name string) *verify.Secret {
	i := slices.IndexFunc(c.Secrets, func(s verify.Secret) bool { return name != "" && s.Name == name })
	if i < 0 {
		return nil
	}
	return &c.Secrets[i]
}

// leads returns the one of some roots at which a chain ends as presented, or nil.
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

// missing returns certificates that are not among others.
func missing(of, among []*x509.Certificate) []*x509.Certificate {
	return slices.DeleteFunc(slices.Clone(of), func(c *x509.Certificate) bool { return slices.ContainsFunc(among, c.Equal) })
}

// inWords lists certificates, for messages.
func inWords(certs []*x509.Certificate) string {
	words := make([]string, len(certs))
	for i, c := range certs {
		words[i] = verify.Named(c)
	}
	return strings.Join(words, ", ")
}

// find adds a finding about a cluster.
func (m *Mesh) find(code diag.Code, severity verify.Severity, h *held, secret, key, hint, format string, args ...any) {
	at := ""
	if s := h.secret(secret); s != nil {
		at = s.At
	}
	m.findings = append(m.findings, verify.NewFinding(code.Fault(fmt.Sprintf(format, args...), hint), severity, []string{h.Name}, strings.TrimSpace(secret+" "+key), at))
}

// told returns the findings, each cause once, with its clusters.
func (m *Mesh) told() []verify.Finding {
	var r verify.Report
	r.Add(m.findings...)
	m.findings = nil
	return r.Findings
}
