package verify

import (
	"bytes"
	"crypto"
	"crypto/sha256"
	"crypto/x509"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/pki"
	"relayform/schema/diag"
)

type judge struct {
	m          Material
	at         time.Time
	newKey     func(pki.Algorithm) (crypto.Signer, error)
	report     Report
	management *group
	groups     []*group        // ordered by first cluster, the management cluster's first
	shut       map[string]bool // agents excluded by name constraints
	own        map[string]bool // whether certificates are self-signed, by DER
	strayed    map[*pair]bool  // created by an issuer in a cluster under a root other than those that clusters trust
}

// Judge verifies the material at a time, and tries the handshakes. newKey generates the key of the agent in them.
func Judge(m Material, at time.Time, newKey func(pki.Algorithm) (crypto.Signer, error)) (*Report, error) {
	j := newJudge(at)
	j.m, j.newKey, j.report = m, newKey, Report{At: at, Public: m.Public, Unaddressed: m.Unaddressed, Unsent: m.Unsent}
	if err := j.group(); err != nil {
		return nil, err
	}
	for _, g := range j.groups {
		j.read(g)
	}
	j.chains()
	j.issuers()
	j.trusts()
	j.places()
	j.bundles()
	j.tokens()
	j.certificates()
	j.roles()
	j.report.Add()
	if err := j.handshakes(); err != nil {
		return nil, err
	}
	j.report.Add()
	if m.Unseen {
		j.report.LeftOut = append(j.report.LeftOut, list(m.Names.Issued)+", and the handshakes: cert-manager makes these Secrets in the clusters, and verify --live checks them there")
	}
	if m.Public {
		j.report.LeftOut = append(j.report.LeftOut, "whether private keys belong to their certificates, the tokens, and the handshakes: they need private material")
	}
	return &j.report, nil
}

func newJudge(at time.Time) *judge {
	return &judge{at: at, own: map[string]bool{}}
}

// signsItself is pki.SelfIssued, cached.
func (j *judge) signsItself(c *x509.Certificate) bool {
	is, ok := j.own[string(c.Raw)]
	if !ok {
		is = pki.SelfIssued(c)
		j.own[string(c.Raw)] = is
	}
	return is
}

// group groups identical clusters: ten thousand remotes are mostly one group.
func (j *judge) group() error {
	byShape := map[[sha256.Size]byte]*group{}
	for i := range j.m.Clusters {
		c := &j.m.Clusters[i]
		j.report.Clusters = append(j.report.Clusters, c.Name)
		shape := c.shape()
		g := byShape[shape]
		if g == nil {
			g = &group{Cluster: c}
			byShape[shape] = g
			j.groups = append(j.groups, g)
		}
		g.members = append(g.members, c)
		if c.Management {
			if j.management != nil {
				return fmt.Errorf("%s and %s: two management clusters; want one", j.management.Name, c.Name)
			}
			j.management = g
		}
	}
	if j.management == nil {
		return errors.New("no management cluster among the clusters; name it")
	}
	slices.SortStableFunc(j.groups, func(a, b *group) int {
		switch {
		case a == j.management:
			return -1
		case b == j.management:
			return 1
		}
		return 0
	})
	return nil
}

// find adds a finding about a Secret in all clusters of a group.
func (j *judge) find(g *group, code diag.Code, severity Severity, object string, s *Secret, message, hint string) {
	file := ""
	if s != nil {
		file = s.At
	}
	j.add(code.Fault(message, hint), severity, g.names(), object, file)
}

func (j *judge) add(fault *diag.Fault, severity Severity, clusters []string, object, file string) {
	j.report.Findings = append(j.report.Findings, NewFinding(fault, severity, clusters, object, file))
}

// minToken is the minimum length of a strong token in characters, and minDistinct the minimum number of different ones: 128 bits in base64,
// or more in hexadecimal.
const minToken, minDistinct = 22, 8

// tokens compares each cluster's token with the management cluster's.
func (j *judge) tokens() {
	if j.m.Public || j.m.Names.Token == "" {
		return
	}
	object := j.m.Names.Token + " " + j.m.Names.Keys.Token
	own := j.management.token
	for _, g := range j.groups {
		if g.tokenMissing {
			continue
		}
		s := g.Secret(j.m.Names.Token)
		trimmed := bytes.TrimSpace(g.token)
		padded := len(trimmed) != len(g.token)
		differs := g != j.management && g.Agent && !j.management.tokenMissing && !bytes.Equal(g.token, own)
		sameBut := differs && bytes.Equal(trimmed, bytes.TrimSpace(own))
		switch {
		case sameBut:
			j.find(g, TokenWhitespace, Error, object, s, "the token differs from the management cluster's only in the white space around it", "write it with printf, without a line feed")
		case differs:
			j.find(g, TokensDiffer, Error, object, s, "the token differs from the management cluster's", "")
		case padded:
			j.find(g, TokenWhitespace, Warning, object, s, "the token has white space around it", "write it with printf, without a line feed")
		}
		distinct := map[byte]bool{}
		for _, b := range trimmed {
			distinct[b] = true
		}
		if !differs && (len(trimmed) < minToken || len(distinct) < minDistinct) {
			j.find(g, TokenWeak, Warning, object, s, fmt.Sprintf("the token can be guessed: want at least %d characters, %d of them different", minToken, minDistinct), "openssl rand -hex 32 makes one")
		}
	}
}

func list(words []string) string { return strings.Join(words, ", ") }
