// Package plan resolves a topology into a Plan: it fills in every default, follows every reference, and checks the users' patches and
// components. It needs no certificate, key or clock.
package plan

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/custom"
	"relayform/compiler/ingress"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/schema"
	"relayform/schema/diag"
)

// Plan is a resolved topology: every default filled in, every reference followed. It is valid as far as that can be known without
// certificates.
type Plan struct {
	Name         string
	Product      product.Profile
	Namespace    string
	Authority    string   // the name by which agents verify the relay server, unless their cluster sets its own
	Authorities  []string // every such name: that one first, then the others in order
	DNSNames     []string // added to the server's certificate by the topology
	ServerNames  []string // all names in a server certificate that relayform issues
	RelayAddress string   // host:port that agents dial, from the topology; empty if not known yet
	Management   Cluster
	Remotes      []Cluster // sorted by name
	Ingress      ingress.Chosen
	Telemetry    *Telemetry // the telemetry gateway, or nil
	SelfSigned   *pki.Facts // one of the three is set
	External     *schema.External
	CertManager  *CertManager
	Rotation     schema.Rotation // of the root; the Phase is empty if there is none
	EncryptTo    []string        // age recipients of private files; none for plain text
	// ExternalSecrets is where clusters fetch private values from; nil if overlays take them from the key store.
	ExternalSecrets *schema.ExternalSecrets
	Sops            *InGit // who can decrypt SOPS-encrypted Secrets; nil with a different store
	SealedSecrets   *InGit // whose controllers can decrypt SealedSecrets; nil with a different store
	Charts          Charts
	Deliver         *Deliver // the GitOps engine that applies the committed build folder, or nil
	Warnings        []string // users' files that disclose private values, and oddities of an external PKI
	Notes           []string // further remarks on an external PKI

	// Policies are the constraint files that the topology names. They do not affect the output.
	Policies []Policy

	Topology *schema.Topology // as written, with defaults
	Doc      *schema.Document

	source string // the topology key of the PKI source
}

// Local reports whether overlays take private values from the key store on the machine that applies them.
func (p *Plan) Local() bool { return p.ExternalSecrets == nil && p.InGit() == nil }

// Source returns the topology path of the PKI source.
func (p *Plan) Source() []string {
	return []string{"pki", p.source}
}

// Cluster is a resolved cluster.
type Cluster struct {
	Name          string
	Context       string
	ClusterDomain string
	RelayAddress  string // host:port that its agent dials; empty without an agent or if not known yet
	Authority     string // the name by which its agent verifies the relay server
	Agent         bool
	Labels        map[string]string
	Patches       []manifest.Patch
	Components    []*custom.Component
	Audience      *Audience // who can decrypt what it receives from git, if that differs from the common audience
}

// Customized reports whether users customize the cluster's overlay.
func (c Cluster) Customized() bool { return len(c.Patches)+len(c.Components) > 0 }

// Agents returns the clusters that run an agent, by name.
func (p *Plan) Agents() []Cluster {
	if !p.Management.Agent {
		return p.Remotes
	}
	agents := make([]Cluster, 0, len(p.Remotes)+1)
	agents = append(agents, p.Management)
	return append(agents, p.Remotes...)
}

// Paths of the agents' registration, below the management cluster's folder.
const (
	RegisterFolder = "register"
	ClustersFile   = "clusters.yaml"
)

// RegisterLimit is the number of agents up to which their registration objects form a kustomization. kustomize compares each object with
// all others, which takes minutes for thousands; kubectl apply -f does not.
const RegisterLimit = 500

// Registration returns the path, below the build folder, of the objects that register the agents: a kustomization folder or, for many
// agents, a file. It is empty for a topology without agents.
func (p *Plan) Registration() (name string, isFile bool) {
	name = path.Join(p.Management.Name, RegisterFolder)
	if len(p.Agents()) > RegisterLimit {
		return path.Join(name, ClustersFile), true
	}
	return name, false
}

// Each yields every cluster, the management cluster first.
func (p *Plan) Each(yield func(Cluster) bool) {
	if !yield(p.Management) {
		return
	}
	for _, c := range p.Remotes {
		if !yield(c) {
			return
		}
	}
}

// Cluster returns the cluster with a name, or the zero Cluster.
func (p *Plan) Cluster(name string) Cluster {
	if name == p.Management.Name {
		return p.Management
	}
	if i, found := slices.BinarySearchFunc(p.Remotes, name, func(c Cluster, name string) int { return strings.Compare(c.Name, name) }); found {
		return p.Remotes[i]
	}
	return Cluster{}
}

// Known returns an error for each name that no cluster has.
func (p *Plan) Known(clusters ...string) error {
	var unknown error
	for _, name := range clusters {
		if p.Cluster(name).Name == "" {
			unknown = errors.Join(unknown, fmt.Errorf("%s: no such cluster in the topology%s", name, diag.DidYouMean(name, p.Clusters())))
		}
	}
	return unknown
}

// Place returns the topology path of a cluster.
func (p *Plan) Place(c Cluster) []string {
	if c.Name == p.Management.Name {
		return []string{"management"}
	}
	return []string{"remotes", c.Name}
}

// All returns every cluster, the management cluster first.
func (p *Plan) All() []Cluster { return slices.Collect(p.Each) }

// relay returns the relay server as an ingress target.
func (p *Plan) relay() ingress.Target {
	return ingress.ToRelay(ingress.Target{
		Service:       p.Product.Service,
		Port:          p.Product.Port,
		Pods:          map[string]string{p.Product.PodLabel: p.Product.Service},
		Namespace:     p.Namespace,
		ClusterDomain: p.Management.ClusterDomain,
		Hosts:         p.Authorities,
	})
}

// Clusters returns the names of all clusters, the management cluster first.
func (p *Plan) Clusters() []string {
	names := make([]string, 0, len(p.Remotes)+1)
	for c := range p.Each {
		names = append(names, c.Name)
	}
	return names
}

// Context returns the kube context of a cluster.
func (p *Plan) Context(cluster string) string {
	return p.Cluster(cluster).Context
}

// TrustFiles returns the files and folders of an external PKI's trust anchors, by their fields below the source.
func (p *Plan) TrustFiles() []TrustFile {
	if p.CertManager != nil {
		return []TrustFile{{[]string{"ca"}, p.CertManager.CA}}
	}
	files := []TrustFile{{[]string{"ca"}, string(p.External.Ca)}}
	for i, path := range p.External.More {
		files = append(files, TrustFile{[]string{"more", strconv.Itoa(i)}, string(path)})
	}
	return files
}

// TrustFile is a file or folder of trust anchors.
type TrustFile struct {
	Field []string
	Path  string
}

func (p *Plan) rotate(r *schema.Rotation) {
	if r != nil {
		p.Rotation = *r
	}
}
