// Package emit writes a build folder's files from a plan and its lockfile. It is a pure function: the same bytes
// come out at any time, on any machine, with or without keys.
package emit

import (
	"fmt"
	"path"
	"slices"
	"strings"

	"relayform/compiler/delivery"
	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/schema/diag"
)

// The files of a build folder.
const (
	kustomizationFile = "kustomization.yaml"
	namespaceFile     = "namespace.yaml"
	externalFile      = "external-secrets.yaml"
	ingressFile       = "ingress.yaml"
	valuesFile        = "values.yaml"
	agentValuesFile   = "agent-values.yaml"
	RunbookFile       = "RUNBOOK.md"

	attributesFile = ".gitattributes"
	// attributes fold certificates in reviews, and name the diff driver that shows them in words: see
	// gitattributes(5), and relayform certs --textconv.
	attributes = "*.crt diff=relayform linguist-generated\n"

	publicFolder = "public"
	remoteBase   = "bases/remote"
)

// publicFiles are the files that hold the certificates of each role.
var publicFiles = map[pki.Role]string{pki.Root: manifest.RootFile, pki.Server: manifest.ServerFile, pki.Signing: manifest.SigningFile}

// Links are how a cluster's folder in build/ reaches what lies outside of it: slash-separated
// relative paths.
type Links struct {
	Keys     string // the key store
	Topology string // the topology's directory
}

// emitter writes files. It is a pure function of plan, lock and links.
type emitter struct {
	plan  *plan.Plan
	lock  *lockfile.File
	links Links
	parts delivery.Parts
	files []folder.File
	err   error

	scalars     manifest.Scalars
	plain       []byte               // the kustomization of a remote to which users add nothing
	agentValues manifest.AgentValues // the values of every remote but for its name and address
}

// Emit makes the build folder: every byte follows from the topology and the lockfile.
func Emit(p *plan.Plan, l *lockfile.File, to Links, runbook RunbookPaths) ([]folder.File, error) {
	e := &emitter{plan: p, lock: l, links: to, parts: delivery.Of(p, l), scalars: make(manifest.Scalars), files: make([]folder.File, 0, 2*len(p.Remotes)+32)}
	e.management()
	e.register()
	e.remoteBase()
	for _, c := range p.Remotes {
		e.remote(c)
	}
	e.remotesList()
	e.file(RunbookFile, []byte(e.runbook(runbook)))
	e.text(attributesFile, []byte(attributes), nil)
	return e.files, e.err
}

func (e *emitter) file(name string, data []byte) {
	e.files = append(e.files, folder.File{Name: name, Data: data})
}

const Header = "# " + manifest.Header + "\n"

// text puts the header over a file's YAML.
func (e *emitter) text(name string, yaml []byte, err error) {
	if err != nil && e.err == nil {
		e.err = fmt.Errorf("%s: %w", name, err)
	}
	e.file(name, append([]byte(Header), yaml...))
}

func (e *emitter) objects(name string, objects ...manifest.Object) {
	yaml, err := manifest.Marshal(objects...)
	e.text(name, yaml, err)
}

func (e *emitter) values(name string, settings []product.Setting) {
	yaml, err := manifest.Values(settings)
	e.text(name, yaml, err)
}

func (e *emitter) kustomization(dir string, k manifest.Kustomization) {
	e.file(path.Join(dir, kustomizationFile), kustomization(k))
}

func kustomization(k manifest.Kustomization) []byte {
	k.Comment = manifest.Header
	return k.Marshal()
}

func (e *emitter) management() {
	p, m := e.plan, e.plan.Management
	dir := m.Name
	e.objects(path.Join(dir, namespaceFile), manifest.Namespace(p.Namespace))
	if len(p.Ingress.Objects) > 0 {
		e.objects(path.Join(dir, ingressFile), p.Ingress.Objects...)
	}
	e.file(path.Join(dir, kustomizationFile), Customized(p, e.parts, e.links, m))

	// The public half is a kustomization of its own: kustomize before 5.1 builds components before
	// the generators beside them, and the private half could not be merged.
	public := path.Join(dir, publicFolder)
	e.kustomization(public, e.public(public, e.parts.Management))

	settings := p.Product.ServerSettings(p.Namespace, m.Name, p.Ingress.Service)
	if m.Agent {
		agent := p.Product.AgentSettings(p.Namespace, m.Name, m.RelayAddress, p.Authority)
		if p.Product.OneChart() {
			settings = append(settings, agent...)
		} else {
			e.values(path.Join(dir, agentValuesFile), agent)
		}
	}
	e.values(path.Join(dir, valuesFile), settings)
}

// Customized writes a cluster's kustomization: what relayform emits, and then what users add to it.
func Customized(p *plan.Plan, parts delivery.Parts, to Links, c plan.Cluster) []byte {
	k := manifest.Kustomization{Resources: []string{"../" + remoteBase}, Patches: c.Patches}
	private := parts.Remote.Component
	if c.Name == p.Management.Name {
		k.Resources, private = []string{namespaceFile, publicFolder}, parts.Management.Component
		if len(p.Ingress.Objects) > 0 {
			k.Resources = append(k.Resources, ingressFile)
		}
	}
	if private != "" {
		k.Components = append(k.Components, path.Join(to.Keys, private))
	}
	for _, own := range c.Components {
		k.Components = append(k.Components, path.Join(to.Topology, own.Dir))
	}
	return kustomization(k)
}

