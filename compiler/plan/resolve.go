package plan

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"relayform/compiler/custom"
	"relayform/compiler/disclosure"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

// resolver resolves a topology into a plan. It reads only the files that the topology names, below root.
type resolver struct {
	doc    *schema.Document
	root   *os.Root
	guard  Guard
	faults diag.List

	mesh     disclosure.Mesh
	judged   map[string][]disclosure.Finding // findings in users' files, by file
	stored   map[string]bool                 // whether a user's path is inside the key store
	warnings []string

	weakened map[string][]string // what users' files switch off, by path

	patches    map[string]patch // by path, and whether they have targets
	components *custom.Reader
	added      added
}

func (r *resolver) fault(path []string, fault *diag.Fault) {
	if r.doc.Refused(path...) {
		return // a consequence of a fault already reported
	}
	r.faults = append(r.faults, r.doc.Fault(path, fault))
}

func (r *resolver) faultAtKey(path []string, fault *diag.Fault) {
	if r.doc.Refused(path...) {
		return
	}
	r.faults = append(r.faults, r.doc.FaultAtKey(path, fault))
}

// Resolve resolves fields that depend on each other and checks them together, also in a document with faults, as far as possible. The error
// is a diag.List with all faults.
func Resolve(t *schema.Topology, doc *schema.Document, root *os.Root, g Guard) (*Plan, error) {
	profile, ok := product.Find(t.Product)
	if !ok {
		return nil, fmt.Errorf("product %s: the schema allows it, but it has no profile", t.Product)
	}
	return ResolveFor(profile, t, doc, root, g)
}

// ResolveFor is Resolve for a given product, whatever the topology says.
func ResolveFor(profile product.Profile, t *schema.Topology, doc *schema.Document, root *os.Root, g Guard) (*Plan, error) {
	r := &resolver{doc: doc, root: root, guard: g, faults: doc.Faults(), judged: map[string][]disclosure.Finding{}, stored: map[string]bool{}, weakened: map[string][]string{}}
	r.patches, r.components, r.added = map[string]patch{}, custom.NewReader(root.FS(), below(root)), added{seen: map[string]bool{}}
	p := &Plan{Name: string(t.Name), Namespace: string(t.Namespace), RelayAddress: string(t.Management.RelayAddress), Topology: t, Doc: doc}
	if t.Management.Telemetry != nil {
		profile = profile.WithTelemetry()
	}
	p.Product = forClients(profile, t.PKI)
	r.keys(p, t)
	if t.Secrets != nil {
		if err := r.store(p, *t.Secrets); err != nil {
			return nil, err
		}
	}
	r.mesh = disclosure.Mesh{Digests: g.Digests, Recipients: opening(p, t)}
	r.clusters(p, t)
	r.audiences(p, t)
	r.names(p, t)
	if in := t.Management.Ingress; in != (schema.Ingress{}) {
		var err error
		if p.Ingress, err = r.ingress(in, p.relay()); err != nil {
			return nil, err
		}
	}
	if err := r.telemetry(p, t); err != nil {
		return nil, err
	}
	r.charts(p, t)
	r.policies(p, t)
	if err := r.deliver(p, t.Deliver); err != nil {
		return nil, err
	}
	if t.PKI != (schema.PKI{}) {
		if err := r.source(p, t.PKI); err != nil {
			return nil, err
		}
	}
	p.Warnings = r.warnings
	return p, r.faults.Err()
}

// source resolves where certificates come from.
func (r *resolver) source(p *Plan, in schema.PKI) error {
	p.source = schema.Chosen(in)
	switch {
	case in.SelfSigned != nil:
		p.SelfSigned = r.selfSigned(p, *in.SelfSigned)
		p.rotate(in.SelfSigned.Rotation)
		r.ownClients(p, *in.SelfSigned)
	case in.External != nil:
		p.External = in.External
		r.external(p, *p.External)
		p.rotate(p.External.Rotation)
		r.clients(p, *p.External)
	case in.CertManager != nil:
		p.CertManager = r.certManager(p, *in.CertManager)
		p.rotate(in.CertManager.Rotation)
	default:
		return fmt.Errorf("pki %s: the schema allows it, but relayform knows no such source; want one in compiler/plan", p.source)
	}
	return nil
}

// reserved says what a reserved name at the top of a build folder is used for; empty if a cluster may have the name.
func reserved(name string, t *schema.Topology) string {
	switch {
	case name == "bases":
		return "what clusters share"
	case name == RequestsFolder && t.PKI.External != nil:
		return "certificate requests"
	case name == DeliverFolder && t.Deliver != nil:
		return "what a GitOps engine reads"
	}
	return ""
}

