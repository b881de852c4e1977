package sops

import (
	"fmt"
	"regexp"
	"slices"
)

// version is the first version of SOPS that supports mac_only_encrypted, and with it the whole format.
const version = "3.9.0"

// Metadata is the sops block of a manifest, with the fields that SOPS itself writes for the same settings.
type Metadata struct {
	Age              []Key  `json:"age"`
	EncryptedRegex   string `json:"encrypted_regex"`
	LastModified     string `json:"lastmodified"`
	MAC              string `json:"mac"`
	MACOnlyEncrypted bool   `json:"mac_only_encrypted"`
	Version          string `json:"version"`
}

// Metadata returns the sops block for a Secret with the private value under a key. The MAC covers only this value, so that everything else
// in the manifest can change without the data key. The key's name must not occur elsewhere in it: see CheckManifest.
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

// FromManifest extracts the private value from a manifest, given the text under data.KEY and the sops block. The version may be that of the
// SOPS that wrote it; any other difference from Metadata is refused.
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

// only returns the rule that the field with this name is encrypted, wherever it is.
func only(key string) string { return "^" + regexp.QuoteMeta(key) + "$" }
