package adopt

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"relayform/compiler/ingress"
	"relayform/compiler/pki"
	"relayform/compiler/scaffold"
)

// Files with an adopted PKI's certificates, next to the topology.
const (
	PKIFolder   = "pki"
	AnchorsFile = PKIFolder + "/ca.pem"
)

// CertificateFile returns the file of a role's certificate.
func CertificateFile(role pki.Role) string { return PKIFolder + "/" + string(role) + ".pem" }

// Files returns the certificates of an adopted PKI, by the paths in the topology; none if relayform issued them itself.
func (m *Mesh) Files() map[string][]byte {
	if m.Trust.Own != nil {
		return nil
	}
	files := map[string][]byte{AnchorsFile: pki.MarshalCertificates(slices.Concat(m.Trust.Anchors, m.Trust.More)...)}
	for cluster, h := range m.Trust.Clients {
		files[ClientsFolder+"/"+cluster+".pem"] = pki.MarshalCertificates(h.Certificates...)
	}
	for role, chain := range m.Trust.Chains {
		files[CertificateFile(role)] = pki.MarshalCertificates(chain...)
	}
	return files
}

// Topology returns the mesh's topology, with comments on where each value was found. The schema is a file for editors; may be empty.
func (m *Mesh) Topology(schema string) []byte {
	w := &writer{}
	if schema != "" {
		w.line("# yaml-language-server: $schema=%s", schema)
	}
	w.line("# A running mesh, as relayform adopt found it. Fields that are not set were not found, or have their defaults.")
	w.line("apiVersion: relayform/v1")
	w.line("kind: Topology")
	w.line("name: %s", scaffold.Word(m.Name))
	w.line("")
	w.found(m.Because.Product)
	w.line("product: %s", m.Product.Name)
	switch {
	case m.Version != "":
		w.line("charts: {version: %s}", scaffold.Word(m.Version))
	default:
		w.line("# charts: {version: …}  # the version was not found, or clusters run different versions")
	}
	w.found(m.Because.Namespace)
	w.line("namespace: %s", scaffold.Word(m.Namespace))
	w.line("")
	w.found(m.Because.Management)
	w.line("management:")
	w.line("  name: %s", scaffold.Word(m.Management.Name))
	w.line("  context: %s", scaffold.Word(m.Management.Context))
	w.cluster("  ", m.Management)
	w.authority(m)
	if m.RelayAddress != "" {
		w.foundAt("  ", m.Because.RelayAddress)
		w.line("  relayAddress: %s", scaffold.Word(m.RelayAddress))
	} else {
		w.line("  # The address that agents dial was not found. To ask the cluster for it, run: relayform address --write")
	}
	if m.Agent {
		w.line("  agent: true  # %s", printable(m.Because.Agent))
	}
	w.foundAt("  ", m.Because.Ingress)
	w.block("  ", m.Ingress)
	w.line("")
	w.remotes(m)
	w.line("")
	w.pki(m)
	if len(m.EncryptTo) > 0 {
		w.line("")
		w.line("keys:")
		w.line("  encryptTo: [%s]", strings.Join(m.EncryptTo, ", "))
	}
	return []byte(w.String())
}

type writer struct{ strings.Builder }

func (w *writer) line(format string, args ...any) { fmt.Fprintf(w, format+"\n", args...) }

// found writes a comment on where something was found.
func (w *writer) found(because string) { w.foundAt("", because) }

func (w *writer) foundAt(indent, because string) {
	how := "found"
	if strings.HasPrefix(because, "--") {
		how = "given"
	}
	w.line("%s# %s: %s", indent, how, printable(because))
}

// printable returns a text that cannot end a comment.
func printable(s string) string {
	return strings.Map(func(r rune) rune {
		if r < ' ' || r > '~' {
			return '?'
		}
		return r
	}, s)
}

func (w *writer) cluster(indent string, c Cluster) {
	if c.ClusterDomain != "" && c.ClusterDomain != "cluster.local" {
		w.line("%sclusterDomain: %s", indent, scaffold.Word(c.ClusterDomain))
	}
	if len(c.Labels) > 0 {
		w.line("%slabels: %s", indent, flow(c.Labels))
	}
}

func (w *writer) authority(m *Mesh) {
	if m.Authority != m.Product.Authority(m.Namespace) {
		w.foundAt("  ", m.Because.Authority)
		w.line("  authority: %s", scaffold.Word(m.Authority))
	}
	if len(m.DNSNames) > 0 {
		w.foundAt("  ", "more names in the server's certificate")
		var words []string
		for _, name := range m.DNSNames {
			words = append(words, scaffold.Word(name))
		}
		w.line("  dnsNames: [%s]", strings.Join(words, ", "))
	}
}

func (w *writer) block(indent string, in Ingress) {
	w.line("%singress:", indent)
	if len(in.Block) == 0 {
		block, _ := ingress.Block(in.Form)
		w.line("%s  %s: %s", indent, in.Form, block)
		return
	}
	w.line("%s  %s:", indent, in.Form)
	for _, line := range in.Block {
		w.line("%s    %s", indent, line)
	}
}

func (w *writer) remotes(m *Mesh) {
	if len(m.Remotes) == 0 {
		w.line("remotes: {}")
		return
	}
	w.line("remotes:")
	for _, c := range m.Remotes {
		fields := map[string]string{}
		if c.Context != c.Name {
			fields["context"] = scaffold.Word(c.Context)
		}
		if c.ClusterDomain != "" && c.ClusterDomain != "cluster.local" {
			fields["clusterDomain"] = scaffold.Word(c.ClusterDomain)
		}
		if c.RelayAddress != "" {
			fields["relayAddress"] = scaffold.Word(c.RelayAddress)
		}
		if c.Authority != "" {
			fields["authority"] = scaffold.Word(c.Authority)
		}
		if len(c.Labels) > 0 {
			fields["labels"] = flow(c.Labels)
		}
		var parts []string
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			parts = append(parts, key+": "+fields[key])
		}
		w.line("  %s: {%s}  # %s", scaffold.Word(c.Name), strings.Join(parts, ", "), printable(c.Because))
	}
}

func (w *writer) pki(m *Mesh) {
	if own := m.Trust.Own; own != nil {
		w.line("# relayform issued these certificates. They are in the lockfile again.")
		w.line("pki:")
		w.line("  selfSigned:")
		algorithm := "rsa"
		if own[pki.Root].Algorithm == string(pki.ECDSAP256) {
			algorithm = "ecdsa"
		}
		w.line("    keyAlgorithm: %s", algorithm)
		if v := validity(own); v != "" {
			w.line("    validity: {%s}", v)
		}
		return
	}
	w.line("# The certificates that the clusters hold. Their private keys are only in keys/. relayform does not use the root's private key, and issues")
	w.line("# nothing under this root. To rotate to a root that relayform issues, replace external with selfSigned: {rotation: {phase: distribute}}.")
	w.line("pki:")
	w.line("  external:")
	w.line("    ca: %s", AnchorsFile)
	for _, role := range []pki.Role{pki.Server, pki.Signing} {
		if m.Product.Has(role) {
			w.line("    %s: {cert: %s}", role, CertificateFile(role))
		}
	}
	if m.Trust.Clients != nil {
		w.line("    clients: %s  # the agents' certificates, by cluster; the relay server signs none", ClientsFolder)
	}
}
