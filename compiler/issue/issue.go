// Package issue determines what is missing from a lockfile, given a topology, and obtains it: issued under the mesh's own root, or imported
// from the files of an external PKI, also for a rotation or a renewal. It is the only package with a clock, randomness and private keys. It
// writes no files.
package issue

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/schema/diag"

	"golang.org/x/sync/errgroup"
)

// NotLocked is the reason for what is due for the first time.
const NotLocked = "not in the lockfile yet"

// RootRotation stands for a phase of the root's rotation, which is recorded like a certificate.
const RootRotation pki.Role = "rotation"

// Due is something that the topology asks for and the lockfile lacks.
type Due struct {
	Role     pki.Role
	Clusters []string // clusters whose agents' certificates are due; empty for other roles
	From     string   // the files that it is imported from; empty for what relayform issues
	Reason   string
}

// named is the maximum number of clusters listed by name.
const named = 3

// What describes what is due.
func (d Due) What() string {
	switch n := len(d.Clusters); {
	case n == 0:
		return string(d.Role)
	case n <= named:
		return string(d.Role) + " of " + strings.Join(d.Clusters, ", ")
	default:
		return fmt.Sprintf("%s of %s and %d more", d.Role, strings.Join(d.Clusters[:named], ", "), n-named)
	}
}

// DueError means that something would have to be issued, but issuing is forbidden.
type DueError []Due

// Error has one line per item.
func (e DueError) Error() string {
	lines := make([]string, len(e))
	for i, d := range e {
		would := "issued"
		switch {
		case d.Role == RootRotation, d.Role == IssuerChange:
			would = "recorded"
		case d.IsRequest():
			would = "made"
		case d.From != "":
			would = "taken from " + d.From
		}
		lines[i] = fmt.Sprintf("%s: would be %s", d.What(), would)
		if d.From == "" || d.Reason != NotLocked { // the first import does not need it
			lines[i] += ": " + d.Reason
		}
	}
	return strings.Join(lines, "\n")
}

// guardRoot refuses to replace a root in one step: every agent that trusts only the old root would refuse the server.
func guardRoot(p *plan.Plan, l *lockfile.File, due []Due, wish Wish) error {
	i := slices.IndexFunc(due, func(d Due) bool { return d.Role == pki.Root })
	if i < 0 || l.Newest(pki.Root) == nil || wish.ReissueRoot && l.Rotation == nil {
		return nil
	}
	if l.Phase() == lockfile.Distribute && l.Anchors() == nil {
		return nil // a second root beside the one in use: that is how a rotation begins
	}
	message := "this asks for a different root from the one in the lockfile: " + due[i].Reason
	if l.Rotation != nil {
		return diag.List{p.Doc.FaultAtKey(p.Source(), diag.RootChanged.Fault(message+"; and a rotation is already under way", "undo the change until this rotation is over"))}
	}
	way := "rotate the root: begin with " + strings.Join(p.Source(), ".") + ".rotation: {phase: distribute}"
	if IsDue(due, IssuerChange) {
		way = "rotate to this root with pki.external first, and let cert-manager issue under it then"
	}
	return diag.List{p.Doc.FaultAtKey(p.Source(), diag.RootChanged.Fault(message, "a new root in one step cuts off every agent that trusts only the old one; undo the change, or "+way+"; if no agent runs yet, pass --reissue-root"))}
}

func IsDue(due []Due, role pki.Role) bool {
	return slices.ContainsFunc(due, func(d Due) bool { return d.Role == role })
}

// selfSigned is the authority of a topology without an external PKI.
type selfSigned struct {
	plan     *plan.Plan
	requests []pki.Request
	world    World
	sameKey  bool // certificates keep the keys of their predecessors
}

func (a *selfSigned) due(l *lockfile.File) ([]Due, error) {
	var due []Due
	var faults diag.List
	for _, r := range a.requests {
		if r.Role != pki.Root && l.Phase() == lockfile.Distribute {
			if r.Role == pki.Signing && l.AgentsUnder().Role == pki.Root {
				continue // agents' certificates are provided until the phase drain
			}
			reason, fault := a.waits(r, l)
			faults = append(faults, fault...)
			if reason != "" {
				due = append(due, Due{Role: r.Role, Reason: reason})
			}
			continue
		}
		have := l.Newest(r.Role)
		if r.Role == pki.Root && len(l.Anchors()) == 0 {
			have = nil
		}
		var reasons []string
		switch {
		case have == nil && l.Rotation != nil:
			reasons = []string{"the next root has not issued one yet"}
			if r.Role == pki.Root {
				reasons = []string{"the next root is distributed before it signs"}
			}
		case have == nil:
			reasons = []string{NotLocked}
		case r.Role != r.Issuer && IsDue(due, r.Issuer):
			reasons = []string{"its issuer, the " + string(r.Issuer) + ", is new"}
		case have.Source != lockfile.SelfSigned:
			reasons = []string{"the lockfile has one from an external PKI"}
		default:
			reasons = pki.Differs(r, have.Chain[0], have.Validity)
		}
		if len(reasons) > 0 {
			due = append(due, Due{Role: r.Role, Reason: strings.Join(reasons, "; ")})
		}
	}
	agents, fault := a.agentsDue(l, due)
	return append(due, agents...), append(faults, fault...).Err()
}

