package issue

import (
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/certfile"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/schema"
	"relayform/schema/diag"
)

// Roles of certificate requests to an external PKI that are due.
const (
	ServerRequest  pki.Role = "request for the server"
	SigningRequest pki.Role = "request for the signing CA"
)

// Withdrawal stands for the withdrawal of a request.
const Withdrawal pki.Role = "withdrawal"

// requestOf maps each role to the role of its certificate request.
var requestOf = map[pki.Role]pki.Role{pki.Server: ServerRequest, pki.Signing: SigningRequest}

// IsRequest reports whether a request is due, rather than a certificate.
func (d Due) IsRequest() bool { return d.Role == ServerRequest || d.Role == SigningRequest }

// Waiting is a request for which no certificate has been imported yet.
type Waiting struct {
	lockfile.Request
	Field  string // the topology field that is to name the certificate
	Absent bool   // the field names no file
	Holds  bool   // the mesh does not work without it: nothing else is compiled until the certificate arrives
	Come   string // the file with the certificate, which is imported as soon as another certificate arrives, too
}

// String says what is needed next.
func (w Waiting) String() string {
	return fmt.Sprintf("%s: a request waits for its certificate: send %s of the build folder to the PKI, then name the certificate in %s", w.Role, plan.RequestFile(w.Role), w.Field)
}

// WaitingError means that the topology cannot be compiled until certificates arrive.
type WaitingError []Waiting

// Error has one line per request.
func (e WaitingError) Error() string {
	lines := make([]string, len(e))
	for i, w := range e {
		lines[i] = w.String()
	}
	return strings.Join(lines, "\n")
}

// WaitingIn lists the pending requests of a lockfile.
func (o *Order) WaitingIn(l *lockfile.File) []Waiting {
	if o.plan.External == nil {
		return nil
	}
	var all []Waiting
	for _, r := range o.plan.ExternalRoles() {
		if request := l.Request(r.Role); request != nil {
			all = append(all, Waiting{
				Request: *request, Field: "pki.external." + r.Field + ".cert",
				Absent: o.plan.Requests(r.Role), Holds: slices.Contains(o.held, r.Role), Come: o.come[r.Role],
			})
		}
	}
	return all
}

// Waiting lists the requests that are pending before the order is executed.
func (o *Order) Waiting() []Waiting { return o.WaitingIn(o.lock) }

// standing returns the certificate in use of a role for which the topology names no file: it stays until its successor arrives. It is nil
// if there is none.
func standing(r plan.ExternalRole, have *lockfile.Certificate) *found {
	if have == nil || have.Source != lockfile.External {
		return nil
	}
	return &found{role: r.Role, at: []string{r.Field}, leaf: have.Chain[0], certs: have.Chain, have: have, stands: true}
}

// lack records a role that has no working certificate and for which one is requested.
func (a *external) lack(role pki.Role) {
	if !slices.Contains(a.held, role) {
		a.held = append(a.held, role)
	}
}

// unrequested lists the requests to create: where the topology names no certificate, and where a pending request no longer matches the
// topology.
func (a *external) unrequested(l *lockfile.File, due []Due) []Due {
	var all []Due
	for _, r := range a.plan.ExternalRoles() {
		have := l.Request(r.Role)
		if l.Phase() == lockfile.Distribute || IsDue(due, r.Role) {
			continue
		}
		reason := ""
		switch {
		case have != nil:
			if reason = strings.Join(pki.Outdated(a.plan.Request(r.Role), have.CSR), "; "); reason != "" {
				reason = "the one that waits is out of date, " + reason
			}
		case a.plan.Requests(r.Role):
			reason = "pki.external." + r.Field + " names no certificate"
		}
		if reason != "" {
			all = append(all, Due{Role: requestOf[r.Role], Reason: reason})
		}
	}
	return all
}

