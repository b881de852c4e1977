// Package keystore stores the private keys and tokens of a mesh, in plain text or encrypted with age, with the kustomize components by
// which overlays use them.
package keystore

import (
	"crypto"
	"errors"
	"fmt"
	"io/fs"

	"relayform/compiler/delivery"
	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/seal"
)

// ErrNoKey means that a private key, or the token, is not in the store.
var ErrNoKey = errors.New("not here")

// Store is the folder of private keys and the identity token. A key's name is its SPKI digest, a token's its own digest, so that a file's
// content never changes.
type Store struct {
	folder   *folder.Folder
	topology string
	ring     seal.Ring
}

// OpenStore opens the store at dir, which need not exist. The ring determines the form of private files, and the disk makes the changes.
func OpenStore(dir, topology string, ring seal.Ring, disk folder.Disk) (*Store, error) {
	f, err := folder.Open(dir, folder.Keys, topology)
	if err != nil {
		return nil, err
	}
	f.Disk = disk
	return &Store{folder: f, topology: topology, ring: ring}, nil
}

// Path returns the store's folder.
func (s *Store) Path() string { return s.folder.Path }

// Exists reports whether the store exists.
func (s *Store) Exists() bool { return s.folder.Exists() }

// Sweep removes leftovers of interrupted runs.
func (s *Store) Sweep() error { return s.folder.Sweep() }

// Prepare creates the store's folder, and its .gitignore for private files. An existing .gitignore stays if it excludes them as well:
// Settle replaces it once the files are in their new form.
func (s *Store) Prepare() error {
	if err := s.folder.Create(); err != nil {
		return err
	}
	if _, ok := s.ignoring(); ok && !s.Exposed() {
		return nil
	}
	return s.ignore()
}

// Finish records that a lockfile refers to the store. Before that, a store without a lockfile belongs to an unfinished first compile;
// afterwards, to a lost lockfile.
func (s *Store) Finish() error {
	if !s.Unfinished() {
		return nil
	}
	return s.folder.End()
}

// Unfinished reports whether no lockfile was ever written for the store.
func (s *Store) Unfinished() bool { return s.folder.Unfinished() }

func (s *Store) put(name string, data []byte) error {
	if s.folder.Same(name, data) {
		return nil
	}
	return s.folder.Write(name, data)
}

// PutKey stores a private key.
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
	return s.putPrivate(lockfile.KeyFile(spki), text)
}

// PutKeyText stores a private key byte for byte, because clusters have it in this form.
func (s *Store) PutKeyText(text []byte) error {
	key, err := pki.ParseKey(text)
	if err != nil {
		return err
	}
	spki, err := pki.SPKI(key.Public())
	if err != nil {
		return err
	}
	if have, err := s.Key(spki); err == nil && have != nil {
		return nil
	}
	return s.putPrivate(lockfile.KeyFile(spki), text)
}

// PutAgentKey stores the private key of a cluster's agent, in the cluster's own folder.
func (s *Store) PutAgentKey(cluster string, key crypto.Signer) error {
	text, err := pki.MarshalKey(key)
	if err != nil {
		return err
	}
	return s.PutAgentKeyText(cluster, text)
}

// PutAgentKeyText stores the private key of a cluster's agent byte for byte, like PutKeyText.
func (s *Store) PutAgentKeyText(cluster string, text []byte) error {
	key, err := pki.ParseKey(text)
	if err != nil {
		return err
	}
	spki, err := pki.SPKI(key.Public())
	if err != nil {
		return err
	}
	if have, err := s.AgentKey(cluster, spki); err == nil && have != nil {
		return nil
	}
	for _, dir := range []string{lockfile.AgentsFolder, lockfile.AgentFolder(cluster)} {
		if err := s.folder.Mkdir(dir); err != nil {
			return err
		}
	}
	return s.putPrivate(lockfile.AgentKeyFile(cluster, spki), text)
}

// AgentKey returns the private key of a cluster's agent, like Key.
func (s *Store) AgentKey(cluster, spki string) (crypto.Signer, error) {
	return s.key(lockfile.AgentKeyFile(cluster, spki), spki)
}

// Key returns the private key with an SPKI digest. The error is ErrNoKey if it is missing.
func (s *Store) Key(spki string) (crypto.Signer, error) { return s.key(lockfile.KeyFile(spki), spki) }

