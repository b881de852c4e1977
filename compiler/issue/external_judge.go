package issue

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// Said is what is to be said of certificates and keeps nobody from compiling.
type Said struct {
	Warnings, Notes []string
	Private         []PrivateFile
}

// PrivateFile is a file beside the topology that is not for git: it holds a private key, or the password of one.
type PrivateFile struct {
	Field     []string // that names it, below pki.external
	Path      string   // from the topology's folder, slash-separated
	Holds     string   // in words
	Encrypted bool     // of no use without a password
}

// found is the certificates of one role's files.
type found struct {
	role  pki.Role
	at    []string // the field that names its file, below pki.external
	named string   // the file's name, where a folder has it
	leaf  *x509.Certificate
	certs []*x509.Certificate // all of the file
	keys  []crypto.Signer
	have  *lockfile.Certificate

	stands bool // it is in force, and another is requested
}

// lead leads each role's certificate to the anchors of a bundle. Roots are anchors; where Go leads a role to none of
// them, so is the CA that it comes to.
func (a *external) lead(b *bundle, pairs []*found) {
	authorities := slices.DeleteFunc(slices.Clone(b.ca), func(c *x509.Certificate) bool { return !c.IsCA && !pki.SelfIssued(c) })
	var broken diag.List
	roots := len(b.anchors)
	for _, f := range pairs {
		chain, ok, err := a.way(f, b, b.anchors)
		if !ok && len(authorities) > len(b.anchors) {
			if by, works, _ := a.way(f, b, authorities); works {
				chain, ok, err = by, true, nil
				b.anchors = append(slices.Clone(b.anchors), chain.Anchor)
			}
		}
		if err != nil && f.stands {
			a.lack(f.role)
			continue
		}
		if err != nil {
			broken = append(broken, a.plan.Doc.Fault(append(a.plan.Source(), f.at...), diag.BadCertificate.Fault(err.Error(), "add the missing certificate to pki.external.ca")))
			continue
		}
		b.chains[f.role] = chain
	}
	for _, f := range pairs { // what one role made an anchor may end the chain of another
		if len(b.anchors) == roots {
			break
		}
		if chain, ok, _ := a.way(f, b, b.anchors); ok {
			b.chains[f.role] = chain
		}
	}
	if len(pki.Anchors(b.ca)) == 0 && (len(broken) > 0 || len(b.anchors) == 0) {
		where, theirs := "in it", "its"
		if len(a.plan.TrustFiles()) > 1 {
			where, theirs = "in it, nor in more", "their"
		}
		a.fault(diag.BadCertificate, []string{"ca"}, fmt.Sprintf("no root %s: none of %s certificates is signed by its own key", where, theirs), "add the root of the PKI to the file")
		broken = nil
	}
	a.faults = append(a.faults, broken...)
}

// leave notes what no chain needs.
func (b *bundle) leave(pairs []*found) {
	needed := b.needed()
	b.left["ca"] = slices.DeleteFunc(slices.Clone(b.ca), func(c *x509.Certificate) bool {
		return needed[string(c.Raw)] || slices.ContainsFunc(b.anchors, c.Equal)
	})
	for _, f := range pairs {
		b.left[f.at[0]] = slices.DeleteFunc(slices.Clone(f.certs), func(c *x509.Certificate) bool { return needed[string(c.Raw)] || c.Equal(f.leaf) })
	}
}

// needed are the certificates that a chain of the bundle has, by DER.
func (b *bundle) needed() map[string]bool {
	all := map[string]bool{}
	for _, chain := range slices.AppendSeq(slices.Collect(maps.Values(b.chains)), maps.Values(b.ways)) {
		for _, c := range append(chain.TLS(), chain.Anchor) {
			all[string(c.Raw)] = true
		}
	}
	return all
}

// way is the chain of a role's certificate. That of the lockfile stays as long as it stands, or no other does.
func (a *external) way(f *found, b *bundle, anchors []*x509.Certificate) (pki.Chain, bool, error) {
	candidates := slices.Concat(f.certs, b.ca)
	var agents []string
	if f.role == pki.Signing {
		for _, c := range a.plan.Agents() {
			agents = append(agents, c.Name)
		}
	}
	chain, ok, err := verify.Lead(f.role, f.leaf, candidates, anchors, a.world.Now, agents)
	if f.have == nil || !f.have.Chain[0].Equal(f.leaf) || slices.ContainsFunc(f.have.Chain, func(c *x509.Certificate) bool { return !slices.ContainsFunc(candidates, c.Equal) }) {
		return chain, ok, err
	}
	locked, broken := pki.Chains(f.role, f.have.Chain, anchors)
	if broken != nil {
		return chain, ok, err
	}
	works := verify.Takes(f.role, locked[0], a.world.Now, agents)
	if works || !ok {
		return locked[0], works, nil
	}
	return chain, ok, err
}

// judge judges what the clusters would hold of a lockfile, as verify does, and tells what it finds. What is due is
// imported now, and has to be in force; what was imported before is judged at a moment at which it was.
func (a *external) judge(l *lockfile.File, due []Due) {
	var chains []*x509.Certificate
	for _, r := range a.plan.ExternalRoles() {
		have := l.Newest(r.Role)
		if have == nil {
			return // which is said
		}
		chains = append(chains, have.Chain...)
	}
	if l.Newest(pki.Root) == nil {
		return
	}
	at := a.world.Now
	if len(due) == 0 {
		at = inForce(at, chains)
	}
	imported := map[string]bool{}
	for _, cluster := range Agents(due) {
		imported[cluster] = true
	}
	report, err := verify.Judge(material(a.plan, l, imported), at, nil)
	if err != nil {
		a.fault(diag.BadCertificate, nil, err.Error(), "")
		return
	}
	a.findings = report.Findings
	for _, f := range report.Findings {
		if a.plan.BringsAgents() && f.Code == verify.SecretMissing && f.Object == verify.NamesOf(a.plan.Product).Client {
			continue // those that were imported before, and are left out
		}
		a.tell(f)
	}
}

