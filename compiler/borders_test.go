package compiler

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"os/exec"
	"slices"
	"strings"
	"testing"
)

// foreign is which package of relayform may import which module: each dependency has one home.
var foreign = map[string][]string{
	"relayform/schema":            {"cuelang.org/go"},
	"relayform/schema/source":     {"go.yaml.in/yaml"},
	"relayform/compiler/manifest": {"sigs.k8s.io/yaml"},
	"relayform/compiler/overlay":  {"sigs.k8s.io/kustomize", "github.com/rogpeppe/go-internal/diff", "golang.org/x/sync/errgroup"},
	"relayform/compiler/lock":     {"github.com/gofrs/flock"},
	"relayform/compiler/seal":     {"filippo.io/age"},
	"relayform/compiler/folder":   {"golang.org/x/sys/unix", "golang.org/x/sync/errgroup"},
	"relayform/cmd/relayform":     {"github.com/spf13/cobra"},
	"relayform/compiler/pbe":      {"golang.org/x/crypto/scrypt"},
}

// inner are packages that others of relayform's may not import, with what they may.
var inner = map[string][]string{
	"relayform/schema/secrecy":      {},
	"relayform/schema/diag":         {"relayform/schema/secrecy"},
	"relayform/schema/source":       {"relayform/schema/diag", "relayform/schema/secrecy"},
	"relayform/schema":              {"relayform/schema/diag", "relayform/schema/source"},
	"relayform/compiler/product":    {},
	"relayform/compiler/pki":        {},
	"relayform/compiler/folder":     {},
	"relayform/compiler/seal":       {},
	"relayform/compiler/manifest":   {"relayform/compiler/product", "relayform/schema/source"},
	"relayform/compiler/answer":     {"relayform/compiler/product", "relayform/schema/diag"},
	"relayform/compiler/pbe":        {},
	"relayform/compiler/container":  {"relayform/compiler/pbe", "relayform/compiler/pki"},
	"relayform/compiler/disclosure": {"relayform/compiler/folder", "relayform/compiler/manifest", "relayform/compiler/pki", "relayform/compiler/seal", "relayform/schema/secrecy", "relayform/schema/source"},
	"relayform/compiler/verify":     {"relayform/compiler/manifest", "relayform/compiler/pki", "relayform/compiler/product", "relayform/schema/diag", "relayform/schema/secrecy"},
}

// TestImportBorders holds the imports of every package against the two tables.
func TestImportBorders(t *testing.T) {
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "relayform/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return
		} else if err != nil {
			t.Fatal(err)
		}
		for _, imported := range p.Imports {
			first, _, _ := strings.Cut(imported, "/")
			own := first == "relayform"
			allowed, limited := inner[p.ImportPath]
			switch {
			case own && limited && !slices.Contains(allowed, imported):
				t.Errorf("%s imports %s; its neighbours are %v", p.ImportPath, imported, allowed)
			case own && strings.HasPrefix(imported, "relayform/cmd"):
				t.Errorf("%s imports a command: %s", p.ImportPath, imported)
			case !own && strings.Contains(first, ".") && !slices.ContainsFunc(foreign[p.ImportPath], func(m string) bool {
				return imported == m || strings.HasPrefix(imported, m+"/")
			}):
				t.Errorf("%s imports %s, which is not its to import", p.ImportPath, imported)
			}
		}
	}
}

// TestWorldEntersThroughCommands finds the clock, the environment, exits and printing outside cmd/.
func TestWorldEntersThroughCommands(t *testing.T) {
	out, err := exec.Command("go", "list", "-f", "{{range .GoFiles}}{{$.Dir}}/{{.}}\n{{end}}", "relayform/compiler/...", "relayform/schema/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	files := strings.Fields(string(out))
	if len(files) < 20 {
		t.Fatalf("only %d files to look through", len(files))
	}
	for _, file := range files {
		text := read(t, file)
		for _, world := range []string{"time.Now(", "os.Getenv(", "os.LookupEnv(", "os.Exit(", "fmt.Print", "os.Stdout", "os.Stderr", "func init()"} {
			if bytes.Contains(text, []byte(world)) {
				t.Errorf("%s: %s belongs in cmd/", file, world)
			}
		}
	}
}
