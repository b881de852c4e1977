package lock

import (
	"crypto"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/pki"
)

// TokenFolder is the part of the store that remote clusters need.
const TokenFolder = "remote"

// ErrNoKey means that a private key, or the token, is not in the store.
var ErrNoKey = errors.New("not here")

// Store is the folder of private keys and the identity token. A key's name is the digest of its
// public half, a token's its own digest, so that what is written never changes.
type Store struct{ folder *folder.Folder }

// OpenStore opens the store at dir, which need not exist yet.
func OpenStore(dir, topology string) (*Store, error) {
	f, err := folder.Open(dir, folder.Keys, topology)
	if err != nil {
		return nil, err
	}
	return &Store{folder: f}, nil
}

// Path is the store's folder.
func (s *Store) Path() string { return s.folder.Path }

// Exists reports whether there is a store.
func (s *Store) Exists() bool { return s.folder.Exists() }

// Prepare makes the store's folder, and has git ignore it.
func (s *Store) Prepare() error {
	if err := s.folder.Create(); err != nil {
		return err
	}
	return s.put(".gitignore", []byte("# Private keys: never commit them.\n*\n"))
}

func (s *Store) put(name string, data []byte) error {
	if s.folder.Same(name, data) {
		return nil
	}
	return s.folder.Write(name, data)
}

// KeyFile is the name of a private key's file, from the digest of its public key.
func KeyFile(spki string) string { return spki + ".key" }

// TokenFile is the name of a token's file, from its digest.
func TokenFile(digest string) string { return TokenFolder + "/" + digest + ".token" }

// PutKey keeps a private key.
func (s *Store) PutKey(key crypto.Signer) error {
	spki, err := pki.SPKI(key.Public())
	if err != nil {
		return err
	}
	if have, err := s.Key(spki); err == nil && have != nil {
		return nil
	}
	text, err := pki.MarshalKey(key)
	if err != nil {
		return err
	}
	return s.put(KeyFile(spki), text)
}

// Key is the private key whose public half has that digest. The error is ErrNoKey where it is
// missing.
func (s *Store) Key(spki string) (crypto.Signer, error) {
	path := filepath.Join(s.folder.Path, KeyFile(spki))
	text, err := s.folder.Read(KeyFile(spki))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, ErrNoKey)
	}
	if err != nil {
		return nil, err
	}
	key, err := pki.ParseKey(text)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if have, err := pki.SPKI(key.Public()); err != nil || have != spki {
		return nil, fmt.Errorf("%s: holds the private key of another certificate", path)
	}
	return key, nil
}

// NewToken makes an identity token of 256 random bits, and its digest.
func NewToken() (token []byte, sha256 string, err error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return nil, "", err
	}
	token = []byte(hex.EncodeToString(b))
	return token, tokenDigest(token), nil
}

// PutToken keeps an identity token.
func (s *Store) PutToken(token []byte) error {
	if err := s.folder.Mkdir(TokenFolder); err != nil {
		return err
	}
	return s.put(TokenFile(tokenDigest(token)), token)
}

// Token is the identity token with that digest. The error is ErrNoKey where it is missing.
func (s *Store) Token(digest string) ([]byte, error) {
	path := filepath.Join(s.folder.Path, filepath.FromSlash(TokenFile(digest)))
	text, err := s.folder.Read(TokenFile(digest))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: %w", path, ErrNoKey)
	}
	if err == nil && tokenDigest(text) != digest {
		err = fmt.Errorf("%s: its content has another digest than its name", path)
	}
	return text, err
}

func tokenDigest(token []byte) string {
	sum := sha256.Sum256(token)
	return hex.EncodeToString(sum[:])
}

// Missing is what a lock needs of the store and does not find, as paths, for the cluster overlays:
// the root's key, which no cluster ever gets, is not among it.
func (s *Store) Missing(l *Lock) []string {
	var missing []string
	for _, role := range []pki.Role{pki.Signing, pki.Server} {
		if c := l.Newest(role); c != nil {
			if _, err := s.Key(c.SPKI); err != nil {
				missing = append(missing, filepath.Join(s.folder.Path, KeyFile(c.SPKI)))
			}
		}
	}
	if l.Token != nil {
		if _, err := s.Token(l.Token.SHA256); err != nil {
			missing = append(missing, filepath.Join(s.folder.Path, filepath.FromSlash(TokenFile(l.Token.SHA256))))
		}
	}
	return missing
}

// PutComponents writes the kustomize components through which overlays reach the private half.
func (s *Store) PutComponents(files []folder.File) error {
	for _, f := range files {
		if err := s.put(f.Name, f.Data); err != nil {
			return err
		}
	}
	return nil
}

// The states of a private file.
const (
	Here    = "here"
	NotHere = "missing"
)

// Has says whether a private file is in the store.
func (s *Store) Has(name string) string {
	if _, err := s.folder.Read(name); err != nil {
		return NotHere
	}
	return Here
}

// Orphans are the private files, as slash-separated paths below the store, that the lock has no use
// for: neither what is in force nor what is set aside.
func (s *Store) Orphans(l *Lock) ([]string, error) {
	if !s.folder.Exists() {
		return nil, nil
	}
	used := map[string]bool{}
	for _, c := range l.Every() {
		used[KeyFile(c.SPKI)] = true
	}
	if l.Token != nil {
		used[TokenFile(l.Token.SHA256)] = true
	}
	var orphans []string
	err := fs.WalkDir(s.folder.FS(), ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && private(name) && !used[name] {
			orphans = append(orphans, name)
		}
		return err
	})
	return orphans, err
}

// private reports whether a file of the store is a key or a token.
func private(name string) bool {
	return strings.HasSuffix(name, ".key") || strings.HasSuffix(name, ".token")
}
