package pki_test

import (
	"crypto/x509"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/pki"
)

// imported returns certificates of fixtures/import.
func imported(t *testing.T, names ...string) []*x509.Certificate {
	t.Helper()
	var all []*x509.Certificate
	for _, name := range names {
		text, err := os.ReadFile("../../fixtures/import/" + name + ".pem")
		if err != nil {
			t.Fatal(err)
		}
		certs, err := pki.ParseCertificates(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, certs...)
	}
	return all
}

func TestChainsAreBuiltBySignature(t *testing.T) {
	for name, c := range map[string]struct {
		candidates, anchors, want []string
		breaks                    string
	}{
		"in order":              {[]string{"issuing"}, []string{"root"}, []string{"Example Issuing CA"}, ""},
		"duplicates and others": {[]string{"signing", "server", "root", "issuing", "issuing"}, []string{"other", "root"}, []string{"Example Issuing CA"}, ""},
		"through a cross-signed root": {[]string{"issuing", "root", "root-cross"}, []string{"other"},
			[]string{"Example Issuing CA", "Example Root"}, ""},
		"both roots trusted": {[]string{"issuing", "root-cross"}, []string{"other", "root"}, []string{"Example Issuing CA"}, ""},
		"no intermediate":    {nil, []string{"root"}, nil, "the chain breaks at CN=relay.example.com,O=Example Corp: its issuer CN=Example Issuing CA,O=Example Corp (key identifier "},
		"another root":       {[]string{"issuing"}, []string{"other"}, nil, "the chain breaks at CN=Example Issuing CA,O=Example Corp: its issuer CN=Example Root,O=Example Corp"},
	} {
		t.Run(name, func(t *testing.T) {
			chain, err := pki.BuildChain(imported(t, "server")[0], imported(t, c.candidates...), imported(t, c.anchors...))
			var broken *pki.BrokenChain
			if c.breaks != "" {
				if !errors.As(err, &broken) || !strings.HasPrefix(err.Error(), c.breaks) {
					t.Errorf("got %v, want %q", err, c.breaks)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var have []string
			for _, i := range chain.Intermediates {
				have = append(have, i.Subject.CommonName)
			}
			if !slices.Equal(have, c.want) {
				t.Errorf("intermediates %q, want %q", have, c.want)
			}
			if _, err := chain.Leaf.Verify(x509.VerifyOptions{Roots: pki.Pool([]*x509.Certificate{chain.Anchor}), Intermediates: pki.Pool(chain.Intermediates)}); err != nil {
				t.Errorf("Go refuses the chain: %v", err)
			}
		})
	}
}
