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

// Mesh is what was found.
type Mesh struct {
	Name         string
	Product      product.Profile
	Version      string // of the charts, where all releases have one
	Namespace    string
	Authority    string
	DNSNames     []string // of the server's certificate, beside those that relayform would give it
	RelayAddress string   // that of most remotes
	Management   Cluster
	Agent        bool // the management cluster runs one
	Remotes      []Cluster
	Ingress      Ingress
	Trust        Trust
	EncryptTo    []string

	Because Because
	// Warnings are what has to be known before the first apply; Notes are what was found or made beside it.
	Warnings, Notes []string
}

// Because says where things were found, in words.
type Because struct{ Product, Namespace, Authority, RelayAddress, Management, Agent, Ingress string }

// Cluster is a cluster of the mesh.
type Cluster struct {
	scaffold.Cluster
	ClusterDomain string
	RelayAddress  string // where it is another than that of most
	Authority     string // where it is another than that of the mesh
	Labels        map[string]string
	Because       string // what says that it is this one

	Secrets []Secret
	source  *Source
	values  []verify.Values
}

// Secret is a Secret of the relay's, as a cluster holds it.
type Secret struct {
	Role pki.Role // or product.Token, or Client
	Type string
	Data map[string][]byte
	object
}

// object is where a Secret was read, and who else writes it.
type object struct{ Object }

// Client is the role of the Secret in which an agent keeps its certificate.
const Client pki.Role = "client"

// Trust is what the clusters' Secrets hold.
type Trust struct {
	Anchors []*x509.Certificate               // of the root's Secret, in their order
	More    []*x509.Certificate               // intermediates beside them
	Chains  map[pki.Role][]*x509.Certificate  // of tls.crt, the certificate of the key first
	Texts   map[pki.Role]map[string]string    // by role and key of the Secret, byte for byte
	Types   map[pki.Role]string               // of Secrets, where they are not Opaque
	Keys    map[string][]byte                 // private keys by the digest of their public halves, byte for byte
	Token   []byte                            // nil where there is none
	Own     map[pki.Role]lockfile.Certificate // where relayform has issued all, and its root's key is here
}

// Ingress is how agents reach the relay server.
type Ingress struct {
	Form  string   // one of ingress.Names
	Block []string // its lines in the topology, below its name; none for {}
}

// finder finds a mesh.
type finder struct {
	sources  []Source
	answers  Answers
	hasKey   func(topology, spki string) bool
	mesh     *Mesh
	faults   Refusal
	releases map[string][]release       // by source
	values   map[string][]verify.Values // by source: of files, and of releases of the relay's charts
	loose    map[string][]verify.Values // by cluster: of files that lie in no cluster's folder
	held     map[*Source][]Secret       // the relay's, in its namespace
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

// warnIn warns of what several clusters may have alike.
func (f *finder) warnIn(cluster, format string, args ...any) {
	f.several = group(f.several, fmt.Sprintf(format, args...), cluster)
}

func (f *finder) note(format string, args ...any) {
	f.mesh.Notes = append(f.mesh.Notes, fmt.Sprintf(format, args...))
}

// Find finds the mesh that sources are of. hasKey reports whether a private key is kept already for a topology, by the digest of its public half. The error
// is a Refusal with all that keeps the mesh from being adopted, as far as one fault does not follow from another.
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
		f.warn("%s (in %s)", g.text, named(g.clusters))
	}
	slices.Sort(f.mesh.Warnings)
	f.mesh.Warnings = slices.Compact(f.mesh.Warnings)
	f.mesh.Notes = slices.Compact(f.mesh.Notes)
	return f.mesh, nil
}

// read takes the sources apart.
func (f *finder) read() {
	for i, s := range f.sources {
		if i > 0 && s.Name == f.sources[i-1].Name {
			f.fault(s.Name, "a folder holds a file or a folder for each cluster; where it holds the files of one, name that: --from NAME=FOLDER", "two sources have this name")
			return
		}
		found, notes := releases(s)
		f.mesh.Notes = append(f.mesh.Notes, notes...)
		for _, r := range found {
			if r.ours() {
				f.releases[s.Name] = append(f.releases[s.Name], r)
				f.values[s.Name] = append(f.values[s.Name], r.Values) // what runs comes before what somebody has written
			}
		}
		f.values[s.Name] = append(f.values[s.Name], s.Values...)
	}
}

// version takes a release's version for that of the charts.
func (f *finder) version(r release) {
	f.versions[r.Version] = true
	if f.mesh.Version = r.Version; len(f.versions) > 1 {
		f.mesh.Version = ""
	}
}

// left reports whether a cluster or source is left out.
func (f *finder) left(name string) bool { return slices.Contains(f.answers.Without, name) }
