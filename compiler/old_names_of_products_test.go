package compiler

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/product"
)

// TestOldNamesOfProductsMeanTheSame compiles a topology with a product's former name, and again with its current one: lockfile and build
// folder do not change, and nothing is issued.
func TestOldNamesOfProductsMeanTheSame(t *testing.T) {
	for _, p := range product.Profiles {
		if p.Old == "" {
			continue
		}
		t.Run(p.Old, func(t *testing.T) {
			s := newTestProject(t)
			compiled := func(name string) string {
				s.write("topology.yaml", []byte(strings.Replace(fmt.Sprintf(testTopology, own("")), "management:", "product: "+name+"\nmanagement:", 1)))
				if _, err := Compile(s.project, s.env(), Options{}); err != nil {
					t.Fatal(err)
				}
				all := string(read(t, filepath.Join(s.project.Dir(), "topology.lock.yaml")))
				err := filepath.WalkDir(filepath.Join(s.project.Dir(), "build"), func(path string, d os.DirEntry, err error) error {
					if err == nil && !d.IsDir() {
						all += path + "\n" + string(read(t, path))
					}
					return err
				})
				if err != nil {
					t.Fatal(err)
				}
				return all
			}
			if was, is := compiled(p.Old), compiled(p.Name); was != is {
				t.Errorf("%s and %s differ", p.Old, p.Name)
			}
		})
	}
}
