// Package pki issues the certificates of a relay-based mesh, or takes them from an existing PKI, and diagnoses what is wrong with them.
package pki

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"math/big"
	"slices"
	"strings"
	"time"
)

// Role is the purpose of a certificate.
type Role string

// The roles of a mesh. The root signs the signing CA and the servers; the signing CA signs agents' certificates.
const (
	Root      Role = "root"
	Server    Role = "server"
	Signing   Role = "signing"
	Telemetry Role = "telemetry" // the telemetry gateway's
)

// Roles lists every role, issuers before what they issue.
var Roles = []Role{Root, Signing, Server, Telemetry}

// Serves reports whether clients verify the holder of the role by DNS name.
func (r Role) Serves() bool { return r == Server || r == Telemetry }

// Request describes a certificate that the topology needs.
type Request struct {
	Role      Role
	Issuer    Role // same as Role if self-signed
	Name      string
	CA        bool
	PathLen   int // path length constraint, for a CA
	KeyUsage  x509.KeyUsage
	Usages    []x509.ExtKeyUsage
	Algorithm Algorithm
	DNSNames  []string
	Validity  time.Duration
}

// Facts are the inputs that the certificates of a topology depend on.
type Facts struct {
	ECDSA                 bool          // use ECDSA P-256 keys rather than RSA
	DNSNames              []string      // of the relay server
	Telemetry             []string      // DNS names of the telemetry gateway
	Root, Signing, Server time.Duration // validity; Server is for both servers
	Agents                time.Duration // validity of agents' certificates; 0 if the relay server signs them
}

// backdate is how far before now a certificate's validity begins, to allow for clock skew.
const backdate = time.Hour

var bothUsages = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}

// Requests lists the certificates of a self-signed mesh, in the order of Roles.
func Requests(f Facts) []Request {
	root, below, serverUsage := RSA4096, RSA2048, x509.KeyUsageDigitalSignature|x509.KeyUsageKeyEncipherment
	if f.ECDSA {
		root, below, serverUsage = ECDSAP256, ECDSAP256, x509.KeyUsageDigitalSignature
	}
	return []Request{
		{
			Role: Root, Issuer: Root, Name: "relay root", CA: true, PathLen: 1, Algorithm: root, Validity: f.Root,
			KeyUsage: x509.KeyUsageCertSign | x509.KeyUsageCRLSign,
		},
		{
			Role: Signing, Issuer: Root, Name: "relay signing CA", CA: true, PathLen: 0, Algorithm: below, Validity: f.Signing,
			KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign | x509.KeyUsageCRLSign, Usages: bothUsages,
		},
		{
			Role: Server, Issuer: Root, Name: "relay server", Algorithm: below, Validity: f.Server,
			KeyUsage: serverUsage, Usages: bothUsages, DNSNames: f.DNSNames,
		},
		{
			Role: Telemetry, Issuer: Root, Name: "relay telemetry", Algorithm: below, Validity: f.Server,
			KeyUsage: serverUsage, Usages: bothUsages, DNSNames: f.Telemetry,
		},
	}
}

// Agent returns the request for the client certificate of a cluster's agent: its one DNS name is the cluster's name.
func (f Facts) Agent(cluster string) Request {
	r := Request{
		Role: Agent, Issuer: Signing, Name: "relay agent", Algorithm: RSA2048, Validity: f.Agents,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageKeyEncipherment, Usages: bothUsages, DNSNames: []string{cluster},
	}
	if f.ECDSA {
		r.Algorithm, r.KeyUsage = ECDSAP256, x509.KeyUsageDigitalSignature
	}
	return r
}

// Issuer is a certificate with its private key.
type Issuer struct {
	Certificate *x509.Certificate
	Key         crypto.Signer
}

// Issue issues the certificate that r asks for, for the public half of key. A nil issuer means self-signed. The organisation is the
// topology's name. The subject's common name ends in the generation and in 8 hexadecimal digits of the key's digest, so that no two
// certificates of a mesh share a subject, even if earlier lockfiles were lost.
func Issue(r Request, organisation string, generation int, key crypto.Signer, issuer *Issuer, now time.Time) (*x509.Certificate, error) {
	spki, err := marshalPublicKey(key.Public())
	if err != nil {
		return nil, err
	}
	t := r.template(organisation, generation, spki)
	if t.SerialNumber, err = newSerial(); err != nil {
		return nil, err
	}
	now = now.UTC().Truncate(time.Second)
	t.NotBefore, t.NotAfter = now.Add(-backdate), now.Add(r.Validity)
	parent, signer := t, key
	if issuer != nil {
		parent, signer = issuer.Certificate, issuer.Key
		if parent.NotAfter.Before(t.NotAfter) {
			t.NotAfter = parent.NotAfter
		}
		if parent.NotBefore.After(t.NotBefore) {
			t.NotBefore = parent.NotBefore
		}
	}
	if !t.NotAfter.After(now) {
		return nil, fmt.Errorf("the issuer %s is valid until %s only", parent.Subject, Day(parent.NotAfter))
	}
	t.AuthorityKeyId = parent.SubjectKeyId
	der, err := x509.CreateCertificate(rand.Reader, t, parent, key.Public(), signer)
	if err != nil {
		return nil, err
	}
	return x509.ParseCertificate(der)
}

// template returns the certificate that r asks for, for a public key, without serial number and validity.
func (r Request) template(organisation string, generation int, spki []byte) *x509.Certificate {
	sum := sha256.Sum256(spki)
	t := &x509.Certificate{
		Subject:               pkix.Name{Organization: []string{organisation}, CommonName: fmt.Sprintf("%s g%d %x", r.Name, generation, sum[:4])},
		DNSNames:              r.DNSNames,
		KeyUsage:              r.KeyUsage,
		ExtKeyUsage:           r.Usages,
		BasicConstraintsValid: true,
		IsCA:                  r.CA,
		SubjectKeyId:          sum[:20], // RFC 7093 2(1)
	}
	if r.CA {
		t.MaxPathLen, t.MaxPathLenZero = r.PathLen, r.PathLen == 0
	}
	return t
}

// newSerial generates a serial number as RFC 5280 4.1.2.2 requires: positive, at most 20 octets, and unpredictable.
func newSerial() (*big.Int, error) {
	b := make([]byte, 16)
	if _, err := rand.Read(b); err != nil {
		return nil, err
	}
	b[0] = b[0]&0x7f | 0x40
	return new(big.Int).SetBytes(b), nil
}

// Differs lists how the certificate differs from what r asks for, in the facts that come from the topology: one phrase for each, none if it
// may stay. Validity is what was asked for when it was issued; the actual validity may be shorter, as no certificate outlives its issuer.
func Differs(r Request, c *x509.Certificate, validity time.Duration) []string {
	var differs []string
	if have := AlgorithmOf(c.PublicKey); have != r.Algorithm {
		differs = append(differs, fmt.Sprintf("its key is %s, want %s", have, r.Algorithm))
	}
	if !slices.Equal(c.DNSNames, r.DNSNames) {
		differs = append(differs, fmt.Sprintf("its SANs are %s, want %s", strings.Join(c.DNSNames, ", "), strings.Join(r.DNSNames, ", ")))
	}
	if validity != r.Validity {
		differs = append(differs, fmt.Sprintf("it was issued for %s, want %s", hours(validity), hours(r.Validity)))
	}
	return differs
}

func hours(d time.Duration) string { return fmt.Sprintf("%dh", int64(d/time.Hour)) }
