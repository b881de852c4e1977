package plan

import (
	"slices"

	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/diag"
)

// RequestsFolder is the folder of certificate requests in the build folder.
const RequestsFolder = manifest.RequestsFolder

// distribute is the phase of a rotation in which the new PKI's certificates are not used yet.
const distribute = "distribute"

// RequestFile returns the path of a role's certificate request in the build folder.
func RequestFile(role pki.Role) string { return RequestsFolder + "/" + string(role) + ".csr" }

// filesOf returns the files that a pair names, without the fields about a request.
func filesOf(p *schema.RequestedPair) schema.KeyPair {
	if p == nil {
		return schema.KeyPair{}
	}
	return schema.KeyPair{Cert: p.Cert, Key: p.Key, PasswordFile: p.PasswordFile, PasswordEnv: p.PasswordEnv}
}

// requested refuses a key file for a certificate that is yet to be requested: relayform generates its key.
func (r *resolver) requested(role ExternalRole, pair schema.KeyPair) {
	if pair.Cert != "" {
		return
	}
	for _, f := range []struct{ name, value string }{
		{"key", string(pair.Key)}, {"passwordFile", string(pair.PasswordFile)}, {"passwordEnv", string(pair.PasswordEnv)},
	} {
		if f.value != "" {
			r.faultAtKey([]string{"pki", "external", role.Field, f.name}, diag.Clash.Fault("without cert, a certificate is requested for a key that relayform makes; "+f.name+" needs cert",
				"name the certificate: pki.external."+role.Field+".cert; or remove "+f.name))
			return
		}
	}
}

// Requests reports whether a certificate of the role must be requested because the topology names no file for it. Requests for a new PKI
// wait until its anchors are deployed everywhere.
func (p *Plan) Requests(role pki.Role) bool {
	if p.External == nil || p.Rotation.Phase == distribute {
		return false
	}
	i := slices.IndexFunc(p.ExternalRoles(), func(r ExternalRole) bool { return r.Role == role })
	return i >= 0 && p.ExternalRoles()[i].Pair(*p.External).Cert == ""
}

// Request describes the certificate that an external PKI is asked for: as relayform would issue it.
func (p *Plan) Request(role pki.Role) pki.Request {
	pair := &p.External.Server
	if role == pki.Signing {
		pair = p.External.Signing
	}
	facts := pki.Facts{ECDSA: pair.KeyAlgorithm == "ecdsa", DNSNames: p.ServerNames}
	all := pki.Requests(facts)
	return all[slices.IndexFunc(all, func(r pki.Request) bool { return r.Role == role })]
}
