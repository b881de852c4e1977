package issue

import (
	"crypto"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// newKeys generates a key for each request. An RSA root key takes longer than all others together, so these are generated in sequence
// beside it, and it has a CPU to itself.
func (a *selfSigned) newKeys(requests []pki.Request, l *lockfile.File) ([]crypto.Signer, error) {
	keys := make([]crypto.Signer, len(requests))
	newKey := func(i int) (err error) {
		r := requests[i]
		if have := l.Newest(r.Role); a.sameKey && have != nil {
			keys[i], err = a.world.Key(have.SPKI)
		} else {
			keys[i], err = a.world.NewKey(r.Algorithm)
		}
		return err
	}
	if len(requests) == 0 {
		return nil, nil
	}
	ready := make(chan error, 1)
	go func() { ready <- newKey(0) }()
	for i := 1; i < len(requests); i++ {
		if err := newKey(i); err != nil {
			return nil, err
		}
	}
	return keys, <-ready
}