func (s *Store) key(name, spki string) (crypto.Signer, error) {
	text, path, err := s.private(name)
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

// PutToken stores an identity token.
func (s *Store) PutToken(token []byte) error {
	if err := s.folder.Mkdir(lockfile.TokenFolder); err != nil {
		return err
	}
	return s.putPrivate(lockfile.TokenFile(lockfile.TokenDigest(token)), token)
}

// Token returns the identity token with a digest. The error is ErrNoKey if it is missing.
func (s *Store) Token(digest string) ([]byte, error) {
	text, path, err := s.private(lockfile.TokenFile(digest))
	if err != nil {
		return nil, err
	}
	if lockfile.TokenDigest(text) != digest {
		return nil, fmt.Errorf("%s: not the token that the lockfile names: half copied, or changed", path)
	}
	return text, nil
}

// unreadable adds the full path: the error's own is relative to the store.
func unreadable(path string, err error) error {
	var at *fs.PathError
	if errors.As(err, &at) {
		err = at.Err
	}
	return fmt.Errorf("%s: %w", path, err)
}

// Missing returns an error, with path and reason, for each file that cluster overlays need for a lockfile and that is missing or damaged.
// This excludes the root's key, which no cluster ever gets. Encrypted files are not decrypted for this check. Delivered reports the roles
// for which clusters get private values.
func (s *Store) Missing(l *lockfile.File, delivered func(pki.Role) bool) []error {
	var missing []error
	check := func(name string, read func() error) {
		if s.sealedHere(name) {
			return
		}
		if err := read(); err != nil {
			missing = append(missing, err)
		}
	}
	for _, role := range []pki.Role{pki.Signing, pki.Server, pki.Telemetry} {
		if c := l.Newest(role); c != nil && delivered(role) {
			check(lockfile.KeyFile(c.SPKI), func() error { _, err := s.Key(c.SPKI); return err })
		}
	}
	if delivered(pki.Agent) {
		for _, a := range l.AgentsInForce() {
			check(lockfile.AgentKeyFile(a.Cluster, a.SPKI), func() error { _, err := s.AgentKey(a.Cluster, a.SPKI); return err })
		}
	}
	if l.Token != nil {
		check(lockfile.TokenFile(l.Token.SHA256), func() error { _, err := s.Token(l.Token.SHA256); return err })
	}
	return missing
}

// Withhold removes the components that differ from those given, except foreign ones.
func (s *Store) Withhold(files []folder.File) error {
	at, err := s.components()
	if err != nil {
		return err
	}
	for _, f := range files {
		if at.Same(f.Name, f.Data) {
			continue
		}
		if err := removeComponent(at, f.Name); err != nil {
			return err
		}
	}
	return nil
}

// PutComponents writes the kustomize components by which overlays use private values, each value before the file that refers to it, and
// removes earlier ones that no overlay needs. In an encrypted store, Unlock does this.
func (s *Store) PutComponents(parts delivery.Parts) error {
	if s.ring.Sealing() {
		return s.lockAgain(parts)
	}
	files, err := delivery.Holding(parts.Files, s.Private)
	if err != nil {
		return err
	}
	made := make(map[string]bool, 2*len(files))
	for _, f := range append(files, parts.Components...) {
		made[f.Name] = true
		if err := s.put(f.Name, f.Data); err != nil {
			return err
		}
	}
	for _, name := range componentsIn(s.folder) {
		if made[name] {
			continue
		}
		if err := removeComponent(s.folder, name); err != nil {
			return err
		}
	}
	return s.dropHeld(func(name string) bool { return made[name] })
}

// lockAgain removes Unlock's files if no overlay needs them any more.
func (s *Store) lockAgain(parts delivery.Parts) error {
	if _, notOurs := s.unlocked(); len(parts.Components) > 0 || notOurs != nil {
		return nil
	}
	_, err := s.RemoveUnlocked()
	return err
}

// dropHeld removes the components' private files, except those that stay. Their values are also in the store itself.
func (s *Store) dropHeld(stays func(name string) bool) error {
	names, err := s.privateFiles()
	for _, name := range names {
		if isHeld(name) && !stays(name) && s.holds(name) {
			err = errors.Join(err, s.folder.Remove(name))
		}
	}
	return err
}

// components returns the folder in which overlays look for components.
func (s *Store) components() (*folder.Folder, error) {
	if !s.ring.Sealing() {
		return s.folder, nil
	}
	return s.unlocked()
}
