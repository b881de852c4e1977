package issue

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	cryptorand "crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// noon is the time at which random chains are verified, and authority the name by which agents verify the server.
var noon = time.Date(2026, 11, 23, 12, 0, 0, 0, time.UTC)

const authority = "relay.mesh.example.com"

// forge creates certificates from a seed. Its keys are generated once.
type forge struct {
	*testing.T
	*rand.Rand
	usual, odd []crypto.Signer
	often      float64 // probability that a certificate has an unusual property
	serial     int64
}

func newForge(t *testing.T) *forge {
	t.Helper()
	f := &forge{T: t}
	must := func(key crypto.Signer, err error) crypto.Signer {
		if err != nil {
			t.Fatal(err)
		}
		return key
	}
	of := func(c elliptic.Curve) crypto.Signer { return must(ecdsa.GenerateKey(c, cryptorand.Reader)) }
	for range 24 {
		f.usual = append(f.usual, of(elliptic.P256()))
	}
	_, ed, err := ed25519.GenerateKey(cryptorand.Reader)
	f.odd = []crypto.Signer{of(elliptic.P384()), of(elliptic.P521()), of(elliptic.P224()), must(ed, err)}
	for _, bits := range []int{1024, 2048, 2048} {
		f.odd = append(f.odd, must(rsa.GenerateKey(cryptorand.Reader, bits)))
	}
	return f
}

// made is a certificate with its key.
type made struct {
	*x509.Certificate
	key crypto.Signer
}

// pile is the contents of an external PKI's files.
type pile struct {
	ca              []*x509.Certificate
	server, signing []*x509.Certificate // leaf first
	signingKey      crypto.Signer
}

func (f *forge) chance(of float64) bool { return f.Float64() < of }

func one[T any](f *forge, all ...T) T { return all[f.IntN(len(all))] }

// pile creates roots, intermediates below them and each other, some with the same name or key, and leaf certificates below those.
func (f *forge) pile(seed uint64) pile {
	f.Rand = rand.New(rand.NewPCG(seed, 14))
	f.often, f.serial = one(f, 0, 0.03, 0.12), 0
	keys := slices.Clone(f.usual)
	f.Shuffle(len(keys), func(i, k int) { keys[i], keys[k] = keys[k], keys[i] })
	next := func() crypto.Signer {
		key := keys[0]
		keys = keys[1:]
		if f.chance(f.often / 2) {
			return one(f, f.odd...)
		}
		return key
	}
	var cas, roots, between []*made
	for i := range 1 + f.IntN(3) {
		cas = append(cas, f.make(fmt.Sprintf("Root %d", f.IntN(3)), true, next(), nil))
		roots = cas[:i+1]
	}
	roots = slices.Clone(roots)
	issuer := func() *made {
		if f.chance(0.7) {
			return cas[len(cas)-1]
		}
		return one(f, cas...)
	}
	for range f.IntN(6) {
		name, key := fmt.Sprintf("CA %d", f.IntN(4)), next()
		if of := one(f, cas...); f.chance(0.3) { // cross-sign or reissue the CA
			name, key = of.Subject.CommonName, of.key
		}
		c := f.make(name, true, key, issuer())
		cas, between = append(cas, c), append(between, c)
	}
	server, signing := f.make("server", false, next(), issuer()), f.make("signing", true, next(), issuer())
	p := pile{signingKey: signing.key}
	for _, r := range roots {
		if f.chance(0.85) {
			p.ca = append(p.ca, r.Certificate)
		}
	}
	for _, c := range between {
		if f.chance(0.1) || len(p.ca) == 0 {
			p.ca = append(p.ca, c.Certificate)
		}
	}
	behind := func(leaf *made) []*x509.Certificate {
		all := []*x509.Certificate{leaf.Certificate}
		for _, i := range f.Perm(len(between)) {
			if f.chance(0.95) {
				all = append(all, between[i].Certificate)
			}
		}
		return all
	}
	p.server, p.signing = behind(server), behind(signing)
	return p
}

