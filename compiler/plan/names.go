package plan

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/pki"
	"relayform/schema"
	"relayform/schema/diag"
)

// Limits of the relay server's names. MaxAuthorities is the maximum number of listeners of a Gateway (sigs.k8s.io/gateway-api,
// GatewaySpec).
const (
	MaxAuthorities = 64
	MaxDNSNames    = schema.MaxDNSNames
)

// maxName is the maximum length of a DNS name (RFC 1035 2.3.4, without the root's period).
const maxName = 253

// names resolves the relay server's names: those by which agents verify it, and others in its certificate.
func (r *resolver) names(p *Plan, t *schema.Topology) {
	p.Authority = string(t.Management.Authority)
	if p.Authority == "" {
		p.Authority = p.Product.Authority(p.Namespace)
	}
	r.serverName([]string{"management", "authority"}, p.Authority, leaveAuthorityOut)
	if host := p.relay().Host(); len(host) > maxName {
		r.fault([]string{"management", "clusterDomain"}, diag.BadAuthority.Fault(fmt.Sprintf("the relay server's name %s would have %d characters; a DNS name has at most %d", diag.Shorten(host), len(host), maxName), ""))
	}
	p.DNSNames = r.dnsNames(t.Management.DnsNames)
	r.authorities(p)
	p.ServerNames = p.Product.DNSNames(p.Authority, p.Namespace, p.Management.ClusterDomain)
	more := slices.Clone(p.DNSNames)
	for _, name := range p.Authorities {
		if !pki.Covers(p.DNSNames, name) {
			more = append(more, name)
		}
	}
	slices.Sort(more)
	for _, name := range slices.Compact(more) {
		if !slices.Contains(p.ServerNames, name) {
			p.ServerNames = append(p.ServerNames, name)
		}
	}
}

// serverName refuses a name that TLS clients do not send in SNI.
func (r *resolver) serverName(at []string, name, hint string) {
	if isAddress(name) || looksLikeIPv4(name) {
		r.fault(at, diag.BadAuthority.Fault("want a DNS name, got what is or looks like an address: TLS carries no address as server name (RFC 6066 3)", hint))
	}
}

const (
	leaveAuthorityOut = "remove the authority; the address that agents dial is management.relayAddress"
	takeNameOut       = "remove it; agents can dial any address, but verify names"
)

// dnsNames returns the names that the topology adds to the server's certificate, without duplicates.
func (r *resolver) dnsNames(in []schema.ServerName) []string {
	at := []string{"management", "dnsNames"}
	if len(in) > MaxDNSNames {
		r.faultAtKey(at, diag.LimitExceeded.Fault(fmt.Sprintf("%d names; the limit is %d", len(in), MaxDNSNames), "a wildcard covers all names with one more label"))
		return nil
	}
	seen := map[string]bool{}
	var all []string
	for i, text := range in {
		name, here := string(text), append(slices.Clone(at), strconv.Itoa(i))
		suffix, wildcard := strings.CutPrefix(name, "*.")
		r.serverName(here, suffix, takeNameOut)
		switch {
		case seen[name]:
			r.fault(here, diag.Clash.Fault("this name is already listed", "remove it here"))
			continue
		case wildcard && suffix != "" && !strings.Contains(suffix, "."):
			r.fault(here, diag.BadAuthority.Fault("a wildcard with one label after it: OpenSSL, curl and Python refuse it (X509_check_host(3))", "write out the names that it stands for, or a wildcard of a longer name, such as *.mesh.example.com"))
			continue
		case name == "":
			continue // already reported
		}
		seen[name] = true
		all = append(all, name)
	}
	return all
}

// authorities resolves the name by which each agent verifies the relay server, and lists these names.
func (r *resolver) authorities(p *Plan) {
	p.Management.Authority = p.Authority
	known := map[string]bool{p.Authority: true}
	var more []string
	for i := range p.Remotes {
		c := &p.Remotes[i]
		if c.Authority == "" {
			c.Authority = p.Authority
			continue
		}
		at := []string{"remotes", c.Name, "authority"}
		r.serverName(at, c.Authority, strings.Replace(leaveAuthorityOut, "management", "remotes."+c.Name, 1))
		if known[c.Authority] {
			continue
		}
		if known[c.Authority] = true; len(known) == MaxAuthorities+1 {
			r.fault(at, diag.LimitExceeded.Fault(fmt.Sprintf("together with those of the clusters above and management.authority, agents have more than %d authorities; the limit is %d", MaxAuthorities, MaxAuthorities),
				"give several remotes the same authority; it need not be the name that they dial"))
		}
		if len(known) <= MaxAuthorities {
			more = append(more, c.Authority)
		}
	}
	slices.Sort(more)
	p.Authorities = append([]string{p.Authority}, more...)
}

// AuthorityField returns the first topology field that sets an authority.
func (p *Plan) AuthorityField(authority string) []string {
	for _, c := range p.Remotes {
		if c.Authority == authority && authority != p.Authority {
			return []string{"remotes", c.Name, "authority"}
		}
	}
	return []string{"management", "authority"}
}