// inForce is the time, or where not all certificates are in force then, the nearest at which they are.
func inForce(at time.Time, certs []*x509.Certificate) time.Time {
	for _, c := range certs {
		if at.After(c.NotAfter) {
			at = c.NotAfter
		}
	}
	for _, c := range certs {
		if at.Before(c.NotBefore) {
			at = c.NotBefore
		}
	}
	return at
}

// material is what the clusters hold of certificates, without anything private. Of agents' certificates that are brought it has those
// of some clusters: others were judged when they were imported.
func material(p *plan.Plan, l *lockfile.File, some map[string]bool) verify.Material {
	m := verify.Material{Authority: p.Authority, DNSNames: p.DNSNames, Gateway: p.Gateway(), Names: verify.NamesOf(p.Product), AgentValidity: p.Product.AgentValidity, Public: true}
	keys := m.Names.Keys
	root := verify.Secret{Name: m.Names.Root, Data: map[string][]byte{keys.CA: l.CA(pki.Root)}}
	m.Unseen = len(m.Names.Issued) > 0
	for c := range p.Each {
		cluster := verify.Cluster{Name: c.Name, Management: c.Name == p.Management.Name, Agent: c.Agent, Authority: c.Authority, Secrets: []verify.Secret{root}}
		if cluster.Management {
			for _, r := range p.ExternalRoles() {
				if cert := l.Cert(r.Role); cert != nil {
					cluster.Secrets = append(cluster.Secrets, verify.Secret{Name: p.Product.Secret(r.Role), Data: map[string][]byte{keys.Cert: cert, keys.CA: l.CA(r.Role)}})
				}
			}
		}
		if p.BringsAgents() {
			if own := l.Agent(c.Name); own != nil && some[c.Name] {
				data := map[string][]byte{keys.Cert: pki.MarshalCertificates(own.Chain...), keys.CA: l.CA(pki.Agent)}
				cluster.Secrets = append(slices.Clone(cluster.Secrets), verify.Secret{Name: m.Names.Client, Data: data})
			}
		}
		m.Clusters = append(m.Clusters, cluster)
	}
	return m
}

// tell says a finding at the field of the topology whose file it is about.
func (a *external) tell(f verify.Finding) {
	field, role := []string{"ca"}, pki.Root
	for _, r := range a.plan.ExternalRoles() {
		if f.Object == a.plan.Product.Secret(r.Role)+" "+a.plan.Product.Keys.Cert {
			field, role = []string{r.Field, "cert"}, r.Role
		}
	}
	if a.plan.Requests(role) {
		if f.Severity == verify.Error {
			a.lack(role)
		}
		return // another one is requested
	}
	hint, message := f.Hint, f.Message
	if f.Object == a.plan.Product.Client()+" "+a.plan.Product.Keys.Cert && a.plan.BringsAgents() && len(f.Clusters) > 0 {
		var named string
		field, named = a.clientAt(f.Clusters[0])
		message = named + message
	}
	place := append(a.plan.Source(), field...)
	switch {
	case f.Code == verify.DNSNameUncovered:
		place, f.Severity = []string{"management", "dnsNames"}, verify.Error
	case f.Code == verify.AuthorityUncovered && !slices.Contains(f.Clusters, a.plan.Management.Name):
		place = []string{"remotes", f.Clusters[0], "authority"}
	}
	if hint == "" {
		hint = "relayform explain " + string(f.Code) + " says more"
	}
	d := a.plan.Doc.Fault(place, diag.BadCertificate.Fault(message, hint))
	line := fmt.Sprintf("%s [%s]", d.Error(), f.Code)
	if f.Hint != "" {
		line += "; " + diag.Printable(f.Hint)
	}
	switch f.Severity {
	case verify.Error:
		a.faults = append(a.faults, d)
	case verify.Warning:
		a.said.Warnings = append(a.said.Warnings, line)
	default:
		a.said.Notes = append(a.said.Notes, line)
	}
}

// leftOver says which certificates of the files are not imported.
func (a *external) leftOver(b *bundle) {
	for _, field := range []string{"ca", "server", "signing", "telemetry"} {
		var subjects []string
		for _, c := range b.left[field] {
			subjects = append(subjects, pki.SubjectOf(c))
		}
		slices.Sort(subjects)
		subjects = slices.Compact(subjects)
		if len(subjects) == 0 {
			continue
		}
		if more := len(subjects) - mostNamed; more > 0 {
			subjects = append(subjects[:mostNamed], fmt.Sprintf("%d more", more))
		}
		path := append(a.plan.Source(), field)
		if field != "ca" {
			path = append(path, "cert")
		}
		d := a.plan.Doc.Fault(path, diag.BadCertificate.Fault("no chain needs "+strings.Join(subjects, ", ")+"; not imported", ""))
		a.said.Notes = append(a.said.Notes, d.Error())
	}
}

// mostNamed is how many certificates a note names.
const mostNamed = 3