// register writes the objects by which the relay server knows its agents. They are apart, as their
// CRD arrives with the chart.
func (e *emitter) register() {
	p := e.plan
	dir := path.Join(p.Management.Name, plan.RegisterFolder)
	agents := p.Agents()
	if len(agents) == 0 {
		return // kustomize builds no overlay without objects
	}
	b := append(make([]byte, 0, 320*len(agents)), Header...) // rather too much than twice
	for i, c := range agents {
		if i > 0 {
			b = append(b, "---\n"...)
		}
		b = e.scalars.AppendCluster(b, p.Product.ClusterAPIVersion, p.Namespace, c.Name, c.ClusterDomain, c.Labels)
	}
	e.file(path.Join(dir, plan.ClustersFile), b)
	if _, isFile := p.Registration(); !isFile {
		e.kustomization(dir, manifest.Kustomization{Resources: []string{plan.ClustersFile}})
	}
}

// remoteBase writes what every remote has alike.
func (e *emitter) remoteBase() {
	if len(e.plan.Remotes) == 0 {
		return
	}
	e.objects(path.Join(remoteBase, namespaceFile), manifest.Namespace(e.plan.Namespace))
	k := e.public(remoteBase, e.parts.Remote)
	k.Resources = append([]string{namespaceFile}, k.Resources...)
	e.kustomization(remoteBase, k)
	e.plain = Customized(e.plan, e.parts, e.links, plan.Cluster{})
	p := e.plan
	var err error
	e.agentValues, err = manifest.NewAgentValues(Header, func(name, address string) []product.Setting {
		return p.Product.AgentSettings(p.Namespace, name, address, p.Authority)
	})
	if err != nil && e.err == nil {
		e.err = err
	}
}

func (e *emitter) remote(c plan.Cluster) {
	kustomization := e.plain
	if c.Customized() {
		kustomization = Customized(e.plan, e.parts, e.links, c)
	}
	e.file(c.Name+"/"+kustomizationFile, kustomization)
	e.file(c.Name+"/"+valuesFile, e.agentValues.Fill(e.scalars, c.Name, c.RelayAddress))
}

// public is the kustomization of what an overlay holds in the open: the public halves of its Secrets, whose
// certificates it writes into the folder, and the objects by which others are made.
func (e *emitter) public(dir string, parts delivery.Overlay) manifest.Kustomization {
	k := manifest.Kustomization{Secrets: e.secrets(dir, parts.Generated)}
	if len(parts.Objects) == 0 {
		return k
	}
	var facts strings.Builder
	for _, role := range parts.Facts {
		for _, c := range e.certificates(role) {
			e.file(path.Join(dir, publicFiles[role]), pki.MarshalCertificates(c.Chain...)) // for people, and openssl
			for _, line := range Facts(c) {
				facts.WriteString("# " + line + "\n")
			}
		}
	}
	yaml, err := manifest.Marshal(parts.Objects...)
	e.text(path.Join(dir, externalFile), append([]byte(facts.String()), yaml...), err)
	k.Resources = []string{externalFile}
	return k
}

// secrets writes the certificates of roles into a folder, and gives the public halves of their Secrets. A role without a
// certificate in the lockfile has none.
func (e *emitter) secrets(dir string, roles []product.Role) []manifest.SecretGenerator {
	var secrets []manifest.SecretGenerator
	keys := e.plan.Product.Keys
	for _, r := range roles {
		certificates := e.certificates(r.Role)
		if len(certificates) == 0 {
			continue
		}
		var pem []byte
		var facts, files []string
		for _, c := range certificates {
			pem = append(pem, pki.MarshalCertificates(c.Chain...)...)
			facts = append(facts, strings.Join(Facts(c), "\n"))
		}
		e.file(path.Join(dir, publicFiles[r.Role]), pem)
		if r.Role != pki.Root {
			files = append(files, keys.Cert+"="+publicFiles[r.Role])
		}
		secrets = append(secrets, manifest.SecretGenerator{
			Comment: strings.Join(facts, "\n"), Name: r.Secret, Namespace: e.plan.Namespace,
			Files: append(files, keys.CA+"="+manifest.RootFile),
		})
	}
	return secrets
}

// certificates are what a role's file holds: every anchor, or the newest of the others; nothing of a role that
// the product does not have.
func (e *emitter) certificates(role pki.Role) []lockfile.Certificate {
	newest := e.lock.Newest(role)
	switch {
	case newest == nil || !e.plan.Product.Has(role):
		return nil
	case role == pki.Root:
		return e.lock.All(pki.Root)
	}
	return []lockfile.Certificate{*newest}
}

// Facts is a certificate in words, a few lines.
func Facts(c lockfile.Certificate) []string {
	lines := []string{
		fmt.Sprintf("%s %d: %s, %s, %s", c.Role, c.Generation, c.Subject, c.Algorithm, c.Source),
		fmt.Sprintf("  valid %s to %s", c.NotBefore, c.NotAfter),
		fmt.Sprintf("  serial %s, sha256 %s", c.Serial, c.SHA256),
	}
	if c.Issuer != c.Subject {
		lines = slices.Insert(lines, 1, "  issued by "+c.Issuer)
	}
	if len(c.SANs) > 0 {
		lines = append(lines, "  SANs "+strings.Join(c.SANs, ", "))
	}
	for i := range lines {
		lines[i] = diag.Printable(lines[i])
	}
	return lines
}
