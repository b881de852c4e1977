package compiler

import (
	"bytes"
	"encoding/base64"
	"errors"
	"os"
	"relayform/compiler/delivery"
	"relayform/compiler/folder"
	"testing"
)

// TestNothingPrivateIsEmitted looks through everything that a compile commits, for every fixture.
func TestNothingPrivateIsEmitted(t *testing.T) {
	for name, project := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			c := compileFixture(t, project)
			lockfile, err := os.ReadFile(project.Lock)
			if err != nil {
				t.Fatal(err)
			}
			committed := map[string][]byte{project.Lock: lockfile}
			for _, f := range c.tree {
				committed[f.Name] = f.Data
			}
			private, err := c.privateFiles(c.plan, c.store, c.lock)
			if c.plan.ExternalSecrets != nil {
				for _, e := range delivery.Entries(c.plan, c.lock) {
					data, missing := c.store.Private(e.File)
					private, err = append(private, folder.File{Name: e.File, Data: data}), errors.Join(err, missing)
				}
			}
			if err != nil || len(private) != 3 {
				t.Fatalf("want two keys and a token to look for, got %d: %v", len(private), err)
			}
			for where, text := range committed {
				if bytes.Contains(text, []byte("PRIVATE KEY")) {
					t.Errorf("%s holds a private key", where)
				}
				for _, p := range private {
					encoded := []byte(base64.StdEncoding.EncodeToString(p.Data))
					if bytes.Contains(text, bytes.TrimSpace(p.Data)) || bytes.Contains(text, encoded) {
						t.Errorf("%s holds %s", where, p.Name)
					}
				}
			}
		})
	}
}
