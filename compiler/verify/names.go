package verify

import (
	"crypto/x509"
	"fmt"
	"net"
	"slices"
	"strings"
)

// authority returns the name by which the agents of a group verify the relay server.
func (j *judge) authority(c *Cluster) string {
	if c.Authority != "" {
		return c.Authority
	}
	return j.m.Authority
}

// others returns the authorities other than the mesh's, each with its clusters, in order.
func (j *judge) others() (authorities []string, clusters map[string][]string) {
	clusters = map[string][]string{}
	for i := range j.m.Clusters {
		c := &j.m.Clusters[i]
		if name := strings.ToLower(j.authority(c)); c.Agent && name != strings.ToLower(j.m.Authority) {
			if clusters[name] == nil {
				authorities = append(authorities, name)
			}
			clusters[name] = append(clusters[name], c.Name)
		}
	}
	slices.Sort(authorities)
	return authorities, clusters
}

// names reports the names that the server's certificate lacks.
func (j *judge) names(p *pair, say speaker) {
	leaf := p.certs[0]
	authority := strings.ToLower(j.m.Authority)
	switch covered := leaf.VerifyHostname(authority) == nil; {
	case len(leaf.DNSNames) == 0 && !covered:
		say(verdict{NoSAN, Error}, fmt.Sprintf("it has no DNS name; agents verify it by %s", authority), "issue it with the subject alternative name DNS:"+authority)
		return // it lacks all others, too
	case !covered:
		say(verdict{AuthorityUncovered, Error}, uncovered(leaf, authority), "issue it with the subject alternative name DNS:"+authority)
	case exact(leaf, authority) || net.ParseIP(authority) != nil:
	case short(authority):
		say(verdict{AuthorityWildcard, Warning}, refusedWildcard(authority), "issue it with the exact name")
	default:
		say(verdict{AuthorityWildcard, Note}, "only a wildcard covers the authority", "issue it with the exact name")
	}
	authorities, clusters := j.others()
	for _, authority := range authorities {
		tell := func(e verdict, message, hint string) {
			j.add(e.code.Fault(subject(leaf)+": "+message, hint), e.severity, clusters[authority], p.object(j.m.Names.Keys.Cert), p.secret.At)
		}
		switch {
		case leaf.VerifyHostname(authority) != nil:
			tell(verdict{AuthorityUncovered, Error}, uncovered(leaf, authority), "issue it with the subject alternative name DNS:"+authority)
		case !exact(leaf, authority) && short(authority):
			tell(verdict{AuthorityWildcard, Warning}, refusedWildcard(authority), "issue it with the exact name")
		}
	}
	if lacking := slices.DeleteFunc(slices.Clone(j.m.DNSNames), func(name string) bool { return bears(leaf, name) }); len(lacking) > 0 {
		say(verdict{DNSNameUncovered, Warning}, fmt.Sprintf("its DNS names (%s) do not cover %s", list(leaf.DNSNames), list(lacking)), "issue it with these subject alternative names, or remove them from management.dnsNames")
	}
}

func uncovered(leaf *x509.Certificate, authority string) string {
	return fmt.Sprintf("its DNS names (%s) do not cover the authority %s", list(leaf.DNSNames), authority)
}

func refusedWildcard(authority string) string {
	return fmt.Sprintf("only the wildcard *%s covers the authority; OpenSSL, curl and Python refuse a wildcard with one label after it", authority[strings.IndexByte(authority, '.'):])
}

// exact reports whether a certificate has a name literally.
func exact(leaf *x509.Certificate, name string) bool {
	return slices.ContainsFunc(leaf.DNSNames, func(n string) bool { return strings.EqualFold(n, name) })
}

// short reports whether a wildcard that covers a name has only one label after it.
func short(name string) bool { return strings.Count(name, ".") == 1 }

// bears reports whether a certificate is valid for a name, or for all names that a wildcard matches.
func bears(leaf *x509.Certificate, name string) bool {
	return leaf.VerifyHostname(strings.Replace(name, "*", "any-name", 1)) == nil
}