// request creates the requests that are due, and their keys. A pending request keeps its key, unless the topology asks for a different
// algorithm.
func (a *external) request(l *lockfile.File, due []Due, sameKey bool) (all got, err error) {
	for _, r := range a.plan.ExternalRoles() {
		if !IsDue(due, requestOf[r.Role]) {
			continue
		}
		want, waits, have := a.plan.Request(r.Role), l.Request(r.Role), l.Newest(r.Role)
		var key crypto.Signer
		switch {
		case waits != nil && waits.Algorithm == string(want.Algorithm):
			key, err = a.world.Key(waits.SPKI)
		case sameKey && have != nil && have.Algorithm != string(want.Algorithm):
			return got{}, fmt.Errorf("%s: its key is %s, and relayform requests certificates for %s keys: renew it without --same-key", r.Role, have.Algorithm, want.Algorithm)
		case sameKey && have != nil:
			key, err = a.world.Key(have.SPKI)
		default:
			key, err = a.world.NewKey(want.Algorithm)
		}
		if err != nil {
			return got{}, fmt.Errorf("the private key is needed to request a certificate for the %s: %w%s", r.Role, err, Restore(err))
		}
		csr, err := pki.NewCSR(want, a.plan.Name, l.NextGeneration(r.Role), key)
		if err != nil {
			return got{}, fmt.Errorf("%s: %w", requestOf[r.Role], err)
		}
		all.requests, all.keys = append(all.requests, lockfile.NewRequest(r.Role, csr)), append(all.keys, key)
	}
	return all, nil
}

// answer finds the certificate for a pending request in a file. It returns false if there is none; the file must then contain the
// certificate in use, or one with its own key.
func (s *source) answer(request *lockfile.Request, certs []*x509.Certificate, f *found) bool {
	if request == nil {
		return false
	}
	for _, c := range certs {
		if inForce := f.have != nil && f.have.Chain[0].Equal(c); !inForce && pki.KeyOf(c) == request.SPKI && (f.leaf == nil || c.NotAfter.After(f.leaf.NotAfter)) {
			f.leaf = c
		}
	}
	if f.leaf == nil {
		return false
	}
	if world := s.authority.world; world.Key != nil {
		if key, err := world.Key(request.SPKI); err == nil { // otherwise reported as missing
			f.keys = append(f.keys, key)
		}
	}
	return true
}

// stranger refuses a certificate for a key other than the request's, if its own key is missing.
func (s *source) stranger(request *lockfile.Request, field []string, pair schema.KeyPair, c certfile.Contents, have *lockfile.Certificate) bool {
	if request == nil || pair.Key != "" || len(c.Keys) > 0 || have != nil && slices.ContainsFunc(c.Certificates, have.Chain[0].Equal) {
		return false
	}
	leaf, _ := Match(c.Certificates, nil, nil)
	s.authority.fault(diag.BadCertificate, append(slices.Clone(field), "cert"),
		fmt.Sprintf("the public key of %s is %s; the pending request is for %s", leaf.Subject, pki.KeyOf(leaf), request.SPKI),
		"have the PKI sign "+plan.RequestFile(request.Role)+" of the build folder; for a certificate with a key of your own, name that key: pki.external."+strings.Join(field, ".")+".key")
	return true
}

// onHold reduces an order to its requests: nothing is imported, and no phase changes, until the requested certificates arrive.
func onHold(o *Order, wish Wish) (*Order, error) {
	o.come = map[pki.Role]string{}
	for _, d := range o.Due {
		o.come[d.Role] = d.From
	}
	o.Due = slices.DeleteFunc(o.Due, func(d Due) bool { return !d.IsRequest() })
	if wish.Renewal == nil {
		return o, nil
	}
	if role := wish.Renewal.withdraws(); role != "" {
		o.Due = []Due{withdrawal(role)}
		return o, nil
	}
	if err := o.Forbidden(); err != nil {
		return nil, err
	}
	return nil, WaitingError(o.Waiting())
}

// Held reports whether the order consists only of requests, as the mesh needs a certificate that is requested.
func (o *Order) Held() bool { return len(o.held) > 0 }

// from returns the file from which a role's certificate is imported.
func (a *external) from(r plan.ExternalRole) string { return string(r.Pair(*a.plan.External).Cert) }

// trustedFrom returns the files from which anchors are imported.
func (a *external) trustedFrom() string {
	var files []string
	for _, f := range a.plan.TrustFiles() {
		files = append(files, f.Path)
	}
	return strings.Join(files, ", ")
}
