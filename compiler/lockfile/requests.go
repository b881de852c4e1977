package lockfile

import (
	"cmp"
	"crypto/x509"
	"slices"
	"strconv"

	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/source"
)

// Request is a pending certificate request. Its bytes are recorded, since an ECDSA signature differs each time.
type Request struct {
	Role pki.Role
	CSR  *x509.CertificateRequest
	pki.Description
}

// NewRequest returns the entry for a request.
func NewRequest(role pki.Role, csr *x509.CertificateRequest) Request {
	d := pki.DescribeRequest(csr)
	d.Subject = source.Escape(d.Subject)
	for i, name := range d.SANs {
		d.SANs[i] = source.Escape(name)
	}
	return Request{Role: role, CSR: csr, Description: d}
}

// Request returns the pending request for a role, or nil.
func (l *File) Request(role pki.Role) *Request {
	for i := range l.Requests {
		if l.Requests[i].Role == role {
			return &l.Requests[i]
		}
	}
	return nil
}

// Answers reports whether a certificate is for the key of its role's pending request, and is not the one in use, which may have the same
// key.
func (l *File) Answers(role pki.Role, c *x509.Certificate) bool {
	r, have := l.Request(role), l.Newest(role)
	return r != nil && r.SPKI == pki.KeyOf(c) && (have == nil || !have.Chain[0].Equal(c))
}

// WithRequests returns a copy in which the requests replace those of their roles.
func (l *File) WithRequests(requests []Request) *File {
	next := *l
	next.Requests = slices.DeleteFunc(slices.Clone(l.Requests), func(old Request) bool {
		return slices.ContainsFunc(requests, func(r Request) bool { return r.Role == old.Role })
	})
	next.Requests = append(next.Requests, requests...)
	slices.SortFunc(next.Requests, func(a, b Request) int {
		return cmp.Compare(slices.Index(pki.Roles, a.Role), slices.Index(pki.Roles, b.Role))
	})
	return &next
}

// WithoutRequests returns a copy without pending requests.
func (l *File) WithoutRequests() *File {
	next := *l
	next.Requests = nil
	return &next
}

// unanswered returns the requests of roles for which none of the certificates is new. An existing one may get different intermediates.
func (l *File) unanswered(certificates []Certificate) []Request {
	return slices.DeleteFunc(slices.Clone(l.Requests), func(r Request) bool {
		return slices.ContainsFunc(certificates, func(c Certificate) bool {
			have := l.Newest(r.Role)
			return c.Role == r.Role && (have == nil || c.SHA256 != have.SHA256)
		})
	})
}

// lockedRequests returns the requests in the file's form.
func (l *File) lockedRequests() []schema.LockedRequest {
	var list []schema.LockedRequest
	for _, r := range l.Requests {
		list = append(list, r.entry())
	}
	return list
}

func (r *Request) entry() schema.LockedRequest {
	return schema.LockedRequest{
		Role: string(r.Role), Subject: r.Subject, Spki: schema.Digest(r.SPKI), Algorithm: r.Algorithm, Sans: r.SANs,
		Pem: string(pki.MarshalRequest(r.CSR)),
	}
}

// onlyRequests reports whether nothing has been issued or imported yet, and requests are pending.
func (l *File) onlyRequests() bool {
	return len(l.Requests) > 0 && len(l.Certificates) == 0 && l.Rotation == nil && l.Token == nil
}

// requests parses the pending requests, and compares the recorded facts with them.
func (p *parser) requests(raw []schema.LockedRequest) {
	for i, r := range raw {
		at := []string{"requests", strconv.Itoa(i)}
		csr, err := pki.ParseRequest([]byte(r.Pem))
		if err != nil {
			p.faultAt(append(at, "pem"), "%s", err)
			continue
		}
		request := NewRequest(pki.Role(r.Role), csr)
		want := request.entry()
		for _, f := range []struct{ name, want, have string }{
			{"subject", want.Subject, r.Subject}, {"spki", string(want.Spki), string(r.Spki)}, {"algorithm", want.Algorithm, r.Algorithm},
		} {
			if f.want != f.have {
				p.faultAt(append(slices.Clone(at), f.name), "the request in pem says %s, but this says %s", told(f.want), told(f.have))
			}
		}
		if !slices.Equal(r.Sans, want.Sans) {
			p.faultAt(append(slices.Clone(at), "sans"), "the request in pem has %s, but this says %s", told(want.Sans), told(r.Sans))
		}
		if unasked := pki.FindUnasked(request.Role, csr, p.topology); unasked != "" {
			p.faultAt(append(slices.Clone(at), "pem"), "relayform requests a %s certificate differently: %s", request.Role, unasked)
		}
		if p.lock.Request(request.Role) != nil {
			p.faultAt(append(slices.Clone(at), "role"), "a second request for the %s; one waits at a time", request.Role)
		}
		p.lock.Requests = append(p.lock.Requests, request)
	}
	p.lock = p.lock.WithRequests(nil)
}
