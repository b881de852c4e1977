package lifecycle

import (
	"fmt"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// Request is a certificate request that the PKI has not answered yet.
type Request struct {
	Role      string `json:"role"`
	Subject   string `json:"subject"`
	Algorithm string `json:"algorithm"`
	SPKI      string `json:"spki"`
	File      string `json:"file"`   // in the build folder
	Answer    string `json:"answer"` // the topology's field where the certificate is to be named
	Key       string `json:"key"`
}

// requests adds the requests that wait.
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

// waiting writes the requests that wait.
func (r *Report) waiting(b *strings.Builder) {
	for _, q := range r.Requests {
		fmt.Fprintf(b, "\nrequest for %s: waits for its certificate, %s, %s\n  send      %s of the build folder\n  answer    %s\n  key       %s, %s\n",
			q.Role, diag.Printable(q.Subject), q.Algorithm, q.File, q.Answer, q.SPKI, q.Key)
	}
}
