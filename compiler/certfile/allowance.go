package certfile

import (
	"crypto"
	"encoding/asn1"
	"errors"
	"fmt"

	"relayform/compiler/pbe"
	"relayform/compiler/pki"
)

// Limits of a PKI's files.
const (
	MaxFile  = 1 << 20 // bytes of one file
	MaxFiles = 256     // files of one PKI
	MaxKeys  = 16      // private keys in one file
)

// IsLimit reports whether a file was refused because it exceeds one of the limits, or all files together do.
func IsLimit(err error) bool {
	var here pki.LimitError
	var opening pbe.LimitError
	return errors.As(err, &here) || errors.As(err, &opening)
}

func limited(format string, args ...any) error { return pki.LimitError(fmt.Sprintf(format, args...)) }

// Allowance is what the files of one PKI have used of their limits so far.
type Allowance struct {
	Work                pbe.Work
	files, certificates int
}

// Spent reports whether no further file can be read.
func (a *Allowance) Spent() bool { return a.files > MaxFiles || a.certificates > pki.MaxCertificates }

// File counts a file before it is read.
func (a *Allowance) File() error {
	if a.files++; a.files > MaxFiles {
		return limited("more than %d files in all, which is the limit", MaxFiles)
	}
	return nil
}

func (r *reader) work() *pbe.Work { return &r.allowance.Work }

// certificates parses concatenated certificates in DER.
func (r *reader) certificates(der []byte) error {
	for len(der) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			return errors.New("certificate: malformed")
		}
		if r.allowance.certificates++; r.allowance.certificates > pki.MaxCertificates {
			return limited("more than %d certificates in all, which is the limit", pki.MaxCertificates)
		}
		c, err := pki.ParseCertificate(v.FullBytes)
		if err != nil {
			return fmt.Errorf("certificate: %w", err)
		}
		r.Certificates, der = append(r.Certificates, c), rest
	}
	return nil
}

func (r *reader) key(key crypto.Signer) error {
	if len(r.Keys) == MaxKeys {
		return limited("more than %d private keys in a file, which is the limit", MaxKeys)
	}
	r.Keys = append(r.Keys, key)
	return nil
}
