package verify_test

import (
	"crypto/x509"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"relayform/compiler/pki"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// Codes of chains that each verifier refuses.
var (
	goRefuses = []diag.Code{
		verify.ChainIncomplete, verify.IssuerReplaced, verify.AuthorityUncovered, verify.NoSAN, verify.NameConstraints, verify.IssuerNotCA,
		verify.MayNotSign, verify.PathLength, verify.ExtendedUsage, verify.CriticalUnknown, verify.OldVersion, verify.WeakSignature,
		verify.Expired, verify.NotYetValid, verify.ChainRefused,
	}
	strictRefuses = []diag.Code{
		verify.ChainIncomplete, verify.IssuerReplaced, verify.AuthorityUncovered, verify.AuthorityWildcard, verify.NoSAN, verify.NameConstraints, verify.IssuerNotCA,
		verify.MayNotSign, verify.PathLength, verify.ExtendedUsage, verify.CriticalUnknown, verify.WeakSignature,
		verify.Expired, verify.NotYetValid, verify.SKIMissing, verify.AKIMissing, verify.AKIMismatch, verify.CAWithoutKeyUsage, verify.NotCritical,
		verify.PathLengthOdd, verify.SubjectEmpty, verify.WeakKey, verify.OldVersion, verify.KeyUsage, verify.UsageAny, verify.UsageEmpty, verify.SANNotCritical, verify.SubjectConstrained, verify.ChainRefused,
	}
)

// differences are the seeded faults on which a verifier disagrees, and why.
var differences = map[string]string{
	"openssl: the server may not sign handshakes":                  "TLS needs digitalSignature since 1.3; OpenSSL lets keyEncipherment alone pass for RSA's key exchange",
	"openssl: a root signed with SHA-1":                            "nobody checks the signature of an anchor",
	"openssl: a common name outside of name constraints":           "OpenSSL looks at common names only where there is no DNS name",
	"openssl: a policy that nobody states":                         "OpenSSL looks at policies only where it is asked to",
	"openssl: an authority of one remote is not among the names":   "it is asked for the name of the mesh",
	"openssl: a short wildcard covers the authority of one remote": "it is asked for the name of the mesh",
	"go: an authority of one remote is not among the names":        "it is asked for the name of the mesh",
	"go: a root signed with SHA-1":                                 "nobody checks the signature of an anchor",
}

// agree compares a verifier's verdict with the findings; known differences must occur.
func agree(t *testing.T, who, fault string, refused bool, said any, table, found []diag.Code) {
	t.Helper()
	_, differs := differences[who+": "+fault]
	if (refused != refuses(table, found)) != differs {
		t.Errorf("%s says %s, and the findings are %v (known to differ: %v)", who, said, found, differs)
	}
}

// serverCodes returns the codes of findings about the server's chain.
func serverCodes(r *verify.Report) []diag.Code {
	var all []diag.Code
	for _, f := range r.Findings {
		if strings.HasPrefix(f.Object, "relay-server-tls-secret tls.crt") || strings.HasPrefix(f.Object, "relay-root-tls-secret ca.crt") {
			all = append(all, f.Code)
		}
	}
	return all
}

func refuses(table []diag.Code, found []diag.Code) bool {
	return slices.ContainsFunc(found, func(c diag.Code) bool { return slices.Contains(table, c) })
}

func TestGoAgreesAboutTheServersChain(t *testing.T) {
	for _, f := range slices.Concat(certificateFaults, oddFaults, chainFaults()) {
		t.Run(f.name, func(t *testing.T) {
			m, certs, roots := serverChain(t, f)
			if certs == nil {
				t.Skip("Go does not read the certificate")
			}
			found := serverCodes(judged(t, m))
			_, err := pki.Until(certs, roots, m.at, x509.ExtKeyUsageServerAuth, authority)
			agree(t, "go", f.name, err != nil, err, goRefuses, found)
		})
	}
}

// chainFaults returns the trust faults that a verifier can see in the server's chain.
func chainFaults() []fault {
	var some []fault
	for _, f := range trustFaults {
		for _, c := range []diag.Code{verify.ChainIncomplete, verify.IssuerReplaced, verify.AuthorityUncovered, verify.AuthorityWildcard, verify.NoSAN, verify.NameConstraints, verify.RootInChain, verify.StrayInChain, verify.ChainDisordered} {
			if slices.Contains(f.want, c) && !strings.Contains(f.name, "agent") {
				some = append(some, f)
			}
		}
	}
	return some
}

func serverChain(t *testing.T, f fault) (m *mesh, certs, roots []*x509.Certificate) {
	m = goodMesh(t)
	f.change(t, m)
	text := m.pem(t)
	for _, name := range m.tls["server"] {
		if m.made[name] == nil {
			return m, nil, nil
		}
		certs = append(certs, m.made[name])
	}
	for _, name := range m.ca {
		roots = append(roots, pki.ReadPEM(text[name]).Certificates...)
	}
	return m, certs, roots
}

func TestOpenSSLStrictAgreesAboutTheServersChain(t *testing.T) {
	openssl, err := exec.LookPath("openssl")
	if err != nil {
		t.Skip("openssl is not here; it is to judge the same chains")
	}
	for _, f := range slices.Concat(certificateFaults, oddFaults, chainFaults()) {
		t.Run(f.name, func(t *testing.T) {
			m := goodMesh(t)
			f.change(t, m)
			r := judged(t, m)
			text := m.pem(t)
			dir := t.TempDir()
			put := func(name string, names []string) string {
				path := filepath.Join(dir, name)
				if err := os.WriteFile(path, join(text, names), 0o600); err != nil {
					t.Fatal(err)
				}
				return path
			}
			names := m.tls["server"]
			out, err := exec.Command(openssl, "verify", "-x509_strict", "-auth_level", "2", "-purpose", "sslserver", "-verify_hostname", authority,
				"-attime", strconv.FormatInt(m.at.Unix(), 10), "-CAfile", put("ca.pem", m.ca), "-untrusted", put("chain.pem", names), put("leaf.pem", names[:1])).CombinedOutput()
			found := serverCodes(r)
			agree(t, "openssl", f.name, err != nil, out, strictRefuses, found)
		})
	}
}