// changes are unusual properties that a certificate may have.
var changes = []func(f *forge, c *x509.Certificate){
	func(f *forge, c *x509.Certificate) { c.NotAfter = noon.Add(-time.Hour) },
	func(f *forge, c *x509.Certificate) { c.NotBefore = noon.Add(time.Hour) },
	func(f *forge, c *x509.Certificate) { c.MaxPathLen = f.IntN(2); c.MaxPathLenZero = c.MaxPathLen == 0 },
	func(f *forge, c *x509.Certificate) { c.KeyUsage = x509.KeyUsageCRLSign },
	func(f *forge, c *x509.Certificate) { c.KeyUsage = 0 },
	func(f *forge, c *x509.Certificate) { c.KeyUsage = x509.KeyUsageKeyEncipherment | x509.KeyUsageCertSign },
	func(f *forge, c *x509.Certificate) { c.IsCA, c.MaxPathLen = !c.IsCA, -1 },
	func(f *forge, c *x509.Certificate) { c.BasicConstraintsValid = false },
	func(f *forge, c *x509.Certificate) {
		c.ExtKeyUsage = []x509.ExtKeyUsage{one(f, x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth, x509.ExtKeyUsageAny, x509.ExtKeyUsageCodeSigning)}
	},
	func(f *forge, c *x509.Certificate) { c.UnknownExtKeyUsage = []asn1.ObjectIdentifier{{1, 2, 3}} },
	func(f *forge, c *x509.Certificate) { f.extension(c, 37, false, 0x30, 0) },
	func(f *forge, c *x509.Certificate) { f.extension(c, 15, true, 3, 1, 0) },
	func(f *forge, c *x509.Certificate) { f.extension(c, 36, true, 0x30, 3, 0x80, 1, 0) },    // requireExplicitPolicy
	func(f *forge, c *x509.Certificate) { f.extension(c, 99, f.chance(0.5), 0x04, 1, 0x2a) }, // an unknown extension
	func(f *forge, c *x509.Certificate) {
		c.PermittedDNSDomains = one(f, []string{"example.com"}, []string{"mesh.example.com", "east", "west"}, []string{"east"}, []string{".example.com"})
		c.PermittedDNSDomainsCritical = f.chance(0.5)
	},
	func(f *forge, c *x509.Certificate) {
		c.ExcludedDNSDomains = []string{one(f, "example.com", "west", "other")}
	},
	func(f *forge, c *x509.Certificate) { c.PermittedEmailAddresses = []string{"example.com"} },
	func(f *forge, c *x509.Certificate) {
		c.EmailAddresses = []string{one(f, "a@example.com", "a@example.org")}
	},
	func(f *forge, c *x509.Certificate) {
		c.DNSNames = []string{one(f, "*.mesh.example.com", "relay", "*.example.com")}
	},
	func(f *forge, c *x509.Certificate) { c.SignatureAlgorithm = x509.SHA1WithRSA },
	func(f *forge, c *x509.Certificate) { c.Subject = pkix.Name{} },
	func(f *forge, c *x509.Certificate) { c.SubjectKeyId = []byte{1, 2, 3} },
	func(f *forge, c *x509.Certificate) { c.SerialNumber = big.NewInt(1) },
}

func (f *forge) extension(c *x509.Certificate, last int, critical bool, value ...byte) {
	c.ExtraExtensions = append(c.ExtraExtensions, pkix.Extension{Id: asn1.ObjectIdentifier{2, 5, 29, last}, Critical: critical, Value: value})
}

// make signs a certificate with an issuer, or self-signed.
func (f *forge) make(name string, ca bool, key crypto.Signer, issuer *made) *made {
	f.serial++
	c := &x509.Certificate{
		SerialNumber: big.NewInt(100 + f.serial), Subject: pkix.Name{CommonName: name}, BasicConstraintsValid: true, IsCA: ca, MaxPathLen: -1,
		NotBefore: noon.AddDate(-1, 0, 0), NotAfter: noon.AddDate(5, 0, 0), KeyUsage: x509.KeyUsageDigitalSignature,
	}
	if spki, err := x509.MarshalPKIXPublicKey(key.Public()); err == nil {
		c.SubjectKeyId = spki[len(spki)-20:]
	}
	if ca {
		c.KeyUsage |= x509.KeyUsageCertSign | x509.KeyUsageCRLSign
	}
	if name == "server" {
		c.DNSNames = []string{authority}
	}
	for f.chance(f.often) {
		one(f, changes...)(f, c)
	}
	parent := &x509.Certificate{Subject: c.Subject, SubjectKeyId: c.SubjectKeyId}
	signer := key
	if issuer != nil {
		copied := *issuer.Certificate
		parent, signer = &copied, issuer.key
		if f.chance(f.often / 3) {
			parent.SubjectKeyId = one(f, nil, []byte{9, 9, 9})
		}
	}
	if _, ok := signer.(*rsa.PrivateKey); !ok {
		c.SignatureAlgorithm = 0
	}
	if !c.IsCA || !c.BasicConstraintsValid {
		c.MaxPathLen, c.MaxPathLenZero = -1, false
	}
	der, err := x509.CreateCertificate(cryptorand.Reader, c, parent, key.Public(), signer)
	if err != nil {
		f.Fatalf("%s: %v", name, err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		f.Fatalf("%s: %v", name, err)
	}
	return &made{cert, key}
}
