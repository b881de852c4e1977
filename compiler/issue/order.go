package issue

import (
	"crypto"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// World is what issuing takes from outside. No other part of a compile uses the clock, randomness or private keys.
type World struct {
	Now time.Time
	// NewKey generates a private key.
	NewKey func(pki.Algorithm) (crypto.Signer, error)
	// Key returns a private key from the key store, by its SPKI digest.
	Key func(spki string) (crypto.Signer, error)
	// AgentKey returns an agent's private key, by its cluster and SPKI digest.
	AgentKey func(cluster, spki string) (crypto.Signer, error)
	// Private returns the contents of an existing private file, by its path in the key store.
	Private func(name string) ([]byte, error)
	// Dir is the topology's folder, with the files of an external PKI.
	Dir string
	// LookupEnv returns a password from an environment variable that the topology names; nil to allow none.
	LookupEnv func(name string) (string, bool)
	// WithoutFiles lets the lockfile replace missing files of an external PKI.
	WithoutFiles bool
}

// Wish is what a user asks for in addition to the topology.
type Wish struct {
	ReissueRoot bool     // replace the root in one step if the topology needs a different one
	Renewal     *Renewal // what to replace though the topology does not require it, or nil
}

// sameKey reports whether certificates keep the private keys of those that they replace.
func (w Wish) sameKey() bool { return w.Renewal != nil && w.Renewal.SameKey }

// Order is what a lockfile lacks, and how to obtain it. Nothing has been issued yet.
type Order struct {
	Due  []Due
	Seal []Sealing // values that are not due themselves
	Said Said

	plan  *plan.Plan
	world World
	lock  *lockfile.File      // at the phase that the topology asks for
	again bool                // encrypt everything again
	come  map[pki.Role]string // files of certificates that have arrived while another is missing, by role
	held  []pki.Role          // roles whose certificates are requested: nothing else is obtained or changed before they arrive
	left  bool                // see Issued
	get   func(due []Due) (got, error)
}

// got is the result of a certificate source.
type got struct {
	certificates []lockfile.Certificate
	keys         []crypto.Signer
	agents       []lockfile.Agent
	requests     []lockfile.Request
	agentKeys    []AgentKey
}

// AgentKey is the private key of a cluster's agent.
type AgentKey struct {
	Cluster string
	Key     crypto.Signer
}

// Nothing reports whether the lockfile is complete.
func (o *Order) Nothing() bool { return len(o.Due)+len(o.Seal) == 0 }

// Forbidden returns the error for a compile that must not issue anything: nil if the lockfile is complete.
func (o *Order) Forbidden() error {
	switch {
	case len(o.Due) > 0:
		return DueError(o.Due)
	case len(o.Seal) > 0:
		return &SealingError{Sealings: o.Seal}
	}
	return nil
}

// Issued is the result of an order. Nothing has been stored yet.
type Issued struct {
	Lock   *lockfile.File
	Before *lockfile.File // the lockfile that it replaces
	Done   []Due
	Sealed []Sealing
	Keys   []crypto.Signer
	Agents []AgentKey
	Token  []byte
	Left   bool // certificates were removed from the lockfile because they are no longer needed
}

// Lacking determines what the topology asks for and the lockfile lacks, or what a renewal replaces. A renewal is refused with a DueError if
// anything else is due.
func Lacking(p *plan.Plan, before *lockfile.File, w World, wish Wish) (*Order, error) {
	if p.External == nil {
		before = before.WithoutRequests()
	}
	before, err := withdrawn(p, before, wish.Renewal)
	if err != nil {
		return nil, err
	}
	asked := before.For(p.Product.Knows)
	l, turned, err := turn(p, asked, w.Now)
	if err != nil {
		return nil, err
	}
	if p.BringsAgents() && l.Phase() != lockfile.Distribute && l.Phase() != lockfile.Issue {
		l = l.WithoutSigning() // the relay server no longer signs agents' certificates
	}
	l, handed, err := handOver(p, l)
	if err != nil {
		return nil, err
	}
	due, said, held, get, err := certificates(p, l, w, wish)
	if err != nil {
		return nil, err
	}
	if err := guardRoot(p, l, slices.Concat(handed, due), wish); err != nil {
		return nil, err
	}
	if len(held) > 0 {
		return onHold(&Order{Due: due, Said: said, plan: p, world: w, lock: before, get: get, held: held}, wish)
	}
	due = slices.Concat(turned, handed, due)
	if l.Token == nil && p.Product.Has(product.Token) {
		due = append(due, Due{Role: product.Token, Reason: NotLocked})
	}
	o := &Order{Due: due, Said: said, plan: p, world: w, lock: l, get: get, left: asked != before}
	will := sealings(p, o.words(), false)
	o.Seal = slices.DeleteFunc(slices.Clone(will), func(s Sealing) bool { return IsDue(due, s.Role) })
	if role := wish.Renewal.withdraws(); role != "" {
		o.Due = slices.DeleteFunc(o.Due, func(d Due) bool { return d.Role == requestOf[role] })
		if err := o.Forbidden(); err != nil {
			return nil, err
		}
		o.Due = []Due{withdrawal(role)}
		return o, nil
	}
	if wish.Renewal != nil {
		if err := o.Forbidden(); err != nil {
			return nil, err
		}
		if o.again = wish.Renewal.Reseal; o.again && p.InGit() == nil {
			return nil, errors.New("git holds nothing encrypted for the clusters: --reseal is for the stores sops and sealedSecrets")
		} else if o.again {
			o.Seal = sealings(p, l, true)
			will = o.Seal
		} else if o.Due, err = wish.Renewal.due(p, l, w.Now); err != nil {
			return nil, err
		} else {
			will = sealings(p, o.words(), false)
		}
	}
	return o, expired(p, will, w.Now)
}

// certificates returns the certificates that are due from the topology's PKI, issuers first, and a function that obtains them with their
// private keys.
func certificates(p *plan.Plan, l *lockfile.File, w World, wish Wish) (due []Due, said Said, held []pki.Role, get func([]Due) (got, error), err error) {
	switch {
	case p.External != nil, p.CertManager != nil:
		a := &external{plan: p, world: w}
		b, due, err := a.due(l)
		return due, a.said, a.held, func(due []Due) (got, error) {
			all, err := a.request(l, due, wish.sameKey())
			if err != nil {
				return got{}, err
			}
			imported := a.imported(b, due)
			imported.requests, imported.keys = all.requests, append(all.keys, imported.keys...)
			return imported, nil
		}, err
	case p.SelfSigned != nil:
		a := &selfSigned{plan: p, requests: requests(p), world: w, sameKey: wish.sameKey()}
		due, err = a.due(l)
		return due, Said{}, nil, func(due []Due) (got, error) { return a.issue(l, due) }, err
	}
	return nil, Said{}, nil, nil, fmt.Errorf("%s: package issue knows no such source of certificates", strings.Join(p.Source(), "."))
}

// requests lists the certificates of a self-signed mesh that the product needs.
func requests(p *plan.Plan) []pki.Request {
	return slices.DeleteFunc(pki.Requests(*p.SelfSigned), func(r pki.Request) bool { return !p.Product.Knows(r.Role) })
}

// Foretold returns the future lockfile, with placeholders for everything still to be issued or encrypted.
func (o *Order) Foretold() (*lockfile.File, error) { return foretold(o.plan, o.words()) }

// words returns the lockfile with placeholders for everything still to be issued.
func (o *Order) words() *lockfile.File {
	var entries []lockfile.Certificate
	var agents []lockfile.Agent
	token := o.lock.Token
	for _, d := range o.Due {
		switch d.Role {
		case product.Token:
			token = &lockfile.Token{Generation: 1, SHA256: "due"}
		case pki.Root, pki.Signing, pki.Server, pki.Telemetry:
			c := lockfile.Certificate{Role: d.Role, Generation: o.lock.NextGeneration(d.Role)}
			c.SHA256, c.SPKI = "due", string(d.Role)
			entries = append(entries, c)
		case pki.Agent:
			for _, cluster := range d.Clusters {
				agents = append(agents, lockfile.Agent{Cluster: cluster})
			}
		}
	}
	l := o.lock.With(entries, token)
	for i := range agents {
		agents[i].Role, agents[i].Generation, agents[i].Under = pki.Agent, o.lock.NextAgentGeneration(agents[i].Cluster), l.AgentsUnder()
		agents[i].SHA256, agents[i].SPKI = "due", string(pki.Agent)
	}
	return l.WithAgents(agents, agentsOf(o.plan))
}

// Get issues or imports what is due, and encrypts what clusters receive from git. It stores nothing.
func (o *Order) Get() (*Issued, error) {
	all, err := o.get(o.Due)
	if err != nil {
		return nil, err
	}
	if o.Held() {
		return &Issued{Before: o.lock, Lock: o.lock.WithRequests(all.requests), Done: o.Due, Keys: all.keys}, nil
	}
	made := &Issued{Before: o.lock, Left: o.left, Done: o.Due, Keys: all.keys, Agents: all.agentKeys}
	var token *lockfile.Token
	if IsDue(o.Due, product.Token) {
		token = &lockfile.Token{Generation: 1}
		if o.lock.Token != nil {
			token.Generation = o.lock.Token.Generation + 1
		}
		if made.Token, err = NewToken(); err != nil {
			return nil, err
		}
		token.SHA256 = lockfile.TokenDigest(made.Token)
	}
	made.Lock = o.lock.With(all.certificates, token).WithRequests(all.requests).WithAgents(all.agents, agentsOf(o.plan))
	return made, o.seal(made)
}

// NewToken generates an identity token of 256 random bits.
func NewToken() ([]byte, error) {
	b := make([]byte, 32)
	if _, err := rand.Read(b); err != nil {
		return nil, err
	}
	return []byte(hex.EncodeToString(b)), nil
}

// JudgeFiles checks only the files of an external PKI, for a topology that has other faults.
func JudgeFiles(p *plan.Plan, before *lockfile.File, w World) error {
	l, _, err := turn(p, before, w.Now)
	if err != nil {
		return nil // the phase is checked with the rest of the topology
	}
	_, _, _, _, err = certificates(p, l, w, Wish{})
	return err
}
