// Package container reads certificates and private keys out of whatever a PKI hands out: PEM with
// text around it, DER, PKCS #7, PKCS #12, and encrypted keys. What it cannot read it refuses with
// the command that converts it.
package container

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/smallstep/pkcs7"
	"github.com/youmark/pkcs8"
	"software.sslmate.com/src/go-pkcs12"

	"relayform/compiler/pki"
)

// Contents is what a file holds, in its order.
type Contents struct {
	Certificates []*x509.Certificate
	Keys         []crypto.Signer
}

// ErrNoPassword means that a file is encrypted, and no password was given.
var ErrNoPassword = errors.New("it is encrypted, and no password is named")

// Password gives a file's password when it is needed. The error is ErrNoPassword where there is none.
type Password func() (string, error)

// NoPassword is the password of files that may not be encrypted.
func NoPassword() (string, error) { return "", ErrNoPassword }

// Read reads a file of any of the forms. No error quotes the file, or the password.
func Read(data []byte, password Password) (Contents, error) {
	r := reader{password: password}
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
		err = errors.New("neither a certificate nor a private key in it")
	}
	return r.Contents, err
}

// unknown says what to do about a file of no form that is read.
func unknown(data []byte) error {
	compact := bytes.Join(bytes.Fields(data), nil)
	if der, err := base64.StdEncoding.DecodeString(string(compact)); err == nil && len(der) > 0 && der[0] == 0x30 {
		return errors.New("it is base64 without the lines BEGIN and END; convert it with: openssl base64 -d -A -in FILE -out FILE.der")
	}
	if bytes.HasPrefix(data, []byte{0xff, 0xfe}) || bytes.HasPrefix(data, []byte{0xfe, 0xff}) {
		return errors.New("it is UTF-16 text; convert it with: iconv -f UTF-16 -t UTF-8 FILE")
	}
	return errors.New("neither PEM, DER, PKCS #7 nor PKCS #12; openssl storeutl -noout -text FILE shows what it is")
}

type reader struct {
	Contents
	password Password
}

func (r *reader) pem(data []byte) error {
	blocks := 0
	for rest := data; ; blocks++ {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}
		if err := r.block(block); err != nil {
			return fmt.Errorf("PEM block %d, %s: %w", blocks+1, block.Type, err)
		}
	}
	if begun := bytes.Count(data, []byte("-----BEGIN ")); begun > blocks {
		return fmt.Errorf("%d of its %d PEM blocks are cut short or damaged", begun-blocks, begun)
	}
	return nil
}

func (r *reader) block(block *pem.Block) error {
	switch {
	case block.Headers["DEK-Info"] != "":
		return errors.New("the key is encrypted in OpenSSL's old form; convert it with: openssl pkcs8 -topk8 -in FILE -out KEY")
	case block.Type == "ENCRYPTED PRIVATE KEY":
		return r.encryptedKey(block.Bytes)
	case strings.HasSuffix(block.Type, "PRIVATE KEY"):
		key, err := pki.ParseKey(pem.EncodeToMemory(block))
		if err == nil {
			r.Keys = append(r.Keys, key)
		}
		return err
	case slices.Contains([]string{"PKCS7", "CMS", "PKCS #7 SIGNED DATA"}, block.Type):
		return r.pkcs7(block.Bytes)
	case block.Type == "TRUSTED CERTIFICATE":
		return errors.New("it has OpenSSL's trust settings behind it; convert it with: openssl x509 -in FILE -out CERT")
	case block.Type == "CERTIFICATE", block.Type == "X509 CERTIFICATE":
		return r.certificates(block.Bytes)
	}
	return nil // parameters, requests, revocation lists
}

func (r *reader) certificates(der []byte) error {
	certs, err := x509.ParseCertificates(der)
	if err != nil {
		return fmt.Errorf("certificate: %s", strings.TrimPrefix(err.Error(), "x509: "))
	}
	r.Certificates = append(r.Certificates, certs...)
	return nil
}

// der tries the forms in turn: none of them is marked as what it is.
func (r *reader) der(data []byte) error {
	if r.certificates(data) == nil {
		return nil
	}
	for _, kind := range []string{"PRIVATE KEY", "RSA PRIVATE KEY", "EC PRIVATE KEY"} {
		if key, err := pki.ParseKey(pem.EncodeToMemory(&pem.Block{Type: kind, Bytes: data})); err == nil {
			r.Keys = append(r.Keys, key)
			return nil
		}
	}
	if r.pkcs7(data) == nil {
		return nil
	}
	switch formOf(data) {
	case formPFX:
		return r.pkcs12(data)
	case formEncryptedKey:
		return r.encryptedKey(data)
	}
	return errors.New("it is DER, and neither certificates, a private key, PKCS #7 nor PKCS #12; openssl asn1parse -inform DER -in FILE shows what it is")
}

func (r *reader) pkcs7(data []byte) error {
	p, err := pkcs7.Parse(data)
	if err != nil {
		return errors.New("no PKCS #7 that can be read; convert it with: openssl pkcs7 -print_certs -in FILE -out FILE.pem (-inform DER where it is binary)")
	}
	r.Certificates = append(r.Certificates, p.Certificates...)
	return nil
}

func (r *reader) encryptedKey(der []byte) error {
	password, err := r.password()
	if err != nil {
		return err
	}
	if err := affordable(der, 0); err != nil {
		return err
	}
	key, _, err := pkcs8.ParsePrivateKey(der, []byte(password))
	if err != nil {
		return errors.New("the password does not open the key, or the cipher is not known; try: openssl pkcs8 -topk8 -v2 aes-256-cbc -in FILE -out KEY")
	}
	return r.key(key)
}

func (r *reader) key(key any) error {
	signer, ok := key.(crypto.Signer)
	if !ok {
		return fmt.Errorf("private key: %T cannot sign", key)
	}
	r.Keys = append(r.Keys, signer)
	return nil
}

// pkcs12 opens a container, first without a password: many have an empty one.
func (r *reader) pkcs12(data []byte) error {
	if err := affordable(data, 0); err != nil {
		return err
	}
	done, err := r.open(data, "")
	if done || !errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return err
	}
	password, err := r.password()
	if err != nil {
		return err
	}
	_, err = r.open(data, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return errors.New("the password does not open it")
	}
	return err
}

func (r *reader) open(data []byte, password string) (bool, error) {
	key, leaf, rest, err := pkcs12.DecodeChain(data, password)
	if errors.Is(err, pkcs12.ErrIncorrectPassword) {
		return false, err
	}
	if err == nil {
		r.Certificates = append(append(r.Certificates, leaf), rest...)
		return true, r.key(key)
	}
	certs, err := pkcs12.DecodeTrustStore(data, password)
	if err != nil {
		return false, errors.New("no PKCS #12 with one key and its certificates; convert it with: openssl pkcs12 -in FILE -nodes -out FILE.pem (-legacy for old ciphers)")
	}
	r.Certificates = append(r.Certificates, certs...)
	return true, nil
}
