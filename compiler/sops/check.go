package sops

import (
	"bytes"
	"crypto/sha512"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/seal"
)

// Check returns an error for faults that are visible without a key.
func (s Sealed) Check() error {
	if err := checkKeys(s.Keys); err != nil {
		return err
	}
	at, err := time.Parse(time.RFC3339, s.LastModified)
	if err != nil || at.UTC().Format(time.RFC3339) != s.LastModified {
		return fmt.Errorf("lastmodified is %q; want a time such as 2026-12-01T11:00:00Z", s.LastModified)
	}
	value, err := parse(s.Value)
	if err != nil {
		return fmt.Errorf("value: %w", err)
	}
	if n := len(value.data); n%4 != 0 { // GCM keeps lengths
		return fmt.Errorf("value: %d bytes are encrypted, and base64 has a multiple of four", n)
	}
	mac, err := parse(s.MAC)
	if err != nil {
		return fmt.Errorf("mac: %w", err)
	}
	if n, want := len(mac.data), hex.EncodedLen(sha512.Size); n != want {
		return fmt.Errorf("mac: %d bytes are encrypted; want %d, a SHA-512 in hex", n, want)
	}
	if bytes.Equal(value.nonce, mac.nonce) {
		return errors.New("value and mac have the same iv, which gives both away")
	}
	return nil
}

func checkKeys(keys []Key) error {
	if len(keys) == 0 {
		return errors.New("encrypted to nobody; want a recipient")
	}
	seen := map[string]bool{}
	for _, k := range keys {
		if err := seal.Check(k.Recipient); err != nil {
			return fmt.Errorf("%s: %w", k.Recipient, err)
		}
		if seen[k.Recipient] {
			return fmt.Errorf("%s: this recipient is listed twice", k.Recipient)
		}
		seen[k.Recipient] = true
		if err := seal.CheckArmored(k.Enc); err != nil {
			return fmt.Errorf("data key for %s: %w", k.Recipient, err)
		}
	}
	return nil
}

// CheckManifest returns an error if a decoded manifest violates the rule in its sops block, which knows names but no paths: SOPS treats
// every field with the private value's name, and everything below it, as encrypted, even in labels and annotations, and refuses the file if
// one is in plain text. The whole file must be this one manifest.
func CheckManifest(manifest map[string]any, key string) error {
	data, _ := manifest["data"].(map[string]any)
	if _, isText := data[key].(string); !isText {
		return fmt.Errorf("data.%s: want the private value, encrypted", key)
	}
	var found []string
	var walk func(at string, v any)
	walk = func(at string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, below := range v {
				here := at + name
				if name == key && here != "data."+key {
					found = append(found, here)
				}
				if here != "sops" { // SOPS removes it first
					walk(here+".", below)
				}
			}
		case []any:
			for _, below := range v {
				walk(at, below)
			}
		}
	}
	walk("", manifest)
	if len(found) == 0 {
		return nil
	}
	slices.Sort(found)
	return fmt.Errorf("%s: SOPS takes every field of the name %s for encrypted; want it under data only", strings.Join(slices.Compact(found), ", "), key)
}
