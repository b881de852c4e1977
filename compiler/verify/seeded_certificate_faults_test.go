package verify_test

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/asn1"
	"math/big"
	"testing"
	"time"

	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// certificateFaults are faults of usage, form and validity.
var certificateFaults = []fault{
	{"the server is a CA", []diag.Code{verify.ServerIsCA}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.IsCA, c.MaxPathLenZero = true, true
		c.KeyUsage |= x509.KeyUsageCertSign
	}},
	{"an agent's certificate is a CA", []diag.Code{verify.ClientIsCA}, func(t *testing.T, m *mesh) {
		withClient(t, m, "east", "signing")
		c := m.certs["client"]
		c.IsCA, c.MaxPathLenZero = true, true
		c.KeyUsage |= x509.KeyUsageCertSign
	}},
	{"the signing CA is a leaf", []diag.Code{verify.SigningNotCA}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.IsCA, c.MaxPathLenZero, c.MaxPathLen, c.KeyUsage = false, false, -1, x509.KeyUsageDigitalSignature
	}},
	{"the root is not a CA", []diag.Code{verify.IssuerNotCA}, func(t *testing.T, m *mesh) {
		c := m.certs["root"]
		c.IsCA, c.MaxPathLen, c.KeyUsage = false, -1, x509.KeyUsageDigitalSignature
	}},
	{"the signing CA may not sign", []diag.Code{verify.MayNotSign}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.KeyUsage, c.MaxPathLenZero, c.MaxPathLen = x509.KeyUsageDigitalSignature, false, -1
	}},
	{"the root may not sign", []diag.Code{verify.MayNotSign}, func(t *testing.T, m *mesh) {
		c := m.certs["root"]
		c.KeyUsage, c.MaxPathLen = x509.KeyUsageCRLSign, -1
	}},
	{"the root allows no CA below", []diag.Code{verify.PathLength}, func(t *testing.T, m *mesh) {
		c := m.certs["root"]
		c.MaxPathLen, c.MaxPathLenZero = 0, true
	}},
	{"the signing CA has no path length", []diag.Code{verify.PathLengthOpen}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.MaxPathLen, c.MaxPathLenZero = -1, false
	}},
	{"the server may not sign handshakes", []diag.Code{verify.KeyUsage}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.KeyUsage = x509.KeyUsageKeyEncipherment
	}},
	{"the server has keyCertSign", []diag.Code{verify.KeyUsage}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.KeyUsage |= x509.KeyUsageCertSign
	}},
	{"the server is a client only", []diag.Code{verify.ExtendedUsage}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageClientAuth}
	}},
	{"the signing CA is for servers only", []diag.Code{verify.ExtendedUsage}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}},
	{"the root is for servers only", []diag.Code{verify.ExtendedUsage, verify.RootExtendedUsage}, func(t *testing.T, m *mesh) {
		c := m.certs["root"]
		c.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}
	}},
	{"the root has usages", []diag.Code{verify.RootExtendedUsage}, func(t *testing.T, m *mesh) {
		c := m.certs["root"]
		c.ExtKeyUsage = m.certs["signing"].ExtKeyUsage
	}},
	{"a critical extension nobody knows", []diag.Code{verify.CriticalUnknown}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.ExtraExtensions = []pkix.Extension{{Id: asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 99999, 1}, Critical: true, Value: []byte{5, 0}}}
	}},
	{"serial zero", []diag.Code{verify.SerialZero}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.SerialNumber = big.NewInt(0)
	}},
	{"serial negative", []diag.Code{verify.SerialNegative}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.raw = func(c *tbs) { c.Serial = big.NewInt(-5) }
	}},
	{"serial of 21 octets", []diag.Code{verify.SerialLong}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.SerialNumber = new(big.Int).Lsh(big.NewInt(1), 160)
	}},
	{"serial duplicate", []diag.Code{verify.SerialDuplicate}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.SerialNumber = m.certs["signing"].SerialNumber
	}},
	{"subject equal to issuer", []diag.Code{verify.SubjectIsIssuer}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.Subject = m.certs["root"].Subject
	}},
	{"a CA without subject", []diag.Code{verify.SubjectEmpty}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.Subject = pkix.Name{}
	}},
	{"the root lacks a key identifier", []diag.Code{verify.SKIMissing, verify.AKIMissing}, func(t *testing.T, m *mesh) {
		c := m.certs["root"]
		c.raw = without(14)
	}},
	{"the signing CA lacks a key identifier", []diag.Code{verify.SKIMissing}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.raw = without(14)
	}},
	{"the server lacks the authority key identifier", []diag.Code{verify.AKIMissing}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.raw = without(35)
	}},
	{"the authority key identifier is another's", []diag.Code{verify.AKIMismatch}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.raw = func(c *tbs) {
			for i, e := range c.Extensions {
				if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 35}) {
					v := bytes.Clone(e.Value)
					v[len(v)-1] ^= 1
					c.Extensions[i].Value = v
				}
			}
		}
	}},
	{"the root has no key usage", []diag.Code{verify.CAWithoutKeyUsage}, func(t *testing.T, m *mesh) {
		c := m.certs["root"]
		c.KeyUsage = 0
	}},
	{"the signing CA has no key usage", []diag.Code{verify.CAWithoutKeyUsage}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.KeyUsage = 0
	}},
	{"basic constraints not critical", []diag.Code{verify.NotCritical}, func(t *testing.T, m *mesh) {
		c := m.certs["root"]
		c.raw = func(c *tbs) {
			for i, e := range c.Extensions {
				if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 19}) {
					c.Extensions[i].Critical = false
				}
			}
		}
	}},
	{"a leaf with a path length", []diag.Code{verify.PathLengthOdd}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.raw = func(c *tbs) {
			for i, e := range c.Extensions {
				if e.Id.Equal(asn1.ObjectIdentifier{2, 5, 29, 19}) {
					c.Extensions[i].Value = []byte{0x30, 3, 2, 1, 0}
				}
			}
		}
	}},
	{"a server certificate of version 1", []diag.Code{verify.OldVersion, verify.NoSAN}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.raw = func(c *tbs) { c.Version, c.Extensions = 0, nil }
	}},
	{"SHA-1", []diag.Code{verify.WeakSignature}, func(t *testing.T, m *mesh) {
		m.certs["root"].key = key(t, "rsa2048-root")
		m.certs["server"].hash = crypto.SHA1
	}},
	{"MD5", []diag.Code{verify.WeakSignature}, func(t *testing.T, m *mesh) {
		m.certs["root"].key = key(t, "rsa2048-root")
		m.certs["signing"].hash = crypto.MD5
	}},
	{"a root signed with SHA-1", []diag.Code{verify.WeakSignature}, func(t *testing.T, m *mesh) {
		m.certs["root"].key = key(t, "rsa2048-root")
		m.certs["root"].hash = crypto.SHA1
	}},
	{"RSA 1024", []diag.Code{verify.WeakKey}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.key = key(t, "rsa1024-server")
	}},
	{"Ed25519", []diag.Code{verify.Ed25519Key}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.key = key(t, "ed1")
	}},
	{"P-521", []diag.Code{verify.P521Key}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.key = key(t, "p5211")
	}},
	{"P-224", []diag.Code{verify.UnknownKey}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.key = key(t, "p2241")
	}},
	{"the server has expired", []diag.Code{verify.Expired}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.NotAfter = noon.Add(-time.Minute)
	}},
	{"the signing CA has expired", []diag.Code{verify.Expired}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.NotAfter = noon.Add(-time.Minute)
	}},
	{"the root has expired", []diag.Code{verify.Expired}, func(t *testing.T, m *mesh) {
		c := m.certs["root"]
		c.NotAfter = noon.Add(-time.Minute)
	}},
	{"the server is not valid yet", []diag.Code{verify.NotYetValid}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.NotBefore = noon.Add(hour)
	}},
	{"the signing CA is not valid yet", []diag.Code{verify.NotYetValid}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.NotBefore = noon.Add(hour)
	}},
	{"the server outlives the root", []diag.Code{verify.OutlivesIssuer}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.NotAfter = noon.Add(11 * year)
	}},
	{"the signing CA has a year left", []diag.Code{verify.SigningShort}, func(t *testing.T, m *mesh) {
		c := m.certs["signing"]
		c.NotAfter = noon.Add(year)
	}},
	{"the root has a year left", []diag.Code{verify.RootShort, verify.SigningShort}, func(t *testing.T, m *mesh) {
		m.certs["root"].NotAfter = noon.Add(year)
		m.certs["signing"].NotAfter, m.certs["server"].NotAfter = noon.Add(year), noon.Add(year)
	}},
	{"the server has a week left", []diag.Code{verify.ServerShort}, func(t *testing.T, m *mesh) {
		c := m.certs["server"]
		c.NotAfter = noon.Add(7 * days)
	}},
	{"judged on a later day", []diag.Code{verify.Expired}, func(t *testing.T, m *mesh) {
		m.at = noon.Add(399 * days)
	}},
}
