package plan

import (
	"slices"
	"strconv"

	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/diag"
)

// ExternalRole is a role whose certificate an external PKI brings beside its anchors.
type ExternalRole struct {
	Role  pki.Role
	Field string
	Pair  func(schema.External) schema.KeyPair
}

var externalRoles = []ExternalRole{
	{pki.Signing, "signing", func(e schema.External) schema.KeyPair { return filesOf(e.Signing) }},
	{pki.Server, "server", func(e schema.External) schema.KeyPair { return filesOf(e.Server) }},
}

// ExternalRoles are those that the product works with, and that files bring.
func (p *Plan) ExternalRoles() []ExternalRole {
	return slices.DeleteFunc(slices.Clone(externalRoles), func(r ExternalRole) bool { return !p.Product.Brings(r.Role) })
}

// external checks that the paths of an external PKI may be read. What the files hold is judged when
// they are imported.
func (r *resolver) external(e schema.External) {
	for _, f := range externalFiles(e) {
		if f.path == "" {
			continue // missing, and reported
		}
		r.local(append([]string{"pki", "external"}, f.field...), f.path)
	}
	for _, role := range externalRoles {
		r.requested(role, role.Pair(e))
		if pair := role.Pair(e); pair.PasswordFile != "" && pair.PasswordEnv != "" {
			r.faultAtKey([]string{"pki", "external", role.Field, "passwordEnv"}, diag.OneOf.Fault("want passwordFile or passwordEnv, got both", ""))
		}
	}
}

type externalFile struct {
	field []string
	path  string
}

// externalFiles is every file and folder that an external PKI names.
func externalFiles(e schema.External) []externalFile {
	files := []externalFile{{[]string{"ca"}, string(e.Ca)}}
	for i, path := range e.More {
		files = append(files, externalFile{[]string{"more", strconv.Itoa(i)}, string(path)})
	}
	for _, role := range externalRoles {
		pair := role.Pair(e)
		for _, optional := range []struct {
			name string
			path schema.Path
		}{{"cert", pair.Cert}, {"key", pair.Key}, {"passwordFile", pair.PasswordFile}} {
			if optional.path != "" {
				files = append(files, externalFile{[]string{role.Field, optional.name}, string(optional.path)})
			}
		}
	}
	return files
}
