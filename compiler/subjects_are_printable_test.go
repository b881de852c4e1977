package compiler

import (
	"bytes"
	"os"
	"path"
	"strings"
	"testing"
	"unicode"

	"relayform/compiler/emit"
	"relayform/compiler/manifest"
)

// TestForeignSubjectsStayInTheirComment imports a PKI whose subjects contain line breaks and terminal control characters. They are written
// as comments above Secrets and read in reviews, so they must not begin a line of YAML, or move a cursor.
func TestForeignSubjectsStayInTheirComment(t *testing.T) {
	s := newTestProject(t)
	s.bringAs(1, "corp\nkind: ConfigMap\n---\nkind: Secret\n# \x1b[31m\u202e\r\x00")
	r := s.compile(foreignPKI(1, ""))
	looked := 0
	for name, text := range s.all() {
		if !strings.HasPrefix(name, "build/") || path.Ext(name) == ".crt" {
			continue
		}
		looked++
		if i := strings.IndexFunc(text, func(c rune) bool { return c != '\n' && !unicode.IsPrint(c) }); i >= 0 {
			t.Errorf("%s: %q reaches who reads it", name, text[i:i+4])
		}
		if strings.HasSuffix(name, "public/secrets.yaml") {
			if secrets, err := manifest.ReadSecrets([]byte(text)); err != nil || len(secrets) != 3 || len(secrets[1].Data) != 2 {
				t.Errorf("%s: a subject changed it: %v\n%s", name, err, text)
			}
		}
	}
	if looked < 8 || len(r.Issued) == 0 {
		t.Fatalf("looked at %d files", looked)
	}
	if err := os.RemoveAll(s.project.Build); err != nil {
		t.Fatal(err)
	}
	shown, err := s.try(foreignPKI(1, ""), Options{Locked: true, Check: true})
	if err != nil {
		t.Fatal(err)
	}
	if i := bytes.IndexFunc(shown.Diff, func(c rune) bool { return c != '\n' && !unicode.IsPrint(c) }); i >= 0 {
		t.Errorf("compile --check: %q reaches the terminal", shown.Diff[i:i+4])
	}
	if n := bytes.Count(shown.Diff, []byte("\n+subject ")); n != 4 || bytes.Contains(shown.Diff, []byte("BEGIN")) {
		t.Errorf("compile --check: %d certificates are shown in words:\n%s", n, shown.Diff)
	}
	for _, c := range r.Lock.Every() {
		for _, line := range emit.Facts(c) {
			if strings.IndexFunc(line, func(c rune) bool { return !unicode.IsPrint(c) }) >= 0 {
				t.Errorf("%q is shown as it is", line)
			}
		}
	}
}
