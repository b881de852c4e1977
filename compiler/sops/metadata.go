package sops

import (
	"fmt"
	"regexp"
	"slices"
)

// version is the first one of SOPS that knows mac_only_encrypted, and so the whole of the form.
const version = "3.9.0"

// Metadata is the block sops of a manifest, with the fields that SOPS itself writes for the same settings.
type Metadata struct {
	Age              []Key  `json:"age"`
	EncryptedRegex   string `json:"encrypted_regex"`
	LastModified     string `json:"lastmodified"`
	MAC              string `json:"mac"`
	MACOnlyEncrypted bool   `json:"mac_only_encrypted"`
	Version          string `json:"version"`
}

// Metadata is the block sops for a Secret whose private value has a key. The MAC covers this value alone, so everything else in
// the manifest may change without a key. The name of the key may stand nowhere else in it: see CheckManifest.
func (s Sealed) Metadata(key string) Metadata {
	return Metadata{
		Age:              slices.Clone(s.Keys),
		EncryptedRegex:   only(key),
		LastModified:     s.LastModified,
		MAC:              s.MAC,
		MACOnlyEncrypted: true,
		Version:          version,
	}
}

// FromManifest takes the private value out of a manifest: the text under data.KEY, and the block sops. The version may be
// that of the SOPS that wrote it; what else differs from Metadata is refused.
func FromManifest(key, value string, m Metadata) (Sealed, error) {
	if m.EncryptedRegex != only(key) {
		return Sealed{}, fmt.Errorf("sops.encrypted_regex is %q; want %q", m.EncryptedRegex, only(key))
	}
	if !m.MACOnlyEncrypted {
		return Sealed{}, fmt.Errorf("sops.mac_only_encrypted is not set; want it true, so that certificates may change without a key")
	}
	s := Sealed{Keys: slices.Clone(m.Age), LastModified: m.LastModified, Value: value, MAC: m.MAC}
	if err := s.Check(); err != nil {
		return Sealed{}, err
	}
	return s, nil
}

// only is the rule that the field with this name is encrypted, wherever it stands.
func only(key string) string { return "^" + regexp.QuoteMeta(key) + "$" }
