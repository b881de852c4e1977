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

// Said is what the user is told about certificates when there is no error.
type Said struct {
	Warnings, Notes []string
	Private         []PrivateFile
}

// PrivateFile is a file next to the topology that must not be committed: it contains a private key, or the password of one.
type PrivateFile struct {
	Field     []string // the field that names it, relative to pki.external
	Path      string   // slash-separated, relative to the topology's folder
	Holds     string   // description of its contents
	Encrypted bool     // useless without a password
}

// found is the certificates in one role's files.
type found struct {
	role  pki.Role
	at    []string // the field that names its file, relative to pki.external
	named string   // the file's name, if it is in a folder
	leaf  *x509.Certificate
	certs []*x509.Certificate // all certificates in the file
	keys  []crypto.Signer
	have  *lockfile.Certificate

	stands bool // it is in use, and its successor is requested
}

// lead builds the chain of each role's certificate. Roots are anchors; if crypto/x509 finds no chain to any of them, the CA at which the
// chain ends becomes one too.
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
	for _, f := range pairs { // an anchor added for one role may end the chain of another
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

// leave records the certificates that no chain needs.
func (b *bundle) leave(pairs []*found) {
	needed := b.needed()
	b.left["ca"] = slices.DeleteFunc(slices.Clone(b.ca), func(c *x509.Certificate) bool {
		return needed[string(c.Raw)] || slices.ContainsFunc(b.anchors, c.Equal)
	})
	for _, f := range pairs {
		b.left[f.at[0]] = slices.DeleteFunc(slices.Clone(f.certs), func(c *x509.Certificate) bool { return needed[string(c.Raw)] || c.Equal(f.leaf) })
	}
}

// needed returns the certificates in the bundle's chains, by DER.
func (b *bundle) needed() map[string]bool {
	all := map[string]bool{}
	for _, chain := range slices.AppendSeq(slices.Collect(maps.Values(b.chains)), maps.Values(b.ways)) {
		for _, c := range append(chain.TLS(), chain.Anchor) {
			all[string(c.Raw)] = true
		}
	}
	return all
}

// way returns the chain of a role's certificate. The chain in the lockfile is kept while it is valid, or if there is no other.
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

// judge checks what the clusters would get from a lockfile, as verify does, and reports its findings. What is due is imported now, and must
// be valid now; what was imported before is checked at a time when it was valid.
func (a *external) judge(l *lockfile.File, due []Due) {
	var chains []*x509.Certificate
	for _, r := range a.plan.ExternalRoles() {
		have := l.Newest(r.Role)
		if have == nil {
			return // already reported
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
			continue // imported before, and not in the files
		}
		a.tell(f)
	}
}

// inForce returns the given time or, if not all certificates are valid then, the nearest time at which they are.
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

// material returns the public certificates that the clusters get. Of provided agents' certificates it includes only some clusters': the
// others were checked when they were imported.
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

// tell reports a finding at the topology field whose file it is about.
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
		return // its successor is requested
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

// leftOver reports the certificates in the files that are not imported.
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

// mostNamed is the maximum number of certificates named in a note.
const mostNamed = 3
