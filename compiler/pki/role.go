package pki

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Reason is why a certificate cannot fill its role. Code is a diagnostic code.
type Reason struct{ Code, Message string }

// Refused is the code for chains that Go refuses for no more specific reason.
const Refused = "chain-refused"

// Unfit lists the properties of a certificate itself that make it unusable in a role, whoever issued it.
func Unfit(role Role, c *x509.Certificate) []Reason {
	var unfit []Reason
	switch role {
	case Signing:
		switch {
		case !c.IsCA:
			unfit = append(unfit, Reason{"signing-not-ca", "it is not a CA; want basicConstraints CA:TRUE, as it signs agents' certificates"})
		case c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageCertSign == 0:
			unfit = append(unfit, Reason{"may-not-sign", "its key usage lacks keyCertSign"})
		}
	case Agent:
		if c.IsCA {
			unfit = append(unfit, Reason{"client-is-ca", "it is a CA; want a leaf (basicConstraints CA:FALSE)"})
		}
		if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
			unfit = append(unfit, Reason{"key-usage", "its key usage lacks digitalSignature"})
		}
	case Server, Telemetry:
		if c.IsCA {
			unfit = append(unfit, Reason{"server-is-ca", "it is a CA; want a leaf (basicConstraints CA:FALSE)"})
		}
		if c.KeyUsage != 0 && c.KeyUsage&x509.KeyUsageDigitalSignature == 0 {
			unfit = append(unfit, Reason{"key-usage", "its key usage lacks digitalSignature"})
		}
	}
	return unfit
}

// Blocked lists the restrictions in a chain that make its leaf unusable in a role, as Go judges them: what the CAs above may issue, and for
// which usages.
func Blocked(role Role, c Chain) []Reason {
	usage, name := x509.ExtKeyUsageClientAuth, "clientAuth"
	if role.Serves() {
		usage, name = x509.ExtKeyUsageServerAuth, "serverAuth"
	}
	return append(issuersBlock(role, c), usagesBlock(c, usage, name)...)
}

// Above returns the certificates above the leaf, the anchor last. An anchor that is the leaf is omitted.
func (c Chain) Above() []*x509.Certificate {
	all := slices.Clone(c.Intermediates)
	if c.Anchor != nil && !c.Anchor.Equal(c.Leaf) {
		all = append(all, c.Anchor)
	}
	return all
}

func issuersBlock(role Role, c Chain) []Reason {
	var all []Reason
	below := 0
	if role == Signing {
		below = 1
	}
	child := c.Leaf
	for _, ca := range c.Above() {
		switch length := PathLength(ca); {
		case uncheckable(child, ca):
			all = append(all, Reason{Refused, fmt.Sprintf("nobody can check whether its issuer %s signed %s: the signature is %s, by a key of %s",
				SubjectOf(ca), SubjectOf(child), kindOf(child.SignatureAlgorithm), AlgorithmOf(ca.PublicKey))})
		case !ca.IsCA && ca.Version == 3:
			all = append(all, Reason{"issuer-not-ca", fmt.Sprintf("its issuer %s is not a CA", SubjectOf(ca))})
		case ca.KeyUsage != 0 && ca.KeyUsage&x509.KeyUsageCertSign == 0:
			all = append(all, Reason{"may-not-sign", fmt.Sprintf("its issuer %s may not sign certificates: its key usage lacks keyCertSign", SubjectOf(ca))})
		case length >= 0 && length < below:
			all = append(all, Reason{"path-length", fmt.Sprintf("its issuer %s allows %d CAs below it, and there are %d", SubjectOf(ca), length, below)})
		}
		below++
		child = ca
	}
	return all
}

// usagesBlock finds certificates of a chain, including the anchor, whose extended key usages exclude the wanted one: Go, OpenSSL and Java
// apply a CA's list to what it issues.
func usagesBlock(c Chain, want x509.ExtKeyUsage, name string) []Reason {
	var all []Reason
	for _, cert := range append([]*x509.Certificate{c.Leaf}, c.Above()...) {
		if len(cert.ExtKeyUsage)+len(cert.UnknownExtKeyUsage) == 0 || slices.Contains(cert.ExtKeyUsage, want) || slices.Contains(cert.ExtKeyUsage, x509.ExtKeyUsageAny) {
			continue
		}
		who := "it"
		if cert != c.Leaf {
			who = "its issuer " + SubjectOf(cert)
		}
		all = append(all, Reason{"extended-usage", fmt.Sprintf("%s has extended key usages without %s", who, name)})
	}
	return all
}

// kindOf describes a signature algorithm.
func kindOf(a x509.SignatureAlgorithm) string {
	if a == x509.UnknownSignatureAlgorithm {
		return "of a kind that Go does not read"
	}
	return a.String()
}

// Stands lists what makes a chain unusable in its role, at a time when all of it is valid: one reason for each known fault, otherwise Go's
// own error.
func Stands(role Role, c Chain) []Reason {
	reasons := append(Unfit(role, c.Leaf), Blocked(role, c)...)
	at := c.Leaf.NotBefore
	for _, x := range c.Above() {
		if x.NotBefore.After(at) {
			at = x.NotBefore
		}
	}
	if err := Accepts(role, c, at); err != nil && len(reasons) == 0 {
		reasons = append(reasons, Reason{Refused, InWords(err)})
	}
	return reasons
}

// Accepts checks with crypto/x509 whether a chain is valid in its role at a time, whatever its names. The error is Go's.
func Accepts(role Role, c Chain, at time.Time) error {
	anchors := []*x509.Certificate{c.Anchor}
	var err error
	switch role {
	case Signing:
		_, err = WaysBelow(c.TLS(), anchors, at)
	case Server, Telemetry:
		_, err = Ways(c.TLS(), anchors, Ask{At: at, Usage: x509.ExtKeyUsageServerAuth})
	default:
		_, err = Ways(c.TLS(), anchors, Ask{At: at, Usage: x509.ExtKeyUsageClientAuth})
	}
	return err
}

// InWords returns the message of a crypto/x509 error without its prefix, on one line.
func InWords(err error) string {
	return strings.ReplaceAll(strings.ReplaceAll(err.Error(), "x509: ", ""), "\n", "; ")
}

// SubjectOf returns a certificate's subject as text.
func SubjectOf(c *x509.Certificate) string {
	if s := c.Subject.String(); s != "" {
		return s
	}
	return "a certificate without subject (serial number " + c.SerialNumber.Text(16) + ")"
}
