package issue

import (
	"crypto"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// newKeys makes a key for each request. That of an RSA root takes longer than all the rest: the others are
// made beside it one after the other, so that it has a processor to itself.
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