// early refuses a telemetry gateway for which no certificate can be issued while the next root is distributed, because the old root or the
// next one belongs to an external PKI.
func early(p *plan.Plan) diag.Diagnostic {
	return p.Doc.FaultAtKey([]string{"management", "telemetry"}, diag.RotationPhase.Fault("its certificate would have to chain to the root that leaves, which this source does not issue from",
		"add it from the phase issue on, or before the rotation"))
}

// waits checks a certificate under the old root while the next one is distributed: changes of algorithm and validity that came with the new
// root apply to its own certificates; changes of names apply now.
func (a *selfSigned) waits(r pki.Request, l *lockfile.File) (string, diag.List) {
	have := l.Newest(r.Role)
	if have == nil && l.Issuer().Source != lockfile.SelfSigned {
		return "", diag.List{early(a.plan)}
	}
	if have == nil {
		return NotLocked, nil
	}
	if have.Source == lockfile.SelfSigned {
		r.Algorithm, r.Validity = pki.AlgorithmOf(have.Chain[0].PublicKey), have.Validity
		return strings.Join(pki.Differs(r, have.Chain[0], have.Validity), "; "), nil
	}
	var faults diag.List
	for _, authority := range a.plan.Authorities {
		if r.Role == pki.Server && have.Chain[0].VerifyHostname(authority) != nil {
			faults = append(faults, a.plan.Doc.Fault(a.plan.AuthorityField(authority), diag.BadAuthority.Fault(fmt.Sprintf("the server certificate of the old PKI (%s) does not cover the authority %s", strings.Join(have.SANs, ", "), authority),
				"change it when the server's certificate comes from the new root, from the phase issue on")))
		}
	}
	if r.Role == pki.Telemetry && have.Chain[0].VerifyHostname(a.plan.Gateway()) != nil {
		faults = append(faults, a.plan.Doc.Fault([]string{"namespace"}, diag.BadAuthority.Fault(fmt.Sprintf("the telemetry gateway's certificate of the old PKI (%s) does not cover %s", strings.Join(have.SANs, ", "), a.plan.Gateway()),
			"change it when the certificate comes from the new root, from the phase issue on")))
	}
	return "", faults
}

func (a *selfSigned) issue(l *lockfile.File, due []Due) (got, error) {
	var requests []pki.Request
	for _, r := range a.requests {
		if IsDue(due, r.Role) {
			requests = append(requests, r)
		}
	}
	keys, err := a.newKeys(requests, l)
	if err != nil {
		return got{}, err
	}
	made := map[pki.Role]*pki.Issuer{}
	entries := make([]lockfile.Certificate, len(requests))
	sign := func(i int) error {
		r := requests[i]
		generation := l.NextGeneration(r.Role)
		issuer, err := a.issuer(r, l, made)
		if err != nil {
			return err
		}
		certificate, err := pki.Issue(r, a.plan.Name, generation, keys[i], issuer, a.world.Now)
		if err != nil {
			return fmt.Errorf("%s: %w", r.Role, err)
		}
		entries[i] = lockfile.NewCertificate(r.Role, generation, lockfile.SelfSigned, r.Validity, certificate)
		return nil
	}
	own := 0 // a root signs itself and comes first; it signs all others
	if len(requests) > 0 && requests[0].Issuer == requests[0].Role {
		if err := sign(0); err != nil {
			return got{}, err
		}
		made[requests[0].Role] = &pki.Issuer{Certificate: entries[0].Chain[0], Key: keys[0]}
		own = 1
	}
	var signing errgroup.Group
	for i := own; i < len(requests); i++ {
		signing.Go(func() error { return sign(i) })
	}
	if err := signing.Wait(); err != nil {
		return got{}, err
	}
	for i, r := range requests {
		made[r.Role] = &pki.Issuer{Certificate: entries[i].Chain[0], Key: keys[i]}
	}
	all := got{certificates: entries, keys: keys}
	return all, a.issueAgents(l, due, made[pki.Signing], &all)
}

// issuer returns the issuer for a request: nil for a root, otherwise one just issued, otherwise the lockfile's. A root that is still being
// distributed signs nothing: agents that trust only the old one would be cut off.
func (a *selfSigned) issuer(r pki.Request, l *lockfile.File, made map[pki.Role]*pki.Issuer) (*pki.Issuer, error) {
	if r.Issuer == r.Role {
		return nil, nil
	}
	if issuer := made[r.Issuer]; issuer != nil && l.Phase() != lockfile.Distribute {
		return issuer, nil
	}
	have := l.Issuer()
	key, err := a.world.Key(have.SPKI)
	if err != nil {
		return nil, fmt.Errorf("the %s's private key is needed to issue the %s: %w%s", r.Issuer, r.Role, err, Restore(err))
	}
	return &pki.Issuer{Certificate: have.Chain[0], Key: key}, nil
}

// Restore says what to do about a private file that is missing, damaged, or not readable by this user.
func Restore(err error) string {
	if errors.Is(err, fs.ErrPermission) {
		return "; run relayform as the user who may read it"
	}
	return "; restore the keys from where they are kept"
}
