package plan

import (
	"fmt"
	"slices"
	"strconv"

	"relayform/compiler/seal"
	"relayform/schema"
	"relayform/schema/diag"
)

// keys resolves the recipients that private files are encrypted to, which two fields can set.
func (r *resolver) keys(p *Plan, t *schema.Topology) {
	var local []schema.AgeRecipient
	if t.Secrets != nil && t.Secrets.Local != nil {
		local = t.Secrets.Local.EncryptTo
	}
	switch at := []string{"secrets", "local", "encryptTo"}; {
	case t.Keys == nil:
		p.EncryptTo = r.recipients(at, local)
	case local != nil:
		r.faultAtKey(at, diag.Clash.Fault(fmt.Sprintf("keys.encryptTo, line %d, already says whom private files are encrypted to", r.doc.Line("keys", "encryptTo")), "remove this one: keys.encryptTo works with every store"))
		fallthrough
	default:
		p.EncryptTo = r.recipients([]string{"keys", "encryptTo"}, t.Keys.EncryptTo)
	}
}

// store resolves how clusters receive private values.
func (r *resolver) store(p *Plan, in schema.Secrets) error {
	switch {
	case in.Local != nil, in.Sops != nil, in.SealedSecrets != nil: // see keys and audiences
	case in.ExternalSecrets != nil:
		p.ExternalSecrets = in.ExternalSecrets
		if n := len(in.ExternalSecrets.Path); in.ExternalSecrets.Provider == "azure" && n > maxAzurePath {
			r.fault([]string{"secrets", "externalSecrets", "path"}, diag.BadValue.Fault(fmt.Sprintf("%d characters; an Azure key vault's names have 127 at most, so want %d: a digest of 64 follows", n, maxAzurePath), ""))
		}
	case in != (schema.Secrets{}):
		return fmt.Errorf("secrets %s: the schema allows it, but relayform knows no such store; want one in compiler/plan", schema.Chosen(in))
	}
	return nil
}

// maxAzurePath is the maximum length of a path with room for a digest in the name of an Azure Key Vault secret, which has at most 127
// characters (Azure Key Vault, "Vault-name and object-name").
const maxAzurePath = 127 - 1 - 64

// recipients checks age recipients, each at its own position.
func (r *resolver) recipients(at []string, names []schema.AgeRecipient) []string {
	var recipients []string
	for i, name := range names {
		if err := seal.Check(string(name)); err != nil {
			r.fault(append(slices.Clone(at), strconv.Itoa(i)), diag.BadValue.Fault(err.Error(), ""))
		}
		recipients = append(recipients, string(name))
	}
	if err := seal.CheckAll(recipients); err != nil {
		r.faultAtKey(at, diag.BadValue.Fault(err.Error(), ""))
	}
	return recipients
}
