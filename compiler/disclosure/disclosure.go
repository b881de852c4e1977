// Package disclosure checks whether users' own files disclose private values. A patch is copied into the build folder, so it must not
// contain any. What users put into Secrets of their own components is their responsibility, and they are warned; the mesh's own keys and
// token are refused there, too.
package disclosure

import (
	"bytes"
	"fmt"
	"slices"

	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/seal"
	"relayform/schema/pattern"
	"relayform/schema/secrecy"
)

// Mesh is what is known about the mesh's own private values.
type Mesh struct {
	Digests    []string // SHA-256, in hexadecimal: of its token and its public keys, and others in the lockfile
	Recipients []string // age recipients whose identities decrypt its key store
}

// owns reports whether the private value at a place is the mesh's.
func (m Mesh) owns(p secrecy.Place) bool {
	switch p.Kind {
	case secrecy.Token:
		return true
	case secrecy.Identity:
		recipient, ok := seal.RecipientOf(string(p.Material))
		return ok && slices.Contains(m.Recipients, recipient)
	}
	key, err := pki.ParseKeyDER(p.Material)
	if err != nil {
		return false
	}
	spki, err := pki.SPKI(key.Public())
	return err == nil && slices.Contains(m.Digests, spki)
}

// Finding is what a file discloses.
type Finding struct {
	Warning bool // it is the users' own, and permitted
	Message string
	Hint    string
}

// at formats a position for a message.
func at(file string, line int) string { return fmt.Sprintf("%s:%d: ", file, line) }

const replaced = "remove it, and replace it: it may have been seen"

// Patch checks a patch. The kind is its target's, if any.
func (m Mesh) Patch(file string, text []byte, kind string) []Finding {
	var found []Finding
	for _, p := range few(secrecy.Find(text, m.Digests...)) {
		found = append(found, Finding{Message: at(file, p.Line) + string(p.Kind) + " is here; it is committed, and copied into build/", Hint: replaced})
	}
	if len(found) == 0 && (kind == "Secret" && intoData().Match(text) || slices.ContainsFunc(secretsIn(text), readable)) {
		found = append(found, Finding{Warning: true, Message: file + ": the patch puts values into a Secret; they are committed as they are, and copied into build/"})
	}
	return found
}

// intoData matches a key or a path to the values of a Secret.
var intoData = pattern.Late(`\b(?:data|stringData)(?:["']?\s*:|/)`)

// secretsIn returns the Secrets among the objects in a file.
func secretsIn(text []byte) []manifest.Secret {
	if !bytes.Contains(text, []byte("Secret")) {
		return nil
	}
	secrets, _ := manifest.ReadSecrets(text) // its faults are reported when it is built
	return secrets
}

// readable reports whether a Secret has plain values that should not be readable.
func readable(s manifest.Secret) bool {
	for _, value := range s.Data {
		if open(value) {
			return true
		}
	}
	return false
}

// open reports whether a value is neither empty, nor encrypted with SOPS, nor a certificate.
func open(value []byte) bool {
	value = bytes.TrimSpace(value)
	return len(value) > 0 && !bytes.HasPrefix(value, []byte("ENC[")) && !bytes.HasPrefix(value, []byte("-----BEGIN CERTIFICATE-----"))
}
