package issue

import (
	"cmp"
	"crypto"
	"crypto/x509"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"relayform/compiler/certfile"
	"relayform/compiler/lockfile"
	"relayform/compiler/pbe"
	"relayform/compiler/pki"
	"relayform/schema/diag"
)

// clients is a bundle's part about agents' certificates.
type clients struct {
	ways      map[string]pki.Chain // chains by cluster
	agents    []lockfile.Agent     // to be imported
	agentKeys []AgentKey
}

// stillOld reports whether agents' certificates are still issued under the old root: they change in the phase drain.
func stillOld(l *lockfile.File) bool {
	return l.Phase() == lockfile.Distribute || l.Phase() == lockfile.Issue
}

// RoundsEach is the average budget for decrypting the files of one cluster, in rounds of key derivation.
const RoundsEach = 20_000

// readClients reads agents' certificates and builds a chain to an anchor for each: during a rotation to one of the old PKI's anchors until
// the phase drain.
func (a *external) readClients(root *os.Root, l *lockfile.File, b *bundle) {
	b.ways = map[string]pki.Chain{}
	if !a.clientFiles(root) {
		return
	}
	to := b
	if stillOld(l) {
		old := agentsRoots(l)
		to = &bundle{ca: slices.Concat(b.ca, old), anchors: old}
	}
	agents := a.plan.Agents()
	allowance := certfile.Allowance{Work: pbe.Work{Rounds: -RoundsEach * int64(len(agents))}}
	var lacking []string
	for _, c := range agents {
		have := l.Agent(c.Name)
		f, named := a.files[c.Name]
		switch {
		case have != nil && have.Source != lockfile.External:
			continue // relayform's own stays until the phase drain
		case !named:
			if have == nil || !stillOld(l) && !a.world.WithoutFiles {
				lacking = append(lacking, c.Name)
			}
			continue
		}
		s := &source{authority: a, root: root, mayLack: have != nil, inFolder: f.inFolder}
		s.allowance.Work = allowance.Work
		if a.world.AgentKey != nil {
			s.key = func(spki string) (crypto.Signer, error) { return a.world.AgentKey(c.Name, spki) }
		}
		var before *lockfile.Certificate
		if have != nil {
			before = &have.Certificate
		}
		s.privates(f.at, f.pair)
		found := s.pair(pki.Agent, f.at, f.pair, before)
		allowance.Work = s.allowance.Work
		if found == nil { // without the password or the file, the lockfile replaces it
			if _, err := root.Stat(filepath.FromSlash(string(f.pair.Cert))); s.lacks && errors.Is(err, fs.ErrNotExist) && !stillOld(l) && !a.world.WithoutFiles {
				a.fault(diag.BadFile, append(slices.Clone(f.at), "cert"), "no such file", "")
			}
			continue
		}
		if chain, ok := a.clientWay(l, found, to, b); ok {
			b.ways[c.Name] = chain
			for _, key := range found.keys {
				b.agentKeys = append(b.agentKeys, AgentKey{c.Name, key})
			}
		} else if have == nil && stillOld(l) {
			lacking = append(lacking, c.Name)
		}
	}
	a.lacking(l, lacking)
}

// agentsRoots returns the roots of the agents' certificates in use.
func agentsRoots(l *lockfile.File) []*x509.Certificate {
	var all []*x509.Certificate
	for _, c := range l.All(pki.Root) {
		if under := l.AgentsUnder(); under == (lockfile.Under{Role: c.Role, Generation: c.Generation}) {
			all = append(all, c.Chain[0])
		}
	}
	return all
}

// clientWay builds the chain of an agent's certificate. It returns false if there is none, which it reports, and if the certificate belongs
// to the new PKI and is not used before the phase drain.
func (a *external) clientWay(l *lockfile.File, f *found, to, b *bundle) (pki.Chain, bool) {
	chain, _, err := a.way(f, to, to.anchors)
	if err == nil {
		return chain, true
	}
	if stillOld(l) {
		if _, _, err := a.way(f, b, b.anchors); err == nil {
			return pki.Chain{}, false
		}
	}
	message, hint := err.Error(), "put the missing certificate into the file, after the agent's; or into pki.external.ca"
	for _, old := range l.Every() {
		if old.Role != pki.Root || slices.ContainsFunc(b.anchors, old.Chain[0].Equal) {
			continue
		}
		if _, err := pki.BuildChain(f.leaf, f.certs, old.Chain); err == nil {
			message = fmt.Sprintf("the certificate %s chains to the old root %s", pki.SubjectOf(f.leaf), old.Subject)
			hint = "want one that ends in pki.external.ca: in the phase drain every agent gets a certificate of the new PKI"
		}
	}
	if len(b.ca) > 0 { // otherwise the fault is reported there
		a.fault(diag.BadCertificate, f.at, f.named+message, hint)
	}
	return pki.Chain{}, false
}

