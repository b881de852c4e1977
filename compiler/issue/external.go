package issue

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"os"
	"slices"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// external is the authority of a topology that brings certificates of its own.
type external struct {
	plan   *plan.Plan
	world  World
	faults diag.List
}

func (a *external) fault(code diag.Code, field []string, message, hint string) {
	a.faults = append(a.faults, a.plan.Doc.Fault(append([]string{"pki", "external"}, field...), code.Fault(message, hint)))
}

// bundle is what the files of an external PKI hold.
type bundle struct {
	anchors []*x509.Certificate
	chains  map[pki.Role]pki.Chain
	keys    []crypto.Signer
}

// maxAnchors is the size, in bytes of PEM, of an external PKI's anchors: a Secret has 1 MiB at most, and holds
// those of two PKIs while one takes the place of the other.
const MaxAnchors = 512 << 10

// read parses the certificate files and judges them. It is nil where files are missing and the
// lockfile may stand for them.
func (a *external) read(l *lockfile.File) (*bundle, error) {
	root, err := os.OpenRoot(a.world.Dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files := &source{authority: a, root: root, mayLack: a.world.WithoutFiles && l.Newest(pki.Server) != nil}
	b := &bundle{chains: map[pki.Role]pki.Chain{}}
	ca := files.trusted()
	b.anchors = pki.Anchors(ca)
	if size := len(pki.MarshalCertificates(b.anchors...)); size > MaxAnchors {
		a.fault(diag.LimitExceeded, []string{"ca"}, fmt.Sprintf("its %d roots have %d bytes as PEM; the limit is %d (512 KiB)", len(b.anchors), size, MaxAnchors), "name the roots alone that sign the relay's certificates")
	}
	for _, r := range a.plan.ExternalRoles() {
		if l.Phase() == lockfile.Distribute {
			break // a new PKI's server and signing CA wait until its anchors are everywhere
		}
		files.pair(r.Role, r.Field, r.Pair(*a.plan.External), l.Newest(r.Role), ca, b)
	}
	if files.lacks {
		return nil, nil
	}
	return b, a.faults.Err()
}

// judge says what keeps a chain from its role.
func (a *external) judge(role pki.Role, field []string, chain pki.Chain) {
	faults := pki.Check(role, chain)
	if role == pki.Server {
		faults = pki.CheckServer(chain, a.plan.Authority)
	}
	for _, f := range faults {
		a.fault(diag.BadCertificate, field, fmt.Sprintf("certificate %s: %s", chain.Leaf.Subject, f), "")
	}
}

// locked judges the chains that the lockfile has: the topology may have changed since.
func (a *external) locked(l *lockfile.File) error {
	var anchors []*x509.Certificate
	for _, c := range l.All(pki.Root) {
		anchors = append(anchors, c.Chain[0])
	}
	for _, r := range a.plan.ExternalRoles() {
		have := l.Newest(r.Role)
		if have == nil {
			continue // the files are not read, and there is nothing to judge
		}
		chain, err := pki.BuildChain(have.Chain[0], have.Chain[1:], anchors)
		if err != nil {
			a.fault(diag.BadCertificate, []string{r.Field, "cert"}, "in the lockfile: "+err.Error(), "")
			continue
		}
		a.judge(r.Role, []string{r.Field, "cert"}, chain)
	}
	return a.faults.Err()
}

// due reads the bundle, and holds it against the lockfile. The bundle is nil where the lockfile stands
// for it.
func (a *external) due(l *lockfile.File) (*bundle, []Due, error) {
	b, err := a.read(l)
	if err != nil {
		return nil, nil, err
	}
	if b == nil {
		return nil, nil, a.locked(l)
	}
	var due []Due
	if reason := a.anchorsDiffer(l, b.anchors); reason != "" {
		due = append(due, Due{pki.Root, reason})
	}
	if err := a.faults.Err(); err != nil {
		return nil, nil, err
	}
	if l.Phase() == lockfile.Distribute {
		return b, due, a.locked(l)
	}
	for _, r := range a.plan.ExternalRoles() {
		have := l.Newest(r.Role)
		switch {
		case have == nil:
			due = append(due, Due{r.Role, "there is none yet"})
		case !slices.EqualFunc(have.Chain, b.chains[r.Role].TLS(), (*x509.Certificate).Equal):
			due = append(due, Due{r.Role, "the file pki.external." + r.Field + ".cert holds another certificate"})
		}
	}
	return b, due, nil
}

func (a *external) anchorsDiffer(l *lockfile.File, anchors []*x509.Certificate) string {
	have := l.Anchors()
	if len(have) == 0 {
		a.apart(l, anchors)
		return "there is none yet"
	}
	same := len(have) == len(anchors)
	for _, c := range have {
		same = same && slices.ContainsFunc(anchors, c.Chain[0].Equal)
	}
	if same {
		return ""
	}
	return "pki.external.ca holds other anchors"
}

// apart refuses anchors that the lockfile has from the PKI that is to leave: they would leave with it.
func (a *external) apart(l *lockfile.File, anchors []*x509.Certificate) {
	for _, old := range l.All(pki.Root) {
		if slices.ContainsFunc(anchors, old.Chain[0].Equal) {
			a.fault(diag.RotationPhase, []string{"ca"}, fmt.Sprintf("holds the old root %s; a rotation wants the new anchors alone", old.Subject), "take it out of the file; relayform keeps it in every bundle until the phase retire")
		}
	}
}

// imported takes certificates out of a bundle, and keys: those too whose certificates the lockfile has
// already, as a fresh clone lacks them.
func (a *external) imported(l *lockfile.File, b *bundle, due []Due) ([]lockfile.Certificate, []crypto.Signer, error) {
	if b == nil {
		return nil, nil, nil
	}
	var entries []lockfile.Certificate
	if IsDue(due, pki.Root) {
		generation := l.NextGeneration(pki.Root)
		for _, anchor := range b.anchors {
			a.inForce([]string{"ca"}, anchor)
			entries = append(entries, lockfile.NewCertificate(pki.Root, generation, lockfile.External, 0, anchor))
		}
	}
	for _, r := range a.plan.ExternalRoles() {
		if !IsDue(due, r.Role) {
			continue
		}
		chain := b.chains[r.Role]
		for _, c := range chain.TLS() {
			a.inForce([]string{r.Field, "cert"}, c)
		}
		entries = append(entries, lockfile.NewCertificate(r.Role, l.NextGeneration(r.Role), lockfile.External, 0, chain.TLS()...))
	}
	if err := a.faults.Err(); err != nil {
		return nil, nil, err
	}
	return entries, b.keys, nil
}

func (a *external) inForce(field []string, c *x509.Certificate) {
	switch {
	case a.world.Now.After(c.NotAfter):
		a.fault(diag.BadCertificate, field, fmt.Sprintf("certificate %s expired on %s", c.Subject, pki.Second(c.NotAfter)), "")
	case a.world.Now.Before(c.NotBefore):
		a.fault(diag.BadCertificate, field, fmt.Sprintf("certificate %s is valid from %s only", c.Subject, pki.Second(c.NotBefore)), "")
	}
}
