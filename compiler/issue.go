package compiler

import (
	"crypto"
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/lock"
	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// tokenRole is the identity token in a list of what is due.
const tokenRole pki.Role = "token"

// Due is something that the topology asks for and the lockfile lacks.
type Due struct {
	Role   pki.Role
	Reason string
}

// DueError means that something would have to be issued where issuing is forbidden.
type DueError []Due

// Error is a line for each.
func (e DueError) Error() string {
	lines := make([]string, len(e))
	for i, d := range e {
		lines[i] = fmt.Sprintf("%s: would be issued: %s", d.Role, d.Reason)
	}
	return strings.Join(lines, "\n")
}

// authority knows which certificates a lockfile lacks, and gets them.
type authority interface {
	// due lists them, issuers first.
	due(l *lock.Lock) ([]Due, error)
	// issue gets them, with the private keys that are to be kept.
	issue(l *lock.Lock, due []Due) ([]lock.Certificate, []crypto.Signer, error)
}

// issued is what a compile made and has not kept yet.
type issued struct {
	lock  *lock.Lock
	done  []Due
	keys  []crypto.Signer
	token []byte
}

// issue gets what the plan asks for and the lockfile lacks. Nothing is written.
func (c *compile) issue(p *Plan, l *lock.Lock, a authority) (*issued, error) {
	due, err := a.due(l)
	if err != nil {
		return nil, err
	}
	certificates := due
	if l.Token == nil {
		due = append(slices.Clone(due), Due{tokenRole, "there is none yet"})
	}
	if c.options.Locked || c.options.Check {
		if len(due) > 0 {
			return nil, DueError(due)
		}
		return &issued{lock: l}, nil
	}
	if err := c.guardRoot(p, l, due); err != nil {
		return nil, err
	}
	entries, keys, err := a.issue(l, certificates)
	if err != nil {
		return nil, err
	}
	out := &issued{done: due, keys: keys}
	var token *lock.Token
	if l.Token == nil {
		token = &lock.Token{Generation: 1}
		if out.token, token.SHA256, err = lock.NewToken(); err != nil {
			return nil, err
		}
	}
	out.lock = l.With(entries, token)
	return out, nil
}

// guardRoot refuses to replace a root in one step: every agent that holds the old one alone would
// refuse the server.
func (c *compile) guardRoot(p *Plan, l *lock.Lock, due []Due) error {
	i := slices.IndexFunc(due, func(d Due) bool { return d.Role == pki.Root })
	if i < 0 || l.Newest(pki.Root) == nil || c.options.ReissueRoot {
		return nil
	}
	source := "selfSigned"
	if p.External != nil {
		source = "external"
	}
	return diag.List{p.doc.FaultAtKey(diag.RootChanged, []string{"pki", source},
		"this asks for another root than the lockfile has: "+due[i].Reason,
		"a new root in one step cuts off every agent that trusts the old one alone; undo the change, or where no agent runs yet, pass --reissue-root")}
}

// nextGeneration counts on from the newest certificate of a role.
func nextGeneration(l *lock.Lock, role pki.Role) int {
	if newest := l.Newest(role); newest != nil {
		return newest.Generation + 1
	}
	return 1
}

func isDue(due []Due, role pki.Role) bool {
	return slices.ContainsFunc(due, func(d Due) bool { return d.Role == role })
}

// selfSigned is the authority of a topology that brings no PKI.
type selfSigned struct {
	plan     *Plan
	requests []pki.Request
	key      func(spki string) (crypto.Signer, error)
	newKey   func(pki.Algorithm) (crypto.Signer, error)
	now      time.Time
}

func (a *selfSigned) due(l *lock.Lock) ([]Due, error) {
	var due []Due
	for _, r := range a.requests {
		have := l.Newest(r.Role)
		var reasons []string
		switch {
		case have == nil:
			reasons = []string{"there is none yet"}
		case r.Role != r.Issuer && isDue(due, r.Issuer):
			reasons = []string{"its issuer, the " + string(r.Issuer) + ", is new"}
		case have.Source != lock.SelfSigned:
			reasons = []string{"the lockfile has one from an external PKI"}
		default:
			reasons = pki.Differs(r, have.Chain[0], have.Validity)
		}
		if len(reasons) > 0 {
			due = append(due, Due{r.Role, strings.Join(reasons, "; ")})
		}
	}
	return due, nil
}

func (a *selfSigned) issue(l *lock.Lock, due []Due) ([]lock.Certificate, []crypto.Signer, error) {
	var requests []pki.Request
	for _, r := range a.requests {
		if isDue(due, r.Role) {
			requests = append(requests, r)
		}
	}
	keys, err := a.newKeys(requests)
	if err != nil {
		return nil, nil, err
	}
	issuers := map[pki.Role]*pki.Issuer{}
	var entries []lock.Certificate
	for i, r := range requests {
		generation := nextGeneration(l, r.Role)
		issuer, err := a.issuer(r, l, issuers)
		if err != nil {
			return nil, nil, err
		}
		certificate, err := pki.Issue(r, a.plan.Name, generation, keys[i], issuer, a.now)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", r.Role, err)
		}
		issuers[r.Role] = &pki.Issuer{Certificate: certificate, Key: keys[i]}
		entries = append(entries, lock.NewCertificate(r.Role, generation, lock.SelfSigned, r.Validity, certificate))
	}
	return entries, keys, nil
}

// issuer is what signs a request: nil for a root, else one just made, else the lockfile's.
func (a *selfSigned) issuer(r pki.Request, l *lock.Lock, made map[pki.Role]*pki.Issuer) (*pki.Issuer, error) {
	if r.Issuer == r.Role {
		return nil, nil
	}
	if issuer := made[r.Issuer]; issuer != nil {
		return issuer, nil
	}
	have := l.Newest(r.Issuer)
	key, err := a.key(have.SPKI)
	if err != nil {
		return nil, fmt.Errorf("the %s's private key is needed to issue the %s: %w; restore the keys from where they are kept", r.Issuer, r.Role, err)
	}
	return &pki.Issuer{Certificate: have.Chain[0], Key: key}, nil
}

// newKeys makes a key for each request, side by side: an RSA root takes as long as all the rest.
func (a *selfSigned) newKeys(requests []pki.Request) ([]crypto.Signer, error) {
	keys, errs := make([]crypto.Signer, len(requests)), make(chan error, len(requests))
	for i, r := range requests {
		go func() {
			var err error
			keys[i], err = a.newKey(r.Algorithm)
			errs <- err
		}()
	}
	var first error
	for range requests {
		if err := <-errs; err != nil && first == nil {
			first = err
		}
	}
	return keys, first
}
