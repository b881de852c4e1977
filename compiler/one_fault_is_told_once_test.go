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

// TestAPasswordThatCannotBeReadIsOneFault removes the password's file, and puts a folder in its place: the encrypted file is not reported
// in addition.
func TestAPasswordThatCannotBeReadIsOneFault(t *testing.T) {
	for want, change := range map[string]func(file string) error{
		"no such file":                          os.Remove,
		"relay.password: a folder; want a file": func(file string) error { return errors.Join(os.Remove(file), os.Mkdir(file, 0o700)) },
	} {
		p := project.New(filepath.Join(t.TempDir(), "topology.yaml"), "", "")
		dir := filepath.Dir(p.Topology)
		if err := errors.Join(os.CopyFS(dir, os.DirFS("../fixtures/imported")), os.Remove(p.Lock), os.RemoveAll(p.Keys), change(filepath.Join(dir, "pki", "relay.password"))); err != nil {
			t.Fatal(err)
		}
		env := Env{Now: fixtureTime, NewKey: pki.GenerateKey, LookupEnv: func(name string) (string, bool) { return "correct horse", name == "SIGNING_PASSWORD" }}
		_, err := Compile(p, env, Options{})
		var faults diag.List
		if !errors.As(err, &faults) || len(faults) != 1 || faults[0].Path != "pki.external.server.passwordFile" || !strings.HasPrefix(faults[0].Message, want) {
			t.Errorf("%d faults: %v", len(faults), err)
		}
	}
}
