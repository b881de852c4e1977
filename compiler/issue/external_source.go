package issue

import (
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"relayform/compiler/certfile"
	"relayform/compiler/custom"
	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/diag"
)

// source reads the files that an external PKI names.
type source struct {
	authority *external
	root      *os.Root
	mayLack   bool // missing certificate files are accepted
	lacks     bool // a certificate file is missing
	requests  []lockfile.Request
	stands    bool // the lockfile has a certificate of the current role
	stood     bool // the lockfile replaced an encrypted file whose password is not available
	later     bool // nothing is imported now, so no key is needed
	allowance certfile.Allowance
	key       func(spki string) (crypto.Signer, error) // finds a key in the key store; nil without a store
	inFolder  *schema.KeyPair                          // a cluster's files in a folder; nil if the topology names them
}

// fault reports a fault at the field that names a file, with the file's name if it is in a folder.
func (s *source) fault(code diag.Code, field []string, message, hint string) {
	if s.inFolder != nil {
		name := s.inFolder.Cert
		if field[len(field)-1] == "key" && s.inFolder.Key != "" {
			name = s.inFolder.Key
		}
		field, message = []string{"clients"}, path.Base(string(name))+": "+message
	}
	s.authority.fault(code, field, message, hint)
}

// trusted returns the certificates in the files of trust anchors.
func (s *source) trusted() []*x509.Certificate {
	var all []*x509.Certificate
	for _, f := range s.authority.plan.TrustFiles() {
		all = append(all, s.certificates(f.Field, f.Path)...)
	}
	return all
}

// certificates returns the certificates in a file, or in every file of a folder.
func (s *source) certificates(field []string, name string) []*x509.Certificate {
	names := []string{name}
	if info, err := s.root.Stat(filepath.FromSlash(name)); err == nil && info.IsDir() {
		names = s.folder(field, name)
	}
	var all []*x509.Certificate
	for _, n := range names {
		c, ok := s.contents(field, n, s.named(name, n), certfile.NoPassword)
		if !ok {
			continue
		}
		if len(c.Keys) > 0 {
			s.fault(diag.BadCertificate, field, s.named(name, n)+"a private key is among the certificates; keep it in a separate file", "")
		}
		all = append(all, c.Certificates...)
	}
	return all
}

func (s *source) folder(field []string, name string) []string {
	entries, err := fs.ReadDir(s.root.FS(), path.Clean(name))
	if err != nil {
		s.fault(diag.BadFile, field, custom.Reason(err), "")
		return nil
	}
	var names []string
	for _, e := range entries {
		if !e.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			names = append(names, path.Join(name, e.Name()))
		}
	}
	switch {
	case len(names) == 0:
		s.fault(diag.BadFile, field, "the folder has no files", "")
	case len(names) > certfile.MaxFiles:
		s.fault(diag.LimitExceeded, field, fmt.Sprintf("the folder has %d files; the limit is %d", len(names), certfile.MaxFiles), "")
		return nil
	}
	return names
}

// named returns the name of the file in a folder that a fault is in.
func (s *source) named(field, file string) string {
	if field == file {
		return ""
	}
	return path.Base(file) + ": "
}

// contents reads a file. Faults name the file if the field does not. It returns false if there is nothing to continue with.
func (s *source) contents(field []string, name, named string, password certfile.Password) (certfile.Contents, bool) {
	if s.allowance.Spent() { // already reported
		return certfile.Contents{}, false
	}
	if err := s.allowance.File(); err != nil {
		s.fault(diag.LimitExceeded, field, err.Error(), "")
		return certfile.Contents{}, false
	}
	data, ok := s.file(field, name)
	if !ok {
		return certfile.Contents{}, false
	}
	c, err := certfile.Read(data, password, &s.allowance)
	if s.stands && errors.Is(err, errSealed) { // the password was only needed for the import
		s.stood = true
		return c, false
	}
	if s.mayLack && errors.Is(err, errSealed) {
		s.lacks = true // as happens in CI
		return c, false
	}
	if errors.Is(err, errTold) {
		return c, false
	}
	if err != nil {
		code, hint := diag.BadCertificate, ""
		switch {
		case errors.Is(err, certfile.ErrNoPassword):
			hint = "name a passwordFile, or an environment variable with passwordEnv"
			if s.inFolder != nil {
				hint += ": clients: {CLUSTER: {cert: " + name + ", passwordFile: FILE}}, one for each cluster, in place of the folder"
			}
		case certfile.IsLimit(err):
			code = diag.LimitExceeded
		}
		s.fault(code, field, named+err.Error(), hint)
		return c, false
	}
	return c, true
}

