package review

import (
	"fmt"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
)

// mesh lists what changes for all clusters.
func (c *comparison) mesh() {
	if c.before.Plan == nil {
		return
	}
	was, is, mesh := c.before.Plan, c.after.Plan, &c.report.Mesh
	mesh.differs("name", was.Name, is.Name)
	mesh.differs("product", was.Product.Name, is.Product.Name)
	mesh.differs("namespace", was.Namespace, is.Namespace)
	mesh.differs("management cluster", was.Management.Name, is.Management.Name)
	mesh.differs("authority", was.Authority, is.Authority)
	mesh.differs("more names of the server's certificate", strings.Join(was.DNSNames, ", "), strings.Join(is.DNSNames, ", "))
	mesh.differs("relay address", was.RelayAddress, is.RelayAddress)
	mesh.differs("ingress", was.Ingress.Name, is.Ingress.Name)
	mesh.differs("telemetry gateway's address", was.TelemetryAddress(), is.TelemetryAddress())
	mesh.differs("telemetry gateway's ingress", was.TelemetryIngress(), is.TelemetryIngress())
	mesh.differs("PKI", was.Source()[1], is.Source()[1])
	mesh.differs("rotation phase", string(was.Rotation.Phase), string(is.Rotation.Phase))
	for _, role := range pki.Roles {
		mesh.differs("request for the "+string(role)+"'s certificate", waiting(c.before.Lock, role), waiting(c.after.Lock, role))
	}
	mesh.differs("private values from", storeOf(was), storeOf(is))
	mesh.differs("delivered by", delivererOf(was), delivererOf(is))
	mesh.differs("keys encrypted to", recipients(was.EncryptTo), recipients(is.EncryptTo))
	for _, of := range []struct {
		who      string
		audience func(*plan.InGit) plan.Audience
	}{
		{"the management cluster's", func(s *plan.InGit) plan.Audience { return s.Management }},
		{"the remotes'", func(s *plan.InGit) plan.Audience { return s.Remotes }},
	} {
		if was.InGit() != nil && is.InGit() != nil {
			mesh.differs(of.who+" private values can be opened by", audience(of.audience(was.InGit())), audience(of.audience(is.InGit())))
		}
	}
}

// waiting describes the pending request for a certificate; empty if there is none.
func waiting(l *lockfile.File, role pki.Role) string {
	if l == nil || l.Request(role) == nil {
		return ""
	}
	return "waits, for the key " + l.Request(role).SPKI
}

// storeOf says where clusters get private values from.
func storeOf(p *plan.Plan) string {
	if from := p.ExternalSecrets; from != nil {
		return fmt.Sprintf("%s %s, below %s", from.Store.Kind, from.Store.Name, from.Path)
	}
	switch {
	case p.Sops != nil:
		return "git, with SOPS"
	case p.SealedSecrets != nil:
		return "git, as SealedSecrets"
	}
	return "the key store"
}
