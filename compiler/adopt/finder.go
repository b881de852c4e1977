package adopt

import (
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/scaffold"
	"relayform/compiler/verify"
)

// Mesh is the mesh that was found.
type Mesh struct {
	Name         string
	Product      product.Profile
	Version      string // chart version, if all releases have the same
	Namespace    string
	Authority    string
	DNSNames     []string // names in the server's certificate that relayform would not add by default
	RelayAddress string   // the most common among the remotes
	Management   Cluster
	Agent        bool // whether the management cluster runs one
	Remotes      []Cluster
	Ingress      Ingress
	Trust        Trust
	EncryptTo    []string

	Because Because
	// Warnings must be known before the first apply; Notes say what else was found or created.
	Warnings, Notes []string
}

// Because says where values were found.
type Because struct{ Product, Namespace, Authority, RelayAddress, Management, Agent, Ingress string }

// Cluster is a cluster of the mesh.
type Cluster struct {
	scaffold.Cluster
	ClusterDomain string
	RelayAddress  string // if different from the most common
	Authority     string // if different from the mesh's
	Labels        map[string]string
	Because       string // how the cluster was identified

	Secrets []Secret
	source  *Source
	values  []verify.Values
}

// Secret is one of the relay's Secrets in a cluster.
type Secret struct {
	Role pki.Role // or product.Token, or Client
	Type string
	Data map[string][]byte
	object
}

// object is where a Secret was read from, and who else writes it.
type object struct{ Object }

// Client is the role of the Secret in which an agent stores its certificate.
const Client pki.Role = "client"

// Trust is the contents of the clusters' Secrets.
type Trust struct {
	Anchors []*x509.Certificate               // in the root's Secret, in order
	More    []*x509.Certificate               // intermediates among them
	Chains  map[pki.Role][]*x509.Certificate  // from tls.crt, the key's certificate first
	Texts   map[pki.Role]map[string]string    // by role and key in the Secret, byte for byte
	Types   map[pki.Role]string               // Secret types other than Opaque
	Keys    map[string][]byte                 // private keys by SPKI digest, byte for byte
	Clients map[string]Held                   // agents' certificates, by cluster, if the relay server does not sign them
	Token   []byte                            // nil if there is none
	Own     map[pki.Role]lockfile.Certificate // if relayform issued everything, and its root's key is available
}

// Held is a certificate with its chain, and its private key as in the Secret.
type Held struct {
	Certificates []*x509.Certificate
	Key          []byte
	SPKI         string
}

// Ingress is how agents reach the relay server.
type Ingress struct {
	Form  string   // one of ingress.Names
	Block []string // lines of its block in the topology; empty for {}
}

// finder finds a mesh in its sources.
type finder struct {
	sources  []Source
	answers  Answers
	hasKey   func(topology, spki string) bool
	mesh     *Mesh
	faults   Refusal
	releases map[string][]release       // by source
	values   map[string][]verify.Values // by source: from files, and from releases of the relay's charts
	loose    map[string][]verify.Values // by cluster: from files outside clusters' folders
	held     map[*Source][]Secret       // the relay's Secrets, in its namespace
	versions map[string]bool
	told     bool     // the manifests say which clusters are registered
	several  []sameIn // warnings about several clusters
}

func (f *finder) fault(where, hint, format string, args ...any) {
	f.faults.fault(where, hint, format, args...)
}

func (f *finder) warn(format string, args ...any) {
	f.mesh.Warnings = append(f.mesh.Warnings, fmt.Sprintf(format, args...))
}

// warnIn adds a warning that may be the same for several clusters.
func (f *finder) warnIn(cluster, format string, args ...any) {
	f.several = group(f.several, fmt.Sprintf(format, args...), cluster)
}

func (f *finder) note(format string, args ...any) {
	f.mesh.Notes = append(f.mesh.Notes, fmt.Sprintf(format, args...))
}

// Find finds the mesh in its sources. hasKey reports whether a topology's key store already has a private key, by SPKI digest. The error is
// a Refusal with everything that prevents adoption, except consequences of other faults.
func Find(sources []Source, a Answers, hasKey func(topology, spki string) bool) (*Mesh, error) {
	f := &finder{sources: slices.Clone(sources), answers: a, hasKey: hasKey, mesh: &Mesh{Name: a.Name, EncryptTo: a.EncryptTo}}
	f.releases, f.values, f.loose, f.versions = map[string][]release{}, map[string][]verify.Values{}, map[string][]verify.Values{}, map[string]bool{}
	f.held = map[*Source][]Secret{}
	slices.SortStableFunc(f.sources, func(x, y Source) int { return strings.Compare(x.Name, y.Name) })
	for _, step := range []func(){f.read, f.product, f.keepsMutualTLS, f.management, f.remotes, f.names, f.trust, f.roles, f.authority, f.address, f.ingress, f.usersValues} {
		if step(); len(f.faults) > 0 {
			return nil, f.faults.err()
		}
	}
	for _, g := range f.several {
		f.warn("%s: %s", named(g.clusters), g.text)
	}
	slices.Sort(f.mesh.Warnings)
	f.mesh.Warnings = slices.Compact(f.mesh.Warnings)
	f.mesh.Notes = slices.Compact(f.mesh.Notes)
	return f.mesh, nil
}

// read parses the sources.
func (f *finder) read() {
	for i, s := range f.sources {
		if i > 0 && s.Name == f.sources[i-1].Name {
			f.fault(s.Name, "--from FOLDER reads a file or a folder for each cluster; for a folder with the files of one cluster, give --from NAME=FOLDER", "two sources have this name")
			return
		}
		found, notes := releases(s)
		f.mesh.Notes = append(f.mesh.Notes, notes...)
		for _, r := range found {
			if r.ours() {
				f.releases[s.Name] = append(f.releases[s.Name], r)
				f.values[s.Name] = append(f.values[s.Name], r.Values) // installed values take precedence over files
			}
		}
		f.values[s.Name] = append(f.values[s.Name], s.Values...)
	}
}

// version takes the charts' version from a release.
func (f *finder) version(r release) {
	f.versions[r.Version] = true
	if f.mesh.Version = r.Version; len(f.versions) > 1 {
		f.mesh.Version = ""
	}
}

// left reports whether a cluster or source is left out.
func (f *finder) left(name string) bool { return slices.Contains(f.answers.Without, name) }
