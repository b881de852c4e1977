package compiler

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"relayform/compiler/folder"
	"relayform/compiler/issue"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// cut runs something on a disk that fails in some way, or kills it. It reports whether it did not complete.
func (p *player) cut(rng *rand.Rand, do func() error) (short bool, err error) {
	at := rng.IntN(70)
	switch way := rng.IntN(12); {
	case way < 4:
		return false, do()
	case way < 8:
		k := &killed{at: at, torn: rng.IntN(2) == 0, dir: filepath.Dir(p.project.Topology), kept: filepath.Join(p.TempDir(), "kept")}
		p.env.Disk = k.do
		err := do()
		if k.dead == "" {
			return false, err
		}
		p.log += fmt.Sprintf(", killed at change %d: %s", at, k.dead)
		return true, k.bury()
	default:
		disk := &broken{trouble: trouble{at: at, err: syscall.EIO, once: rng.IntN(2) == 0, torn: way == 9, late: way == 10}}
		p.env.Disk = disk.do
		err := do()
		if disk.failed() == "" {
			return false, err
		}
		p.log += fmt.Sprintf(", %+v: %s", disk.trouble, disk.failed())
		if !errors.Is(err, syscall.EIO) && !strings.Contains(strings.Join(p.warned, ""), syscall.EIO.Error()) {
			return true, fmt.Errorf("the disk's error is lost: %v", err)
		}
		return true, nil
	}
}

// compiles compiles the topology; undisturbed, it must succeed.
func (p *player) compiles(rng *rand.Rand, undisturbed bool) error {
	p.log = "compile"
	before, err := p.bytes()
	if err != nil {
		return err
	}
	was, err := p.project.ReadLock(demo)
	if err != nil {
		return err
	}
	short := false
	if undisturbed {
		err = p.compile()
	} else {
		short, err = p.cut(rng, p.compile)
	}
	if err != nil {
		return err
	}
	if short {
		p.clean = false
		return nil
	}
	if p.clean {
		if err := p.sameAs("a compile of what is compiled", before); err != nil {
			return err
		}
	}
	if err := p.caused(was); err != nil {
		return err
	}
	p.settled, p.clean, p.named = p.shape, true, false
	return p.done(p.shape, p.people)
}

// caused checks that no certificate changed without a reason in the topology.
func (p *player) caused(was *lockfile.File) error {
	if len(was.Certificates) == 0 || p.shape.rotation != p.settled.rotation || was.Phase() != lockfile.Phase(strings.Split(p.shape.rotation, ",")[0]) {
		return nil
	}
	is, err := p.project.ReadLock(demo)
	if err != nil {
		return err
	}
	for _, role := range relayRoles {
		if role == pki.Server && p.named {
			continue
		}
		if a, b := was.Newest(role), is.Newest(role); a.SHA256 != b.SHA256 {
			err = errors.Join(err, fmt.Errorf("%s was issued again for nothing", role))
		}
	}
	if was.Token.SHA256 != is.Token.SHA256 {
		err = errors.Join(err, errors.New("the token was made again for nothing"))
	}
	return err
}

// renews renews one thing, and only that.
func (p *player) renews(rng *rand.Rand) error {
	what := []string{"server", "signing", "token"}[rng.IntN(3)]
	p.log = "renew " + what
	before, err := p.bytes()
	if err != nil {
		return err
	}
	was, err := p.project.ReadLock(demo)
	if err != nil {
		return err
	}
	short, err := p.cut(rng, func() error { return renewed(what)(p.scene) })
	due, unsealed := issue.DueError(nil), new(issue.SealingError)
	if (errors.As(err, &due) || errors.As(err, &unsealed)) && !p.clean {
		return p.sameAs("a renewal that was refused", before)
	}
	if err != nil {
		return err
	}
	if short {
		p.clean = false
		return nil
	}
	is, err := p.project.ReadLock(demo)
	if err != nil {
		return err
	}
	for _, role := range relayRoles {
		if changed := was.Newest(role).SHA256 != is.Newest(role).SHA256; changed != (string(role) == what) {
			return fmt.Errorf("%s renewed: %t", role, changed)
		}
	}
	if changed := was.Token.SHA256 != is.Token.SHA256; changed != (what == "token") {
		return fmt.Errorf("token renewed: %t", changed)
	}
	p.settled, p.clean, p.named = p.shape, true, false // a renewal compiles the topology
	return p.done(p.shape, p.people)
}

