// Package plan turns a topology into a Plan: every default is filled in, every reference is followed, and the
// users' patches and components are read and judged. It needs no certificate, key or clock.
package plan

import (
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

// Plan is a topology with every default filled in and every reference followed. It is right as far
// as that can be known without certificates.
type Plan struct {
	Name         string
	Product      product.Profile
	Namespace    string
	Authority    string   // by which agents verify the relay server, where their clusters name no other
	Authorities  []string // by which any agent does: that first, then the others in order
	DNSNames     []string // that the topology adds to the server's certificate
	ServerNames  []string // of a certificate that relayform issues to the server
	RelayAddress string   // what agents dial, as the topology gives it; empty where it is not known yet
	Management   Cluster
	Remotes      []Cluster // by name
	Ingress      ingress.Chosen
	Telemetry    *Telemetry // the telemetry gateway; nil where there is none
	SelfSigned   *pki.Facts // one of the three
	External     *schema.External
	CertManager  *CertManager
	Rotation     schema.Rotation // of the root; its Phase is empty where there is none
	EncryptTo    []string        // whom private files are encrypted to; none for files in plain
	// ExternalSecrets is where clusters fetch private values from; nil where overlays bring them from the key store.
	ExternalSecrets *schema.ExternalSecrets
	Sops            *InGit // who decrypts Secrets of SOPS; nil where the store is another
	SealedSecrets   *InGit // whose controllers open SealedSecrets; nil where the store is another
	Charts          Charts
	Deliver         *Deliver // the GitOps engine that applies what is committed; nil where there is none
	Warnings        []string // what the users' own files would make public, and what is odd about an external PKI
	Notes           []string // what else there is to say of an external PKI

	// Policies are the files of constraints that the topology names: nothing that is written depends on them.
	Policies []Policy

	Topology *schema.Topology // as it is written, with the defaults
	Doc      *schema.Document

	source string // the key of the PKI source
}

// Local reports whether overlays bring private values from the key store of whoever applies them.
func (p *Plan) Local() bool { return p.ExternalSecrets == nil && p.InGit() == nil }

// Source is the path of the topology's PKI source.
func (p *Plan) Source() []string {
	return []string{"pki", p.source}
}

// Cluster is a cluster of the plan.
type Cluster struct {
	Name          string
	Context       string
	ClusterDomain string
	RelayAddress  string // what its agent dials, host:port; empty where it has none or it is not known yet
	Authority     string // the name by which its agent verifies the relay server
	Agent         bool
	Labels        map[string]string
	Patches       []manifest.Patch
	Components    []*custom.Component
	Audience      *Audience // who opens what it receives from git, where that is not who does for all remotes
}

// Customized reports whether users add to the cluster's overlay.
func (c Cluster) Customized() bool { return len(c.Patches)+len(c.Components) > 0 }

// Agents are the clusters that run an agent, by name.
func (p *Plan) Agents() []Cluster {
	if !p.Management.Agent {
		return p.Remotes
	}
	agents := make([]Cluster, 0, len(p.Remotes)+1)
	agents = append(agents, p.Management)
	return append(agents, p.Remotes...)
}

// Where the registration of agents lies, below the management cluster's folder.
const (
	RegisterFolder = "register"
	ClustersFile   = "clusters.yaml"
)

// registerLimit is the number of agents up to which their objects are a kustomization. kustomize
// holds each object against all others, which for thousands takes minutes; kubectl apply -f does not.
const RegisterLimit = 500

// Registration is where the objects lie that register the agents, below the build folder: the folder
// of a kustomization, or of many agents a file. A topology without agents has none.
func (p *Plan) Registration() (name string, isFile bool) {
	name = path.Join(p.Management.Name, RegisterFolder)
	if len(p.Agents()) > RegisterLimit {
		return path.Join(name, ClustersFile), true
	}
	return name, false
}

// Each is every cluster, the management cluster first.
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

// Cluster is the cluster of that name; the zero Cluster where there is none.
func (p *Plan) Cluster(name string) Cluster {
	if name == p.Management.Name {
		return p.Management
	}
	if i, found := slices.BinarySearchFunc(p.Remotes, name, func(c Cluster, name string) int { return strings.Compare(c.Name, name) }); found {
		return p.Remotes[i]
	}
	return Cluster{}
}

// Known refuses a name that no cluster has.
func (p *Plan) Known(cluster string) error {
	if p.Cluster(cluster).Name == "" {
		return fmt.Errorf("%s: no such cluster in the topology%s", cluster, diag.DidYouMean(cluster, p.Clusters()))
	}
	return nil
}

// Place is a cluster's block in the topology.
func (p *Plan) Place(c Cluster) []string {
	if c.Name == p.Management.Name {
		return []string{"management"}
	}
	return []string{"remotes", c.Name}
}

// All is every cluster, the management cluster first.
func (p *Plan) All() []Cluster { return slices.Collect(p.Each) }

// relay is the relay server as the ingress sees it.
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

// Clusters are the names of every cluster, the management cluster first.
func (p *Plan) Clusters() []string {
	names := make([]string, 0, len(p.Remotes)+1)
	for c := range p.Each {
		names = append(names, c.Name)
	}
	return names
}

// Context is the kube context of a cluster of the plan.
func (p *Plan) Context(cluster string) string {
	return p.Cluster(cluster).Context
}

// TrustFiles are the files and folders that the anchors of a PKI of others are read from, by their fields below the source.
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
