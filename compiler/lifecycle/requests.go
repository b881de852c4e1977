package lifecycle

import (
	"fmt"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// Request is a pending certificate request.
type Request struct {
	Role      string `json:"role" jsonschema:"The role of the certificate that is asked for."`
	Subject   string `json:"subject" jsonschema:"The subject that is asked for."`
	Algorithm string `json:"algorithm" jsonschema:"The algorithm of its key."`
	SPKI      string `json:"spki" jsonschema:"The SHA-256 digest of its public key (SubjectPublicKeyInfo), in hexadecimal."`
	File      string `json:"file" jsonschema:"The request, in the build folder."`
	Answer    string `json:"answer" jsonschema:"The topology's field that must name the certificate."`
	Key       string `json:"key" jsonschema:"The file that holds its private key."`
}

// requests adds the pending requests.
func (r *Report) requests(p *plan.Plan, l *lockfile.File, keys Keys) {
	if p.External == nil {
		return
	}
	for _, q := range l.Requests {
		key := keys.Has(lockfile.KeyFile(q.SPKI))
		if !keys.Exists() {
			key = "the key store is not on this machine"
		}
		r.Requests = append(r.Requests, Request{
			Role: string(q.Role), Subject: q.Subject, Algorithm: q.Algorithm, SPKI: q.SPKI, Key: key,
			File: plan.RequestFile(q.Role), Answer: "pki.external." + string(q.Role) + ".cert",
		})
	}
}

// waiting writes the pending requests.
func (r *Report) waiting(b *strings.Builder) {
	for _, q := range r.Requests {
		fmt.Fprintf(b, "\nrequest for %s: waits for its certificate, %s, %s\n  send      %s of the build folder\n  answer    %s\n  key       %s, %s\n",
			q.Role, diag.Printable(q.Subject), q.Algorithm, q.File, q.Answer, q.SPKI, q.Key)
	}
}
