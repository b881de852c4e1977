package compiler

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/pki"
	"relayform/compiler/project"
	"relayform/schema/diag"
)

// TestPasswordsThatDoNotServeAreTold imports files of a corporate PKI with passwords that are missing or wrong. A missing file is not
// reported as a wrong password; and a wrong password is reported even if the certificate was imported before: an unreadable key should be
// noticed now, not when it is needed.
func TestPasswordsThatDoNotServeAreTold(t *testing.T) {
	for name, c := range map[string]struct {
		imported bool
		change   func(dir string) error
		password string
		want     string
	}{
		"all is well":                 {password: "correct horse"},
		"its file is missing":         {change: func(dir string) error { return os.Remove(filepath.Join(dir, "pki", "relay.password")) }, password: "correct horse", want: "pki.external.server.passwordFile: no such file"},
		"a wrong one":                 {password: "wrong", want: "the password does not open it"},
		"a wrong one for what is in":  {imported: true, password: "wrong", want: "the password does not open it"},
		"none for what is imported":   {imported: true},
		"the right one, and imported": {imported: true, password: "correct horse"},
	} {
		p := project.New(filepath.Join(t.TempDir(), "topology.yaml"), "", "")
		dir := filepath.Dir(p.Topology)
		if err := os.CopyFS(dir, os.DirFS("../fixtures/imported")); err != nil {
			t.Fatal(err)
		}
		if !c.imported {
			if err := errors.Join(os.Remove(p.Lock), os.RemoveAll(p.Keys)); err != nil {
				t.Fatal(err)
			}
		}
		if c.change != nil {
			if err := c.change(dir); err != nil {
				t.Fatal(err)
			}
		}
		env := Env{Now: fixtureTime, NewKey: pki.GenerateKey, LookupEnv: func(name string) (string, bool) { return c.password, name == "SIGNING_PASSWORD" && c.password != "" }}
		_, err := Compile(p, env, Options{})
		var faults diag.List
		_ = errors.As(err, &faults)
		if (err == nil) != (c.want == "") || err != nil && !strings.Contains(err.Error(), c.want) ||
			c.change != nil && strings.Contains(err.Error(), "does not open") {
			t.Errorf("%s: %d faults: %v\nwant %q", name, len(faults), err, c.want)
		}
	}
}
