package issue

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"os"
	"slices"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// external is the authority of a topology that names certificates of an external PKI, or only its anchors.
type external struct {
	plan   *plan.Plan
	world  World
	faults diag.List
	said   Said
	files  map[string]clientFile // agents' certificate files, by cluster

	findings []verify.Finding
	held     []pki.Role // roles whose certificates are requested, and without which the mesh would not work
}

func (a *external) fault(code diag.Code, field []string, message, hint string) {
	a.faults = append(a.faults, a.plan.Doc.Fault(append(a.plan.Source(), field...), code.Fault(message, hint)))
}

// bundle is what the files of an external PKI contain.
type bundle struct {
	ca      []*x509.Certificate // from the fields ca and more
	anchors []*x509.Certificate
	chains  map[pki.Role]pki.Chain
	left    map[string][]*x509.Certificate // certificates that no chain needs, by field
	keys    []crypto.Signer
	entries []lockfile.Certificate // to be imported
	clients
}

// MaxAnchors is the maximum size of an external PKI's anchors, in bytes of PEM: a Secret holds at most 1 MiB, and contains the anchors of
// two PKIs during a rotation.
const MaxAnchors = 512 << 10

// read parses the certificate files and builds their chains. The bundle is nil if files are missing and the lockfile may replace them.
func (a *external) read(l *lockfile.File) (*bundle, error) {
	root, err := os.OpenRoot(a.world.Dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	files := &source{authority: a, root: root, requests: l.Requests, key: a.world.Key, mayLack: a.world.WithoutFiles && (l.Newest(pki.Server) != nil || len(l.Requests) > 0)}
	files.later = a.world.WithoutFiles && len(l.Requests) > 0
	b := &bundle{chains: map[pki.Role]pki.Chain{}, left: map[string][]*x509.Certificate{}}
	b.ca = files.trusted()
	b.anchors = pki.Anchors(b.ca)
	a.rootsAlone(b)
	var pairs []*found
	for _, r := range a.plan.ExternalRoles() {
		files.privates([]string{r.Field}, r.Pair(*a.plan.External))
		if l.Phase() == lockfile.Distribute {
			continue // a new PKI's server certificate and signing CA wait until its anchors are deployed everywhere
		}
		if a.plan.Requests(r.Role) {
			if f := standing(r, l.Newest(r.Role)); f != nil {
				pairs = append(pairs, f)
			} else {
				a.lack(r.Role)
			}
			continue
		}
		pair := r.Pair(*a.plan.External)
		if pair.Cert == "" {
			continue // already reported
		}
		if f := files.pair(r.Role, []string{r.Field}, pair, l.Newest(r.Role)); f != nil {
			pairs = append(pairs, f)
			b.keys = append(b.keys, f.keys...)
		}
	}
	if files.lacks {
		return nil, nil
	}
	if len(b.ca) > 0 {
		a.lead(b, pairs)
	}
	a.limited(b)
	if a.plan.BringsAgents() {
		a.readClients(root, l, b)
	}
	b.leave(pairs)
	return b, nil
}

// due reads the bundle and lists what must be imported. The bundle is nil if the lockfile replaces it.
func (a *external) due(l *lockfile.File) (*bundle, []Due, error) {
	if l.Phase() == lockfile.Distribute && a.plan.Product.Has(pki.Telemetry) && l.Newest(pki.Telemetry) == nil {
		return nil, nil, diag.List{early(a.plan)}
	}
	b, err := a.read(l)
	if err != nil {
		return nil, nil, err
	}
	var due []Due
	if b == nil {
		a.judge(l, nil)
		due = a.agentsDue(l, &bundle{})
	} else {
		due = a.hold(l, b)
	}
	return b, append(due, a.unrequested(l, due)...), a.faults.Err()
}

// hold compares a bundle with the lockfile, and checks the result of importing it.
func (a *external) hold(l *lockfile.File, b *bundle) []Due {
	var due []Due
	if reason := a.anchorsDiffer(l, b.anchors); reason != "" {
		due = append(due, Due{Role: pki.Root, From: a.trustedFrom(), Reason: reason})
	}
	if l.Phase() != lockfile.Distribute {
		for _, r := range a.plan.ExternalRoles() {
			have := l.Newest(r.Role)
			switch {
			case b.chains[r.Role].Leaf == nil || a.plan.Requests(r.Role): // already reported, or kept
			case l.Answers(r.Role, b.chains[r.Role].Leaf):
				due = append(due, Due{Role: r.Role, From: a.from(r), Reason: "it answers the request"})
			case have == nil:
				due = append(due, Due{Role: r.Role, From: a.from(r), Reason: NotLocked})
			case !slices.EqualFunc(have.Chain, b.chains[r.Role].TLS(), (*x509.Certificate).Equal):
				due = append(due, Due{Role: r.Role, From: a.from(r), Reason: "the file pki.external." + r.Field + ".cert holds another certificate"})
			}
		}
	}
	b.entries = a.entries(l, b, due)
	next := l.With(b.entries, nil)
	due = append(due, a.agentsDue(next, b)...)
	b.agents = a.agentEntries(next, b, due)
	a.judge(next.WithAgents(b.agents, agentsOf(a.plan)), due)
	if len(due) > 0 {
		a.leftOver(b)
	}
	return due
}

func (a *external) anchorsDiffer(l *lockfile.File, anchors []*x509.Certificate) string {
	have := l.Anchors()
	if len(have) == 0 {
		a.apart(l, anchors)
		return NotLocked
	}
	same := len(have) == len(anchors)
	for _, c := range have {
		same = same && slices.ContainsFunc(anchors, c.Chain[0].Equal)
	}
	if same {
		return ""
	}
	return strings.Join(a.plan.Source(), ".") + ".ca holds other anchors"
}

// apart refuses anchors that the lockfile has from the outgoing PKI: they would be removed with it.
func (a *external) apart(l *lockfile.File, anchors []*x509.Certificate) {
	for _, old := range l.All(pki.Root) {
		if slices.ContainsFunc(anchors, old.Chain[0].Equal) {
			a.fault(diag.RotationPhase, []string{"ca"}, fmt.Sprintf("holds the old root %s; a rotation needs the new anchors only", old.Subject), "remove it from the file; relayform keeps it in every bundle until the phase retire")
		}
	}
}

// entries returns the certificates of a bundle that are due, as lockfile entries.
func (a *external) entries(l *lockfile.File, b *bundle, due []Due) []lockfile.Certificate {
	var all []lockfile.Certificate
	if IsDue(due, pki.Root) {
		generation := l.NextGeneration(pki.Root)
		for _, anchor := range b.anchors {
			all = append(all, lockfile.NewCertificate(pki.Root, generation, lockfile.External, 0, anchor))
		}
	}
	for _, r := range a.plan.ExternalRoles() {
		if IsDue(due, r.Role) {
			all = append(all, lockfile.NewCertificate(r.Role, l.NextGeneration(r.Role), lockfile.External, 0, b.chains[r.Role].TLS()...))
		}
	}
	return all
}

// imported returns the certificates to import and the keys of the bundle, including keys of certificates that are in the lockfile already:
// a fresh clone lacks them.
func (a *external) imported(b *bundle, due []Due) got {
	if b == nil {
		return got{}
	}
	all := got{keys: b.keys, agentKeys: b.agentKeys}
	all.certificates = slices.DeleteFunc(slices.Clone(b.entries), func(c lockfile.Certificate) bool { return !IsDue(due, c.Role) })
	if IsDue(due, pki.Agent) {
		all.agents = b.agents
	}
	return all
}
