// Package emit generates the files of a build folder from a plan and its lockfile. It is a pure function: the output is byte-identical at
// any time, on any machine, with or without keys.
package emit

import (
	"bytes"
	"fmt"
	"path"

	"relayform/compiler/delivery"
	"relayform/compiler/folder"
	"relayform/compiler/gitops"
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// The files of a build folder.
const (
	kustomizationFile = "kustomization.yaml"
	namespaceFile     = "namespace.yaml"
	secretsFile       = "secrets.yaml"
	ingressFile       = "ingress.yaml"
	valuesFile        = gitops.ValuesFile
	agentValuesFile   = gitops.AgentValuesFile
	RunbookFile       = "RUNBOOK.md"

	attributesFile = ".gitattributes"
	// attributes fold certificates in reviews, and set the diff driver that shows them, and long values, as text: see gitattributes(5), and
	// relayform certs --textconv.
	attributes = "*.crt diff=relayform linguist-generated\nsecrets.yaml diff=relayform\n*-secrets.yaml diff=relayform\n*.sops.yaml diff=relayform\n"

	publicFolder  = "public"
	privateFolder = "private"
	clientFolder  = "client"        // provides a cluster's agent certificate
	remoteBase    = "bases/remote"  // public objects of every remote
	privateBase   = "bases/private" // provides private values, if git contains them
)

// publicFiles maps each role to the file with its certificates.
var publicFiles = map[pki.Role]string{pki.Root: manifest.RootFile, pki.Server: manifest.ServerFile, pki.Signing: manifest.SigningFile, pki.Telemetry: manifest.TelemetryFile}

// Links are the paths from a cluster's folder in build/ to what is outside it: slash-separated and relative.
type Links struct {
	Keys     string // the key store
	Topology string // the topology's directory
	Build    string // the build folder, relative to the topology's directory
}

// emitter generates files as a pure function of plan, lockfile and links.
type emitter struct {
	plan  *plan.Plan
	lock  *lockfile.File
	links Links
	parts delivery.Parts
	files []folder.File
	err   error

	engine      *gitops.Writer // nil if no engine delivers
	annotations gitops.Annotations

	scalars     manifest.Scalars
	shared      []folder.File                   // files in each remote's folder, if its own engine reads it
	plain       []byte                          // the kustomization of a remote that users do not customize and that shares everything with others
	agentValues map[string]manifest.AgentValues // values of a remote without its name and address, by authority
}

// Emit generates the build folder from the topology and the lockfile only. The parts are what the topology's store makes of both.
func Emit(p *plan.Plan, l *lockfile.File, parts delivery.Parts, to Links, runbook RunbookPaths) ([]folder.File, error) {
	e := &emitter{plan: p, lock: l, links: to, parts: parts, scalars: make(manifest.Scalars), files: make([]folder.File, 0, 2*len(p.Remotes)+32)}
	if p.Deliver != nil {
		var err error
		if e.engine, err = gitops.New(p, to.Build); err != nil {
			return nil, err
		}
	}
	e.annotations = gitops.AnnotationsOf(p)
	e.management()
	e.remoteBase()
	for _, c := range p.Remotes {
		e.remote(c)
	}
	e.artifactsList()
	e.remotesList()
	e.clustersList()
	e.file(RunbookFile, []byte(e.runbook(runbook)))
	e.files = append(e.files, Requests(p, l, runbook)...)
	e.text(attributesFile, []byte(attributes), nil)
	return e.files, e.err
}

func (e *emitter) file(name string, data []byte) {
	e.files = append(e.files, folder.File{Name: name, Data: data})
}

const Header = "# " + manifest.Header + "\n"

// text writes a YAML file with the header.
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
	e.file(path.Join(dir, kustomizationFile), Customized(p, e.parts.Management, e.links, m))
	var ingress []manifest.Object
	for _, way := range p.Ways() {
		ingress = append(ingress, way.Objects...)
	}
	e.public(path.Join(dir, publicFolder), e.parts.Management, ingress)
	e.private(path.Join(dir, privateFolder), e.parts.Management.Private)
	e.client(m)

	e.register()
	settings := p.ServerSettings(m.Name)
	if m.Agent {
		agent := p.OwnAgentSettings()
		if p.Product.OneChart() {
			settings = append(settings, agent...)
		} else {
			e.values(path.Join(dir, agentValuesFile), agent)
		}
	}
	e.values(path.Join(dir, valuesFile), settings)
	e.deliverManagement()
}

