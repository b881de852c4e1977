package plan

import (
	"maps"
	"slices"
	"strconv"

	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/diag"
)

// ExternalRole is a role whose certificate comes from an external PKI, besides its anchors.
type ExternalRole struct {
	Role  pki.Role
	Field string
	Pair  func(schema.External) schema.KeyPair
}

var externalRoles = []ExternalRole{
	{pki.Signing, "signing", func(e schema.External) schema.KeyPair { return filesOf(e.Signing) }},
	{pki.Server, "server", func(e schema.External) schema.KeyPair { return filesOf(&e.Server) }},
	{pki.Telemetry, "telemetry", func(e schema.External) schema.KeyPair {
		if e.Telemetry == nil {
			return schema.KeyPair{}
		}
		return *e.Telemetry
	}},
}

// ExternalRoles returns those that the product needs and that come from files.
func (p *Plan) ExternalRoles() []ExternalRole {
	return slices.DeleteFunc(slices.Clone(externalRoles), func(r ExternalRole) bool { return !p.Product.Brings(r.Role) })
}

// external checks that the files of an external PKI may be read. Their contents are checked on import.
func (r *resolver) external(p *Plan, e schema.External) {
	at := []string{"pki", "external", "telemetry"}
	switch asked := p.Product.Has(pki.Telemetry); {
	case asked && e.Telemetry == nil:
		r.fault(at, diag.MissingKey.Fault("missing; with management.telemetry, want the telemetry gateway's certificate: a block with cert and key", "one whose names have "+p.Product.TelemetryName(p.Namespace)+", for server and client"))
	case !asked && e.Telemetry != nil && !r.doc.Refused("management", "telemetry"):
		r.faultAtKey(at, diag.Clash.Fault("there is no telemetry gateway for it", "remove it, or add management.telemetry"))
	}
	for _, f := range externalFiles(e) {
		if f.path == "" {
			continue // reported as missing
		}
		r.local(append([]string{"pki", "external"}, f.field...), f.path)
	}
	for _, role := range externalRoles {
		if role.Role == pki.Server || role.Role == pki.Signing && e.Signing != nil { // if the telemetry gateway's is missing too, that is already reported
			r.requested(role, role.Pair(e))
		}
	}
	for _, at := range pairsOf(e) {
		if at.pair.PasswordFile != "" && at.pair.PasswordEnv != "" {
			r.faultAtKey(append(append([]string{"pki", "external"}, at.field...), "passwordEnv"), diag.OneOf.Fault("want passwordFile or passwordEnv, got both", ""))
		}
	}
}

// externalPair is a certificate file and its key file, and the field that names them.
type externalPair struct {
	field []string
	pair  schema.KeyPair
}

// pairsOf returns every pair of files that an external PKI names, those of agents by cluster.
func pairsOf(e schema.External) []externalPair {
	var all []externalPair
	for _, role := range externalRoles {
		all = append(all, externalPair{[]string{role.Field}, role.Pair(e)})
	}
	if e.Clients != nil {
		for _, cluster := range slices.Sorted(maps.Keys(e.Clients.Each)) {
			all = append(all, externalPair{[]string{"clients", cluster}, e.Clients.Each[cluster]})
		}
	}
	return all
}

type externalFile struct {
	field []string
	path  string
}

// externalFiles returns every file and folder that an external PKI names.
func externalFiles(e schema.External) []externalFile {
	files := []externalFile{{[]string{"ca"}, string(e.Ca)}}
	for i, path := range e.More {
		files = append(files, externalFile{[]string{"more", strconv.Itoa(i)}, string(path)})
	}
	if e.Clients != nil {
		files = append(files, externalFile{[]string{"clients"}, string(e.Clients.Folder)})
	}
	for _, of := range pairsOf(e) {
		pair, at := of.pair, func(name string) []string { return append(slices.Clone(of.field), name) }
		for _, optional := range []struct {
			name string
			path schema.Path
		}{{"cert", pair.Cert}, {"key", pair.Key}, {"passwordFile", pair.PasswordFile}} {
			if optional.path != "" {
				files = append(files, externalFile{at(optional.name), string(optional.path)})
			}
		}
	}
	return files
}
