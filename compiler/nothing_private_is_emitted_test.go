package compiler

import (
	"bytes"
	"encoding/base64"
	"os"
	"testing"

	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// TestNothingPrivateIsEmitted searches everything that a compile writes for git, for every fixture.
func TestNothingPrivateIsEmitted(t *testing.T) {
	for name, project := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			c := compileFixture(t, project)
			locked, err := os.ReadFile(project.Lock)
			if err != nil {
				t.Fatal(err)
			}
			committed := map[string][]byte{project.Lock: locked}
			for _, f := range c.tree {
				committed[f.Name] = f.Data
			}
			if sealed, err := os.ReadFile(project.Sealed); err == nil {
				committed[project.Sealed] = sealed
			}
			var names []string
			if c.lock.Token != nil {
				names = append(names, lockfile.TokenFile(c.lock.Token.SHA256))
			}
			for _, a := range c.lock.Agents {
				names = append(names, lockfile.AgentKeyFile(a.Cluster, a.SPKI))
			}
			for _, role := range []pki.Role{pki.Server, pki.Signing} {
				if have := c.lock.Newest(role); have != nil { // otherwise cert-manager generates its key, in the cluster
					names = append(names, lockfile.KeyFile(have.SPKI))
				}
			}
			var private []folder.File
			for _, name := range names {
				data, err := c.store.Private(name)
				if err != nil {
					t.Fatal(err)
				}
				private = append(private, folder.File{Name: name, Data: data})
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
