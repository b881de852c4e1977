// Package certfile reads certificates and private keys in any format in which PKIs provide them: PEM with text around it, DER, PKCS #7,
// PKCS #12, and encrypted keys. What it cannot read it refuses with the command that converts it. The input is untrusted: its processing is
// limited by an Allowance.
package certfile

import (
	"bytes"
	"cmp"
	"crypto"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/pbe"
	"relayform/compiler/pki"
)

// Contents is the contents of a file, in order.
type Contents struct {
	Certificates []*x509.Certificate
	Keys         []crypto.Signer
}

// ErrNoPassword means that a file is encrypted, and no password was given.
var ErrNoPassword = errors.New("it is encrypted, and no password is named")

// Password returns a file's password when it is needed. The error is ErrNoPassword if there is none.
type Password func() (string, error)

// NoPassword is the Password for files that must not be encrypted.
func NoPassword() (string, error) { return "", ErrNoPassword }

// Read reads a file in any of the formats, and counts it against the allowance. No error quotes the file, or the password.
func Read(data []byte, password Password, allowance *Allowance) (Contents, error) {
	r := reader{password: password, allowance: allowance}
	var err error
	switch {
	case bytes.Contains(data, []byte("-----BEGIN ")):
		err = r.pem(data)
	case len(bytes.TrimSpace(data)) == 0:
		err = errors.New("the file is empty")
	case bytes.HasPrefix(data, []byte{0xfe, 0xed, 0xfe, 0xed}):
		err = errors.New("it is a Java key store; convert it with: keytool -importkeystore -srckeystore FILE -destkeystore FILE.p12 -deststoretype PKCS12")
	case data[0] == 0x30:
		err = r.der(data)
	default:
		err = unknown(data)
	}
	if err == nil && len(r.Certificates)+len(r.Keys) == 0 {
		err = errors.New(cmp.Or(pki.Oddity(data), "neither a certificate nor a private key in it"))
	}
	return r.Contents, err
}

// unknown says what to do about a file in none of the formats.
func unknown(data []byte) error {
	if odd := pki.Oddity(data); odd != "" {
		return errors.New(odd)
	}
	return errors.New("neither PEM, DER, PKCS #7 nor PKCS #12; openssl storeutl -noout -text FILE shows what it is")
}

type reader struct {
	Contents
	password  Password
	allowance *Allowance
}

func (r *reader) pem(data []byte) error {
	blocks := 0
	for block := range pki.Blocks(data) {
		blocks++
		if err := r.block(block); err != nil {
			return fmt.Errorf("PEM block %d, %s: %w", blocks, pki.TypeOf(block), err)
		}
	}
	damaged := pki.Damaged(data, blocks)
	if odd := pki.Oddity(data); damaged != nil && odd != "" {
		return errors.New(odd)
	}
	return damaged
}

func (r *reader) block(block *pem.Block) error {
	switch {
	case block.Headers["DEK-Info"] != "":
		return errors.New("the key is encrypted in OpenSSL's old form; convert it with: openssl pkcs8 -topk8 -in FILE -out KEY")
	case block.Type == "ENCRYPTED PRIVATE KEY":
		return r.encryptedKey(block.Bytes)
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		return r.plainKey(block)
	case slices.Contains([]string{"PKCS7", "CMS", "PKCS #7 SIGNED DATA"}, block.Type):
		return r.pkcs7(block.Bytes)
	case block.Type == "TRUSTED CERTIFICATE":
		return errors.New("it has OpenSSL's trust settings after it; convert it with: openssl x509 -in FILE -out CERT")
	case block.Type == "CERTIFICATE", block.Type == "X509 CERTIFICATE":
		return r.certificates(block.Bytes)
	}
	return nil // parameters, requests, revocation lists
}

func (r *reader) plainKey(block *pem.Block) error {
	key, err := pki.ParseKeyBlock(block)
	if err != nil {
		return err
	}
	return r.key(key)
}

func (r *reader) der(data []byte) error {
	plain, err := distinguished(data)
	if err != nil {
		return fmt.Errorf("%w; openssl asn1parse -inform DER -in FILE shows where", err)
	}
	if _, err := x509.ParseCertificateRequest(plain); err == nil {
		return errors.New(pki.Oddity(plain))
	}
	switch e := encodingOf(plain); e {
	case encodingCertificate:
		return r.certificates(data)
	case encodingSignedData:
		return r.pkcs7(data)
	case encodingPFX:
		return r.pkcs12(data)
	case encodingEncryptedKey:
		return r.encryptedKey(data)
	case encodingPKCS8, encodingPKCS1, encodingSEC1:
		return r.plainKey(&pem.Block{Type: plainKeys[e], Bytes: data})
	}
	return errors.New("it is DER, and neither certificates, a private key, PKCS #7 nor PKCS #12; openssl asn1parse -inform DER -in FILE shows what it is")
}

func (r *reader) encryptedKey(der []byte) error {
	var sealed encryptedKey
	if err := parse(der, &sealed); err != nil {
		return errors.New("no encrypted key that can be read; try: openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out KEY")
	}
	text, err := r.password()
	if err != nil {
		return err
	}
	plain, err := pbe.Open(sealed.Algorithm, sealed.Text, pbe.NewPassword(text), r.work())
	if err != nil {
		return err
	}
	key, err := pki.ParsePKCS8(plain)
	if err != nil { // the padding was valid by chance
		return pbe.ErrWrong
	}
	return r.key(key)
}
