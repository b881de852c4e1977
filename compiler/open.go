package compiler

import (
	"errors"
	"fmt"

	"relayform/compiler/delivery"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/seal"
	"relayform/compiler/sops"
)

// closedError means that a ciphertext cannot be decrypted here: no given identity decrypts it, and its value is not in the key store.
type closedError struct{ error }

func (e *closedError) Unwrap() error { return e.error }

// closed decrypts nothing.
func closed(delivery.Ciphertext, sops.Sealed) ([]byte, error) { return nil, nil }

// opener decrypts SOPS ciphertexts for clusters: what is committed, with the given identities, otherwise it takes the same value from the
// key store.
func (c *compile) opener(p *plan.Plan, store *keystore.Store, clusters []string) delivery.Open {
	if p.Sops == nil {
		return closed
	}
	asked := map[string]bool{}
	for _, name := range clusters {
		asked[p.AudienceOf(p.Cluster(name)).Digest] = true
	}
	ring := seal.Ring{Identities: c.env.Identities}
	return func(of delivery.Ciphertext, s sops.Sealed) ([]byte, error) {
		if !asked[of.Audience.Digest] {
			return nil, nil
		}
		if len(c.env.Identities) > 0 {
			value, err := s.Open(of.Key, ring)
			if err == nil {
				err = fits(of, value)
			}
			if !errors.Is(err, seal.ErrNoIdentity) {
				return value, err
			}
		}
		value, err := store.Private(of.Value)
		if err != nil {
			hint := "give an identity that decrypts it with --identity FILE"
			if len(c.env.Identities) > 0 {
				hint = "the identity given is none of those that decrypt it"
			}
			return nil, &closedError{fmt.Errorf("%w; %s", err, hint)}
		}
		return value, nil
	}
}

// fits refuses a decrypted value that differs from its record: anyone who knows the recipients can encrypt to them.
func fits(of delivery.Ciphertext, value []byte) error {
	if of.Value == lockfile.TokenFile(of.Holds) {
		if lockfile.TokenDigest(value) != of.Holds {
			return errors.New("what is encrypted is not the token that the lockfile names")
		}
		return nil
	}
	key, err := pki.ParseKey(value)
	if err != nil {
		return errors.New("what is encrypted is not a private key")
	}
	if spki, err := pki.SPKI(key.Public()); err != nil || spki != of.Holds {
		return errors.New("what is encrypted is the key of another certificate")
	}
	return nil
}