// unlocks writes what kubectl needs from an encrypted store, or removes it.
func (p *player) unlocks(rng *rand.Rand) error {
	remove := rng.IntN(3) == 0
	p.log = fmt.Sprintf("unlock, remove %t", remove)
	before, err := p.bytes()
	if err != nil {
		return err
	}
	short, err := p.cut(rng, func() error { return unlocked(remove)(p.scene) })
	switch {
	case short || err == nil && !p.clean:
		return err
	case err != nil && (!p.shape.sealed() || !p.clean || p.shape.store != "" && !remove):
		return p.sameAs("what was refused", before)
	case err != nil:
		return err
	}
	if _, missing := os.Stat(filepath.Join(p.project.Keys, keystore.UnlockedFolder)); remove != (missing != nil) {
		return fmt.Errorf("removed %t: %v", remove, missing)
	}
	if _, err := os.Stat(filepath.Join(p.project.Keys, keystore.UnlockedFolder, folder.Staging)); err == nil {
		return errors.New("unlocking leaves something over")
	}
	return p.done(p.shape, p.people)
}

// collects removes the keys that no certificate needs, and checks that none are left.
func (p *player) collects(rng *rand.Rand) error {
	p.log = "gc"
	if _, err := os.Stat(p.project.Lock); err != nil {
		return nil
	}
	short, err := p.cut(rng, func() error { return collected(p.scene) })
	if short || err != nil {
		return err
	}
	orphans, _, err := Collect(p.project, p.env, true)
	if err != nil || len(orphans) > 0 {
		return fmt.Errorf("left: %v: %v", orphans, err)
	}
	if p.clean {
		return p.done(p.shape, p.people)
	}
	return nil
}

// refuses asks for something impossible, and checks that nothing changes.
func (p *player) refuses(rng *rand.Rand) error {
	l, err := p.project.ReadLock(demo)
	if err != nil {
		return err
	}
	var bad shape
	env := p.env
	switch rng.IntN(4) {
	case 0:
		bad = p.shape.with(func(to *shape) { to.authority = "no such name" })
	case 1: // skips a phase
		bad = p.shape.with(func(to *shape) {
			to.rotation = map[lockfile.Phase]string{"": "issue", lockfile.Distribute: "drain", lockfile.Issue: "retire", lockfile.Drain: "distribute", lockfile.Retire: "issue"}[l.Phase()]
		})
	case 2:
		bad = p.shape.with(func(to *shape) { to.rotation = "drain, agentsReissued: perhaps" })
	default: // to other recipients without an identity: nothing is decrypted, so nothing is encrypted
		if !p.settled.sealed() || !p.clean {
			return nil
		}
		bad = p.shape.with(func(to *shape) { to.sealedTo = []person{p.people[2]} })
		env.Identities = nil
	}
	p.log = "refused: " + bad.String()
	p.write("topology.yaml", bad.text())
	defer p.write("topology.yaml", p.shape.text())
	return p.unchangedBy("what was refused", func() error {
		if _, err := Compile(p.project, env, Options{}); err == nil {
			return errors.New("it was not refused")
		}
		return nil
	})
}

// restores loses the key store and restores it: first half of it, which must not be completed with new keys, then all.
func (p *player) restores() error {
	if !p.clean {
		return nil
	}
	kept := filepath.Join(p.TempDir(), "kept")
	if err := copyTree(p.project.Keys, kept); err != nil {
		return err
	}
	if err := os.RemoveAll(p.project.Keys); err != nil {
		return err
	}
	lockfile, err := os.ReadFile(p.project.Lock)
	if err != nil {
		return err
	}
	r, err := Compile(p.project, p.env, Options{})
	missing := 3
	if p.shape.store != "" { // its overlays do not need the key store
		missing = 0
	}
	if err != nil || len(r.Issued) > 0 || len(r.Missing) != missing || !r.Changes.None() {
		return fmt.Errorf("without keys: issued %v, missing %v, changed %+v: %v", r.Issued, r.Missing, r.Changes, err)
	}
	if now, err := os.ReadFile(p.project.Lock); err != nil || string(now) != string(lockfile) {
		return fmt.Errorf("without keys, the lockfile changes: %v", err)
	}
	if built, _ := p.kubectl(); built != (missing == 0) {
		return errors.New("without keys, kubectl can apply, or git is not enough")
	}
	if err := os.RemoveAll(p.project.Keys); err != nil {
		return err
	}
	if err := copyTree(kept, p.project.Keys); err != nil {
		return err
	}
	return p.done(p.shape, p.people)
}
