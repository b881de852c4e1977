package compiler

import (
	"relayform/compiler/folder"
	"relayform/compiler/lock"
	"relayform/compiler/pki"
)

// foretell is the lockfile as it will be, with words in the place of what is due and will be issued.
func foretell(l *lock.Lock, due []Due) *lock.Lock {
	var entries []lock.Certificate
	token := l.Token
	for _, d := range due {
		switch d.Role {
		case Token:
			token = &lock.Token{Generation: 1, SHA256: "due"}
		case pki.Root, pki.Signing, pki.Server:
			c := lock.Certificate{Role: d.Role, Generation: l.NextGeneration(d.Role)}
			c.SHA256, c.SPKI = "due", string(d.Role)
			entries = append(entries, c)
		}
	}
	return l.With(entries, token)
}

// prepare does, under the hold, what needs no certificate while they are issued: it refuses overlays that
// will not build, before anything is written, and puts together a build folder that is not there yet.
func (c *compile) prepare(p *Plan, foretold *lock.Lock, build *folder.Folder) error {
	if err := c.hold.take(); err != nil {
		return err
	}
	tree, err := c.emit(p, foretold)
	if err != nil {
		return err
	}
	if err := c.prove(p, foretold, tree); err != nil || build.Exists() {
		return err
	}
	return tree.Stage(build)
}