// lacking reports the clusters without a certificate for their agent.
func (a *external) lacking(l *lockfile.File, clusters []string) {
	if len(clusters) == 0 {
		return
	}
	who := strings.Join(clusters[:min(len(clusters), mostNamed)], ", ")
	if more := len(clusters) - mostNamed; more > 0 {
		who += fmt.Sprintf(" and %d more", more)
	}
	code, want := diag.MissingKey, "want one for each cluster that runs an agent: clients: {CLUSTER: {cert: FILE, key: FILE}}"
	if folder := a.plan.External.Clients.Folder; folder != "" {
		code, want = diag.BadFile, "want CLUSTER.crt with CLUSTER.key, or CLUSTER.p12, for each cluster that runs an agent"
	}
	switch under := l.AgentsUnder(); {
	case !stillOld(l):
		a.fault(code, []string{"clients"}, "no certificate for the agent of "+who, want)
	case under.Role == pki.Signing && len(l.AgentsInForce()) == 0:
		a.fault(diag.RotationPhase, []string{"clients"}, "the signing CA of the old PKI still signs agents' certificates, in the relay server",
			"name signing instead until the rotation is over; then name the certificates")
	default:
		a.fault(diag.RotationPhase, []string{"clients"}, "no certificate under the old root for the agent of "+who+"; until the phase drain the relay server may trust no other",
			"name one from the old PKI; or add the cluster before the rotation begins, or from the phase drain on")
	}
}

// agentsDue lists the agents' certificates to import, one entry per reason. Without files, these are the ones missing from the lockfile.
func (a *external) agentsDue(l *lockfile.File, b *bundle) []Due {
	if !a.plan.BringsAgents() {
		return nil
	}
	from := cmp.Or(string(a.plan.External.Clients.Folder), "the files of pki.external.clients")
	first, other := Due{Role: pki.Agent, From: from, Reason: NotLocked}, Due{Role: pki.Agent, From: from, Reason: "its file holds a different certificate"}
	for _, c := range a.plan.Agents() {
		have := l.Agent(c.Name)
		chain, found := b.ways[c.Name]
		switch {
		case have == nil && (found || b.ways == nil):
			first.Clusters = append(first.Clusters, c.Name)
		case found && !slices.EqualFunc(have.Chain, chain.TLS(), (*x509.Certificate).Equal):
			other.Clusters = append(other.Clusters, c.Name)
		}
	}
	return slices.DeleteFunc([]Due{first, other}, func(d Due) bool { return len(d.Clusters) == 0 })
}

// agentEntries returns the agents' certificates that are due, as lockfile entries.
func (a *external) agentEntries(l *lockfile.File, b *bundle, due []Due) []lockfile.Agent {
	var all []lockfile.Agent
	under := l.AgentsUnder()
	for _, cluster := range Agents(due) {
		all = append(all, lockfile.BroughtAgent(cluster, under.Generation, l.NextAgentGeneration(cluster), b.ways[cluster].TLS()...))
	}
	return all
}

// stays refuses to switch to certificates signed by the relay server during a rotation if agents' certificates are provided: no signing CA
// could issue one under the old root.
func (t turning) stays() error {
	brought := func(a lockfile.Agent) bool { return a.Source == lockfile.External }
	if t.to == "" || t.plan.GivesAgents() || !slices.ContainsFunc(t.lock.Agents, brought) {
		return nil
	}
	return t.fault("an external PKI issued agents' certificates, and during a rotation the relay server cannot start to sign them",
		cmp.Or(map[bool]string{true: "keep pki.external.clients"}[t.plan.External != nil], "say pki.selfSigned.agents: issued")+" until the rotation is over; then change who signs")
}

// broughtOnes refuses clusters without a certificate under the old root, if an external PKI provided those of the others.
func broughtOnes(a *selfSigned, l *lockfile.File) diag.List {
	var faults diag.List
	for _, c := range a.plan.Agents() {
		if l.Agent(c.Name) == nil {
			faults = append(faults, a.plan.Doc.FaultAtKey(a.plan.Place(c), diag.RotationPhase.Fault("no certificate under the old root for the agent of "+c.Name+": the other agents have certificates from the old PKI",
				"add the cluster before the rotation begins, or from the phase drain on")))
		}
	}
	return faults
}
