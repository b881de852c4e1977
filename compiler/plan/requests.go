package plan

import (
	"slices"

	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/diag"
)

// RequestsFolder is the folder of certificate requests, in the build folder.
const RequestsFolder = manifest.RequestsFolder

// distribute is the phase of a rotation in which a new PKI's certificates are not used yet.
const distribute = "distribute"

// RequestFile is the name of a role's request in the build folder.
func RequestFile(role pki.Role) string { return RequestsFolder + "/" + string(role) + ".csr" }

// filesOf are the files that a pair names, without what is said of a request.
func filesOf(p *schema.RequestedPair) schema.KeyPair {
	if p == nil {
		return schema.KeyPair{}
	}
	return schema.KeyPair{Cert: p.Cert, Key: p.Key, PasswordFile: p.PasswordFile, PasswordEnv: p.PasswordEnv}
}

// requested refuses files of a key beside a certificate that is still to be requested: relayform makes its key.
func (r *resolver) requested(role ExternalRole, pair schema.KeyPair) {
	if pair.Cert != "" {
		return
	}
	for _, f := range []struct{ name, value string }{
		{"key", string(pair.Key)}, {"passwordFile", string(pair.PasswordFile)}, {"passwordEnv", string(pair.PasswordEnv)},
	} {
		if f.value != "" {
			r.faultAtKey([]string{"pki", "external", role.Field, f.name}, diag.Clash.Fault("without cert, a certificate is requested for a key that relayform makes; "+f.name+" goes with cert",
				"name the certificate: pki.external."+role.Field+".cert; or take "+f.name+" out"))
			return
		}
	}
}

// Requests reports whether the topology has a certificate of the role requested, as it names none. A new PKI's wait until its anchors are
// everywhere.
func (p *Plan) Requests(role pki.Role) bool {
	if p.External == nil || p.Rotation.Phase == distribute {
		return false
	}
	i := slices.IndexFunc(p.ExternalRoles(), func(r ExternalRole) bool { return r.Role == role })
	return i >= 0 && p.ExternalRoles()[i].Pair(*p.External).Cert == ""
}

// Request is what an external PKI is asked for: the certificate of a role, as relayform would issue it.
func (p *Plan) Request(role pki.Role) pki.Request {
	pair := &p.External.Server
	if role == pki.Signing {
		pair = p.External.Signing
	}
	facts := pki.Facts{ECDSA: pair.KeyAlgorithm == "ecdsa", DNSNames: p.ServerNames}
	all := pki.Requests(facts)
	return all[slices.IndexFunc(all, func(r pki.Request) bool { return r.Role == role })]
}
