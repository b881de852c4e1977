package issue

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"relayform/compiler/certfile"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/diag"
)

func keyField(field []string, pair schema.KeyPair) []string {
	if pair.Key == "" {
		return append(slices.Clone(field), "cert")
	}
	return append(slices.Clone(field), "key")
}

// keys returns the private keys in the key file, the certificate file and the key store. No key file is needed once a certificate is in the
// lockfile, as its key was imported with it. It returns false if it reported a fault.
func (s *source) keys(field []string, pair schema.KeyPair, cert certfile.Contents, have *lockfile.Certificate) ([]crypto.Signer, bool) {
	beside := cert.Keys
	at := keyField(field, pair)
	imported := have != nil && slices.ContainsFunc(cert.Certificates, have.Chain[0].Equal)
	if !imported && len(beside) == 0 {
		beside = s.kept(cert.Certificates)
	}
	if pair.Key == "" {
		if len(beside) == 0 && !imported && !s.later {
			hint := "name the key's file: pki.external." + strings.Join(field, ".") + ".key"
			if s.inFolder != nil {
				hint = "put the key beside it: " + strings.TrimSuffix(string(pair.Cert), path.Ext(string(pair.Cert))) + keyEnds
			}
			s.fault(diag.BadCertificate, at, "no private key in it", hint)
		}
		return beside, imported || s.later || len(beside) > 0
	}
	if _, err := s.root.Stat(filepath.FromSlash(string(pair.Key))); errors.Is(err, fs.ErrNotExist) {
		return beside, true
	}
	if imported && (s.sealed(field, pair) || !s.readable(pair.Key)) { // only needed for the import
		return beside, true
	}
	c, ok := s.contents(at, string(pair.Key), "", s.password(field, pair))
	if ok && len(c.Keys) == 0 {
		s.fault(diag.BadCertificate, at, "no private key in it", "")
		return nil, false
	}
	return append(c.Keys, beside...), ok
}

// kept returns the keys of certificates that are already in the key store.
func (s *source) kept(certs []*x509.Certificate) (keys []crypto.Signer) {
	if s.key == nil {
		return nil
	}
	for _, c := range certs {
		if key, err := s.key(pki.KeyOf(c)); err == nil {
			keys = append(keys, key)
		}
	}
	return keys
}

// Match finds the certificate that belongs to one of the keys; of several, the last to expire. Without keys it returns the lockfile's
// certificate, or the first that is not a CA, or the first.
func Match(certs []*x509.Certificate, keys []crypto.Signer, have *lockfile.Certificate) (*x509.Certificate, crypto.Signer) {
	var leaf *x509.Certificate
	var own crypto.Signer
	for _, key := range keys {
		spki, err := pki.SPKI(key.Public())
		for _, c := range certs {
			if err == nil && pki.KeyOf(c) == spki && (leaf == nil || c.NotAfter.After(leaf.NotAfter)) {
				leaf, own = c, key
			}
		}
	}
	if len(keys) > 0 {
		return leaf, own
	}
	is := []func(*x509.Certificate) bool{
		func(c *x509.Certificate) bool { return have != nil && have.Chain[0].Equal(c) },
		func(c *x509.Certificate) bool { return !c.IsCA },
	}
	for _, test := range is {
		if i := slices.IndexFunc(certs, test); i >= 0 {
			return certs[i], nil
		}
	}
	return certs[0], nil
}

// errTold means that the password cannot be read, which is reported for its own file.
var errTold = errors.New("its password cannot be read")

// errSealed means that a password is needed but not available.
var errSealed = errors.New("it is encrypted")

// readable reports whether a file may be opened.
func (s *source) readable(name schema.Path) bool {
	f, err := s.root.Open(filepath.FromSlash(string(name)))
	if err != nil {
		return false
	}
	return f.Close() == nil
}

// Descriptions of contents that must not be committed.
const (
	aKey      = "a private key"
	aPassword = "the password of a private key"
)

// private records a file that must not be committed.
func (s *source) private(field []string, name, holds string, encrypted bool) {
	if s.inFolder != nil {
		field = []string{"clients"}
	}
	s.authority.said.Private = append(s.authority.said.Private, PrivateFile{Field: field, Path: name, Holds: holds, Encrypted: encrypted})
}

// privates records the files that a pair names only for keys.
func (s *source) privates(field []string, pair schema.KeyPair) {
	if pair.Key != "" {
		s.private(append(slices.Clone(field), "key"), string(pair.Key), aKey, pair.PasswordEnv != "" || pair.PasswordFile != "")
	}
	if pair.PasswordFile != "" {
		s.private(append(slices.Clone(field), "passwordFile"), string(pair.PasswordFile), aPassword, false)
	}
}

// sealed reports whether a password is named but not available. A compile that imports nothing needs none: the certificates are in the
// lockfile.
func (s *source) sealed(field []string, pair schema.KeyPair) bool {
	switch {
	case pair.PasswordEnv != "":
		if s.authority.world.LookupEnv == nil {
			return true
		}
		v, _ := s.authority.world.LookupEnv(string(pair.PasswordEnv))
		return v == ""
	case pair.PasswordFile != "":
		_, err := s.root.Stat(filepath.FromSlash(string(pair.PasswordFile)))
		return errors.Is(err, fs.ErrNotExist)
	}
	return false
}

// password returns where a pair's password is stored. Only its first line counts.
func (s *source) password(field []string, pair schema.KeyPair) certfile.Password {
	return func() (string, error) {
		switch {
		case pair.PasswordFile != "" && (s.mayLack || s.stands) && s.sealed(field, pair):
			return "", errSealed
		case pair.PasswordFile != "":
			data, ok := s.file(append(slices.Clone(field), "passwordFile"), string(pair.PasswordFile))
			if !ok {
				return "", errTold
			}
			line, _, _ := bytes.Cut(data, []byte("\n"))
			return string(bytes.TrimSuffix(line, []byte("\r"))), nil
		case pair.PasswordEnv != "":
			if s.authority.world.LookupEnv != nil {
				if v, _ := s.authority.world.LookupEnv(string(pair.PasswordEnv)); v != "" {
					return v, nil
				}
			}
			return "", fmt.Errorf("%w, and the environment variable %s is not set", errSealed, pair.PasswordEnv)
		}
		return "", certfile.ErrNoPassword
	}
}
