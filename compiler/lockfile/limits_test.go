package lockfile_test

import (
	"errors"
	"os"
	"strings"
	"testing"

	"relayform/compiler/lockfile"
	"relayform/compiler/product"
	"relayform/schema/diag"
)

// TestLimitsOfALockfile checks that what exceeds a limit is refused by the limit's name, before any other check, and that faults quote only
// short values.
func TestLimitsOfALockfile(t *testing.T) {
	whole, err := os.ReadFile("../../fixtures/external/topology.lock.yaml")
	if err != nil {
		t.Fatal(err)
	}
	before, rest, _ := strings.Cut(string(whole), "  - role: root\n")
	root, after, _ := strings.Cut(rest, "  - role: ")
	root, after = "  - role: root\n"+root, "  - role: "+after
	signing := strings.Replace(root, "role: root", "role: signing", 1)
	for _, c := range []struct{ name, text, want string }{
		{"entries", before + root + strings.Repeat(signing, lockfile.MaxEntries) + after, "10003 certificates; the limit is 10000"},
		{"roots", before + strings.Repeat(root, lockfile.MaxRoots+1) + after, "2001 roots; the limit is 2000"},
		{"a long subject", before + strings.Replace(root, "subject: CN=", "subject: CN="+strings.Repeat("x", 1<<20), 1) + after, "but this says \"CN=xxx"},
		{"many names", before + strings.Replace(root, "    pem:", "    sans: ["+strings.Repeat("a, ", 100_000)+"]\n    pem:", 1) + after, "but this says [\"a\""},
	} {
		_, err := lockfile.Parse("topology.lock.yaml", []byte(c.text), product.Profiles[0])
		var faults diag.List
		switch {
		case !errors.As(err, &faults) || !strings.Contains(faults[0].Message, c.want) || len(faults) > 1:
			t.Errorf("%s: got %.300v, want %s", c.name, err, c.want)
		case faults[0].Line == 0 || len(faults[0].Message) > 4096:
			t.Errorf("%s: at line %d, %d bytes", c.name, faults[0].Line, len(faults[0].Message))
		}
	}
}