// Customized returns a cluster's kustomization: the public part, the private part, and the users' customizations.
func Customized(p *plan.Plan, of delivery.Overlay, to Links, c plan.Cluster) []byte {
	k := manifest.Kustomization{Patches: c.Patches}
	public, private := "../"+remoteBase, "../"+privateBase
	if c.Name == p.Management.Name {
		public, private = publicFolder, privateFolder
	}
	if p.Apart() {
		public, private = publicFolder, privateFolder
	}
	if of.Own {
		private = privateFolder
	}
	k.Resources = append(k.Resources, public)
	if len(of.Private) > 0 {
		k.Resources = append(k.Resources, private)
	}
	if of.Component != "" {
		k.Components = append(k.Components, path.Join(to.Keys, of.Component))
	}
	if c.Agent && p.Product.Has(pki.Agent) {
		k.Components = append(k.Components, clientFolder)
	}
	users := to.Topology
	if p.Apart() {
		users = gitops.OwnFolder
	}
	for _, own := range c.Components {
		k.Components = append(k.Components, path.Join(users, own.Dir))
	}
	return kustomization(k)
}

// remoteBase writes what all remotes have in common.
func (e *emitter) remoteBase() {
	if len(e.plan.Remotes) == 0 {
		return
	}
	if e.plan.Apart() {
		e.sharedFiles()
	} else {
		e.public(remoteBase, e.parts.Remote, nil)
		e.private(privateBase, e.parts.Remote.Private)
	}
	e.plain = Customized(e.plan, e.parts.Remote, e.links, plan.Cluster{Agent: true})
	p := e.plan
	e.agentValues = make(map[string]manifest.AgentValues, len(p.Authorities))
	for _, authority := range p.Authorities {
		values, err := manifest.NewAgentValues(Header, func(name, address string) []product.Setting {
			return p.AgentSettings(name, address, authority)
		})
		if err != nil && e.err == nil {
			e.err = err
		}
		e.agentValues[authority] = values
	}
}

func (e *emitter) remote(c plan.Cluster) {
	kustomization, start := e.plain, len(e.files)
	if c.Customized() || c.Audience != nil {
		of, err := e.parts.For(e.plan, c)
		if err != nil && e.err == nil {
			e.err = err
		}
		kustomization = Customized(e.plan, of, e.links, c)
		if of.Own {
			e.private(path.Join(c.Name, privateFolder), of.Private)
		}
	}
	e.file(c.Name+"/"+kustomizationFile, kustomization)
	values := e.agentValues[c.Authority].Fill(e.scalars, c.Name, c.RelayAddress)
	e.file(c.Name+"/"+valuesFile, values)
	e.client(c)
	e.deliverRemote(c, values, start)
}

// public writes the kustomization of a cluster's public objects: namespace, certificates, ingress. Users who provide private values by
// other means use only this part.
func (e *emitter) public(dir string, of delivery.Overlay, ingress []manifest.Object) {
	resources := []string{namespaceFile}
	e.objects(path.Join(dir, namespaceFile), manifest.Namespace(e.plan.Namespace).Annotated(e.annotations.Namespace))
	if len(of.Public) > 0 {
		resources = append(resources, secretsFile)
		e.secrets(path.Join(dir, secretsFile), of.Public)
	}
	if len(of.Asks) > 0 {
		resources = append(resources, delivery.CertificatesFile)
		e.secrets(path.Join(dir, delivery.CertificatesFile), of.Asks)
	}
	if len(ingress) > 0 {
		resources = append(resources, ingressFile)
		e.objects(path.Join(dir, ingressFile), ingress...)
	}
	all := of.Public
	for _, f := range of.Private {
		all = append(all[:len(all):len(all)], f.Secrets...)
	}
	for _, s := range all { // again as files, for people and openssl
		var pem []byte
		for _, c := range e.certificates(s.Role) {
			pem = append(pem, pki.MarshalCertificates(c.Chain...)...)
		}
		if name, ok := publicFiles[s.Role]; ok {
			e.file(path.Join(dir, name), pem)
		}
	}
	e.kustomization(dir, manifest.Kustomization{Resources: resources})
}

// private writes the kustomization that provides private values to a cluster, if the overlay does so itself.
func (e *emitter) private(dir string, files []delivery.File) {
	if len(files) == 0 {
		return
	}
	var k manifest.Kustomization
	for _, f := range files {
		k.Resources = append(k.Resources, f.Name)
		e.secrets(path.Join(dir, f.Name), f.Secrets)
	}
	e.kustomization(dir, k)
}

// secrets writes Secrets, or the objects from which they are created, each below a description of its certificates.
func (e *emitter) secrets(name string, secrets []delivery.Secret) {
	var text bytes.Buffer
	for i, s := range secrets {
		if i > 0 {
			text.WriteString("---\n")
		}
		for _, c := range e.certificates(s.Role) {
			for _, line := range Facts(c) {
				text.WriteString("# " + line + "\n")
			}
		}
		yaml, err := manifest.Marshal(s.Object.Annotated(e.annotations.Secrets))
		if err != nil && e.err == nil {
			e.err = fmt.Errorf("%s: %w", name, err)
		}
		text.Write(yaml)
	}
	e.text(name, text.Bytes(), nil)
}