func (s *source) file(field []string, name string) ([]byte, bool) {
	data, err := folder.ReadBelow(s.root, filepath.FromSlash(name), certfile.MaxFile)
	var kind *folder.KindError
	var size *folder.SizeError
	switch {
	case errors.Is(err, fs.ErrNotExist) && s.mayLack && field[len(field)-1] != "key":
		s.lacks = true
	case errors.Is(err, fs.ErrNotExist):
		hint := ""
		if s.stands && len(field) == 2 && field[1] == "cert" {
			hint = "restore it; the certificate is enough, as its key is imported: public/ of the management cluster, in the build folder, has a copy"
		}
		s.fault(diag.BadFile, field, "no such file", hint)
	case errors.As(err, &size):
		s.fault(diag.LimitExceeded, field, fmt.Sprintf("%s has %d bytes; the limit is 1 MiB", path.Base(name), size.Size), "")
	case errors.As(err, &kind):
		s.fault(diag.BadFile, field, path.Base(name)+": "+kind.Error(), "")
	case err != nil:
		s.fault(diag.BadFile, field, custom.Reason(err), "")
	}
	return data, err == nil
}

// pair reads a certificate and its key, and matches them by public key, whatever their order or file names. It is nil without a
// certificate.
func (s *source) pair(role pki.Role, field []string, pair schema.KeyPair, have *lockfile.Certificate) *found {
	a := s.authority
	at := append(slices.Clone(field), "cert")
	s.stands = have != nil && have.Source == lockfile.External
	c, ok := s.contents(at, string(pair.Cert), "", s.password(field, pair))
	if s.stood {
		s.stood = false
		s.private(at, string(pair.Cert), aKey, true)
		if !a.world.WithoutFiles && role != pki.Agent {
			d := a.plan.Doc.Fault(append([]string{"pki", "external"}, at...), diag.BadFile.Fault("encrypted, and its password is not available; what was imported from it stays in use", ""))
			a.said.Notes = append(a.said.Notes, d.Error())
		}
		return &found{role: role, at: at[:len(field)], leaf: have.Chain[0], certs: have.Chain, have: have}
	}
	if len(c.Keys) > 0 {
		s.private(at, string(pair.Cert), aKey, pair.PasswordEnv != "" || pair.PasswordFile != "")
	}
	if !ok {
		return nil
	}
	if len(c.Certificates) == 0 {
		s.fault(diag.BadCertificate, at, "no certificate in it", "")
		return nil
	}
	f := &found{role: role, at: at, certs: c.Certificates, have: have}
	if s.inFolder != nil {
		f.at, f.named = []string{"clients"}, path.Base(string(pair.Cert))+": "
	}
	var request *lockfile.Request
	if i := slices.IndexFunc(s.requests, func(r lockfile.Request) bool { return r.Role == role }); i >= 0 {
		request = &s.requests[i]
	}
	if s.answer(request, c.Certificates, f) {
		return f
	}
	if s.stranger(request, field, pair, c, have) {
		return nil
	}
	keys, ok := s.keys(field, pair, c, have)
	if !ok {
		f.leaf, _ = Match(c.Certificates, nil, have)
		return f
	}
	leaf, key := Match(c.Certificates, keys, have)
	if leaf == nil {
		leaf, _ = Match(c.Certificates, nil, have)
		s.fault(diag.BadCertificate, keyField(field, pair), fmt.Sprintf("the private key does not belong to the certificate %s", leaf.Subject), "")
	} else if key == nil && !s.later && (have == nil || !have.Chain[0].Equal(leaf)) {
		s.fault(diag.BadFile, keyField(field, pair), "no such file", "the key is needed once, to import it into the key store")
	}
	if f.leaf = leaf; key != nil {
		f.keys = append(f.keys, key)
	}
	return f
}
