package verify_test

import (
	"crypto"
	"crypto/rand"
	"crypto/sha1"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
)

// tbs is the signed part of a certificate (RFC 5280 4.1).
type tbs struct {
	Version    int `asn1:"optional,explicit,default:0,tag:0"`
	Serial     *big.Int
	Algorithm  pkix.AlgorithmIdentifier
	Issuer     asn1.RawValue
	Validity   asn1.RawValue
	Subject    asn1.RawValue
	SPKI       asn1.RawValue
	Extensions []pkix.Extension `asn1:"omitempty,optional,explicit,tag:3"`
}

// without removes an extension.
func without(last int) func(*tbs) {
	return func(c *tbs) {
		var kept []pkix.Extension
		for _, e := range c.Extensions {
			if !e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, last}) {
				kept = append(kept, e)
			}
		}
		c.Extensions = kept
	}
}

// der creates a certificate with crypto/x509, and then edits it into what crypto/x509 refuses to create.
func (m *mesh) der(t *testing.T, name string) []byte {
	t.Helper()
	s := m.certs[name]
	parent := &s.Certificate
	signer := s.key
	if s.issuer != name {
		parent, signer = m.made[s.issuer], m.certs[s.issuer].key
		s.AuthorityKeyId = parent.SubjectKeyId
	}
	if len(s.SubjectKeyId) == 0 {
		spki, err := x509.MarshalPKIXPublicKey(s.key.Public())
		if err != nil {
			t.Fatal(err)
		}
		sum := sha1.Sum(spki)
		s.SubjectKeyId = sum[:]
	}
	der, err := x509.CreateCertificate(rand.Reader, &s.Certificate, parent, s.key.Public(), signer)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	if s.raw == nil && s.hash == 0 {
		return der
	}
	var c struct {
		TBS       tbs
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}
	if _, err := asn1.Unmarshal(der, &c); err != nil {
		t.Fatal(err)
	}
	hash := crypto.SHA256
	if s.hash != 0 {
		hash = s.hash
		last := map[crypto.Hash]int{crypto.MD5: 4, crypto.SHA1: 5}[hash]
		c.Algorithm = pkix.AlgorithmIdentifier{Algorithm: asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 1, last}, Parameters: asn1.NullRawValue}
		c.TBS.Algorithm = c.Algorithm
	}
	if s.raw != nil {
		s.raw(&c.TBS)
	}
	body, err := asn1.Marshal(c.TBS)
	if err != nil {
		t.Fatal(err)
	}
	h := hash.New()
	h.Write(body)
	signature, err := signer.Sign(rand.Reader, h.Sum(nil), hash)
	if err != nil {
		t.Fatal(err)
	}
	out, err := asn1.Marshal(struct {
		TBS       asn1.RawValue
		Algorithm pkix.AlgorithmIdentifier
		Signature asn1.BitString
	}{asn1.RawValue{FullBytes: body}, c.Algorithm, asn1.BitString{Bytes: signature, BitLength: 8 * len(signature)}})
	if err != nil {
		t.Fatal(err)
	}
	return out
}
