package plan

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/seal"
	"relayform/compiler/sealedsecret"
	"relayform/schema"
	"relayform/schema/diag"
)

// Audience is who can decrypt what a cluster receives, if git contains private values encrypted.
type Audience struct {
	Digest      string                    // of the keys it decrypts with; identifies ciphertexts
	Recipients  []string                  // age recipients; with SOPS
	Certificate *sealedsecret.Certificate // the controller's; with Sealed Secrets
	At          []string                  // its path in the topology
}

// Place returns the topology field that names the audience.
func (a Audience) Place() string { return dotted(a.At) }

// InGit is a store that keeps ciphertexts in git.
type InGit struct {
	Management Audience
	Remotes    Audience           // the zero Audience if each remote has its own
	Scope      sealedsecret.Scope // with Sealed Secrets
}

// InGit returns the store that keeps ciphertexts in git, or nil.
func (p *Plan) InGit() *InGit {
	if p.Sops != nil {
		return p.Sops
	}
	return p.SealedSecrets
}

// AudienceOf returns who can decrypt what a cluster receives from git.
func (p *Plan) AudienceOf(c Cluster) Audience {
	switch {
	case c.Name == p.Management.Name:
		return p.InGit().Management
	case c.Audience != nil:
		return *c.Audience
	}
	return p.InGit().Remotes
}

// audiences resolves who can decrypt what clusters receive from git.
func (r *resolver) audiences(p *Plan, t *schema.Topology) {
	var in schema.Secrets
	if t.Secrets != nil {
		in = *t.Secrets
	}
	controllers := controllers{resolver: r, known: map[schema.Path]*sealedsecret.Certificate{}}
	switch {
	case in.Sops != nil:
		p.Sops = &InGit{Management: r.readers([]string{"secrets", "sops", "management"}, in.Sops.Management)}
		if in.Sops.Remotes != nil {
			p.Sops.Remotes = r.readers([]string{"secrets", "sops", "remotes"}, in.Sops.Remotes)
		}
	case in.SealedSecrets != nil:
		p.SealedSecrets = &InGit{Management: controllers.audience([]string{"secrets", "sealedSecrets", "management"}, in.SealedSecrets.Management)}
		p.SealedSecrets.Scope = sealedsecret.Scope(in.SealedSecrets.Scope)
		if in.SealedSecrets.Remotes != "" {
			p.SealedSecrets.Remotes = controllers.audience([]string{"secrets", "sealedSecrets", "remotes"}, in.SealedSecrets.Remotes)
		}
	}
	var nobody []string
	for i := range p.Remotes {
		c, raw := &p.Remotes[i], t.Remotes[p.Remotes[i].Name]
		switch {
		case raw.SopsRecipients != nil && p.Sops == nil:
			r.stray(c.Name, "sopsRecipients", "sops")
		case raw.SopsRecipients != nil:
			c.reads(r.readers([]string{"remotes", c.Name, "sopsRecipients"}, raw.SopsRecipients), p.Sops.Remotes)
		case raw.SealingCertificate != "" && p.SealedSecrets == nil:
			r.stray(c.Name, "sealingCertificate", "sealedSecrets")
		case raw.SealingCertificate != "":
			c.reads(controllers.audience([]string{"remotes", c.Name, "sealingCertificate"}, raw.SealingCertificate), p.SealedSecrets.Remotes)
		default:
			nobody = append(nobody, c.Name)
		}
	}
	if store := p.InGit(); store != nil && store.Remotes.At == nil && len(nobody) > 0 && (p.Product.Has(product.Token) || p.Product.Brings(pki.Agent)) {
		what := "the token"
		if p.Product.Brings(pki.Agent) {
			what = "its agent's key"
		}
		r.nobody(schema.Chosen(in), nobody, what)
	}
}

// reads gives a remote its own audience if that differs from the common one.
func (c *Cluster) reads(own, all Audience) {
	if own.Digest != all.Digest || own.Digest == "" {
		c.Audience = &own
	}
}

// stray refuses a remote's own audience for a store other than the topology's.
func (r *resolver) stray(remote, field, store string) {
	r.faultAtKey([]string{"remotes", remote, field}, diag.Clash.Fault("it needs secrets."+store+", but the topology has another store", "remove it, or choose the store "+store))
}

// nobody reports the remotes that could not decrypt what they receive.
func (r *resolver) nobody(store string, remotes []string, what string) {
	field := map[string]string{"sops": "sopsRecipients", "sealedSecrets": "sealingCertificate"}[store]
	who := strings.Join(remotes[:min(len(remotes), 3)], ", ")
	if n := len(remotes) - 3; n > 0 {
		who += fmt.Sprintf(" and %d more", n)
	}
	r.faultAtKey([]string{"secrets", store}, diag.NoRecipient.Fault(who+": nobody is named who can decrypt "+what+" there", "add secrets."+store+".remotes, or remotes.NAME."+field))
}

// readers resolves age recipients.
func (r *resolver) readers(at []string, names []schema.AgeRecipient) Audience {
	a := Audience{Recipients: r.recipients(at, names), At: at}
	if names != nil && len(names) == 0 && !r.doc.Refused(at...) {
		r.faultAtKey(at, diag.NoRecipient.Fault("nobody is named; want age recipients, as age-keygen prints them", ""))
	}
	for i, name := range a.Recipients {
		if slices.Contains(a.Recipients[:i], name) {
			r.fault(append(slices.Clone(at), strconv.Itoa(i)), diag.Clash.Fault("this recipient is already listed", "remove it here"))
		}
	}
	a.Digest = seal.Digest(a.Recipients)
	return a
}

// controllers are Sealed Secrets controllers, by certificate file.
type controllers struct {
	*resolver
	known map[schema.Path]*sealedsecret.Certificate // many remotes may share one
}

func (r controllers) audience(at []string, path schema.Path) Audience {
	c, known := r.known[path]
	if !known {
		c = r.certificate(at, path)
		r.known[path] = c
	}
	a := Audience{Certificate: c, At: at}
	if c != nil {
		a.Digest = c.SPKI
	}
	return a
}

func (r controllers) certificate(at []string, path schema.Path) *sealedsecret.Certificate {
	text, ok := r.read(at, string(path))
	if !ok {
		return nil
	}
	c, err := sealedsecret.ReadCertificate(text)
	var fault *sealedsecret.CertificateError
	if errors.As(err, &fault) {
		r.fault(at, diag.SealingCert.Fault(fault.What, fault.Hint))
	} else if err != nil {
		r.fault(at, diag.SealingCert.Fault(err.Error(), ""))
	}
	return c
}

// opening returns the age recipients that can decrypt something of the mesh.
func opening(p *Plan, t *schema.Topology) []string {
	all := slices.Clone(p.EncryptTo)
	add := func(names []schema.AgeRecipient) {
		for _, name := range names {
			all = append(all, string(name))
		}
	}
	if t.Secrets != nil && t.Secrets.Sops != nil {
		add(t.Secrets.Sops.Management)
		add(t.Secrets.Sops.Remotes)
		for _, c := range t.Remotes {
			add(c.SopsRecipients)
		}
	}
	return all
}