func (r *resolver) clusters(p *Plan, t *schema.Topology) {
	m := t.Management
	p.Management = r.cluster([]string{"management"}, string(m.Name), schema.Remote{
		Context: m.Context, ClusterDomain: m.ClusterDomain, RelayAddress: m.RelayAddress,
		Labels: m.Labels, Patches: m.Patches, Components: m.Components,
	})
	p.Management.Agent = m.Agent
	if what := reserved(p.Management.Name, t); what != "" {
		r.fault([]string{"management", "name"}, diag.Clash.Fault("the name is taken: build/"+p.Management.Name+" holds "+what, "choose another name"))
	}
	names := slices.Sorted(maps.Keys(t.Remotes))
	p.Remotes = make([]Cluster, 0, len(names))
	contexts := make(map[string][]string, len(names)+1)
	if p.Management.Context != "" && !r.doc.Refused("management", "context") {
		contexts[p.Management.Context] = []string{"management"}
	}
	for _, name := range names {
		at := []string{"remotes", name}
		c := r.cluster(at, name, t.Remotes[name])
		c.Agent = true
		if c.RelayAddress == "" {
			c.RelayAddress = string(m.RelayAddress)
		}
		if name == p.Management.Name {
			r.faultAtKey(at, diag.Clash.Fault("the management cluster has this name", "management.agent: true runs an agent on the management cluster"))
			continue
		}
		if what := reserved(name, t); what != "" {
			r.faultAtKey(at, diag.Clash.Fault("the name is taken: build/"+name+" holds "+what, "choose another name"))
		}
		if other, ok := contexts[c.Context]; ok && !r.doc.Refused("remotes", name, "context") {
			r.sharedContext(at, other, c.Context)
		}
		contexts[c.Context] = at
		p.Remotes = append(p.Remotes, c)
	}
	p.Management.RelayAddress = ""
	if m.Agent {
		p.Management.RelayAddress = fmt.Sprintf("%s:%d", p.relay().Host(), p.Product.Port.Number)
	}
}

// sharedContext reports two clusters with the same kube context, at the one further down in the file.
func (r *resolver) sharedContext(a, b []string, context string) {
	if r.doc.Line(a...) < r.doc.Line(b...) {
		a, b = b, a
	}
	r.fault(append(slices.Clone(a), "context"), diag.Clash.Fault(fmt.Sprintf("%s, line %d, already has the kube context %s; one context reaches one cluster", dotted(b), r.doc.Line(b...), context), ""))
}

func (r *resolver) cluster(at []string, name string, c schema.Remote) Cluster {
	out := Cluster{
		Name: name, Context: string(c.Context), ClusterDomain: string(c.ClusterDomain),
		RelayAddress: string(c.RelayAddress), Authority: string(c.Authority), Labels: c.Labels,
	}
	if out.Context == "" {
		out.Context = name
	}
	if out.RelayAddress != "" {
		r.address(append(slices.Clone(at), "relayAddress"), out.RelayAddress)
	}
	if v, ok := c.Labels[manifest.ManagedByLabel]; ok && v != manifest.ManagedBy {
		r.faultAtKey(append(slices.Clone(at), "labels", manifest.ManagedByLabel), diag.Clash.Fault("relayform sets this label itself, to "+manifest.ManagedBy, "remove the label"))
	}
	r.customize(at, c, &out)
	return out
}

func (r *resolver) selfSigned(p *Plan, s schema.SelfSigned) *pki.Facts {
	facts := &pki.Facts{
		ECDSA:     s.KeyAlgorithm == "ecdsa",
		DNSNames:  p.ServerNames,
		Telemetry: p.Product.TelemetryNames(p.Namespace, p.Management.ClusterDomain),
	}
	for _, v := range []struct {
		name string
		text string
		into *time.Duration
	}{
		{"root", s.Validity.Root, &facts.Root}, {"signing", s.Validity.Signing, &facts.Signing},
		{"server", s.Validity.Server, &facts.Server}, {"agents", s.Validity.Agents, &facts.Agents},
	} {
		at := []string{"pki", "selfSigned", "validity", v.name}
		d, ok := schema.Span(v.text)
		if !ok {
			r.fault(at, diag.Validity.Fault(fmt.Sprintf("want at most %dy, got %s", schema.MaxYears, v.text), ""))
			continue
		}
		*v.into = d
		above, issuer, longest, most := "root", "root", facts.Root, s.Validity.Root
		if v.name == "agents" {
			above, issuer, longest, most = "signing", "signing CA", facts.Signing, s.Validity.Signing
		}
		if v.name == "root" || v.name == "agents" && s.Agents != issuedAgents {
			continue
		}
		if longest > 0 && d > longest && !r.doc.Refused("pki", "selfSigned", "validity", above) {
			what := v.text
			if r.doc.Line(at...) == 0 {
				what = "the default of " + what
			}
			r.fault(at, diag.Validity.Fault(fmt.Sprintf("%s is longer than the %s's %s; no certificate outlives its issuer", what, issuer, most), "shorten it, or lengthen pki.selfSigned.validity."+above))
		}
	}
	return facts
}

// dotted formats a topology path.
func dotted(path []string) string { return strings.Join(path, ".") }
