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

// foreign says which package may import which module: each dependency is used in one place.
var foreign = map[string][]string{
	"schema":            {"cuelang.org/go"},
	"compiler/policy":   {"cuelang.org/go"}, // users' own constraints, which are not part of the schema
	"schema/source":     {"go.yaml.in/yaml"},
	"schema/diag":       {"golang.org/x/text/width"},
	"compiler/manifest": {"sigs.k8s.io/yaml"},
	"compiler/document": {"github.com/google/jsonschema-go"},
	"compiler/overlay":  {"sigs.k8s.io/kustomize", "github.com/rogpeppe/go-internal/diff"},
	"compiler/project":  {"github.com/gofrs/flock"},
	"compiler/seal":     {"filippo.io/age"},
	"compiler/folder":   {"golang.org/x/sys/unix"},
	"cmd/relayform":     {"github.com/spf13/cobra", "github.com/spf13/pflag", "golang.org/x/sys/unix"},
	"compiler/pbe":      {"golang.org/x/crypto/scrypt"},
}

// everywhere may be imported by any package, for parallel work.
const everywhere = "golang.org/x/sync/errgroup"

// floors are relayform's packages in layers, from the bottom up: a package may import those of lower layers.
var floors = [][]string{
	{"schema/pattern"},
	{"schema/secrecy", "compiler/pki", "compiler/folder", "compiler/seal", "compiler/pbe", "compiler/shell"},
	{"schema/diag", "compiler/certfile", "compiler/product", "compiler/sealedsecret", "compiler/sops"},
	{"schema/source"},
	{"schema"},
	{"compiler/manifest", "compiler/answer", "compiler/document", "compiler/kubectl"},
	{"compiler/helm"},
	{"compiler/ingress", "compiler/overlay", "compiler/disclosure", "compiler/verify", "compiler/mutualtls"},
	{"compiler/custom", "compiler/scaffold"},
	{"compiler/plan", "compiler/lockfile"},
	{"compiler/delivery", "compiler/gitops", "compiler/policy", "compiler/lifecycle", "compiler/graph", "compiler/readiness", "compiler/lockfile/locktest"},
	{"compiler/issue", "compiler/emit", "compiler/keystore", "compiler/project", "compiler/reach"},
	{"compiler/adopt", "compiler/deploy", "compiler/page", "compiler/review"},
	{"compiler"},
	{"cmd/relayform"},
}

// alone lists packages that may import fewer of relayform's packages than their layer allows.
var alone = map[string][]string{
	"compiler/manifest":     {"compiler/product", "schema/source"},
	"compiler/answer":       {"compiler/product", "schema/diag"},
	"compiler/document":     {"schema/diag", "schema/secrecy"},
	"compiler/product":      {"compiler/pki"},
	"compiler/helm":         {"compiler/manifest", "compiler/product", "schema/diag"},
	"compiler/adopt":        {"compiler/helm", "compiler/ingress", "compiler/issue", "compiler/lockfile", "compiler/manifest", "compiler/mutualtls", "compiler/pki", "compiler/plan", "compiler/product", "compiler/scaffold", "compiler/shell", "compiler/verify", "schema/pattern"},
	"compiler/scaffold":     {"compiler/ingress", "compiler/product"},
	"compiler/ingress":      {"compiler/answer", "compiler/manifest", "compiler/product", "schema", "schema/diag"},
	"compiler/verify":       {"compiler/document", "compiler/helm", "compiler/manifest", "compiler/pki", "compiler/product", "schema/diag", "schema/secrecy"},
	"compiler/mutualtls":    {"compiler/manifest", "schema/pattern", "schema/source"},
	"compiler/certfile":     {"compiler/pbe", "compiler/pki"},
	"compiler/overlay":      {"compiler/folder", "compiler/manifest", "compiler/pki", "schema/diag", "schema/pattern", "schema/secrecy"},
	"compiler/custom":       {"compiler/folder", "compiler/manifest", "compiler/overlay", "schema/diag", "schema/source"},
	"compiler/lockfile":     {"compiler/pki", "compiler/product", "schema", "schema/diag", "schema/pattern", "schema/secrecy", "schema/source"},
	"compiler/kubectl":      {"schema/source"},
	"compiler/keystore":     {"compiler/delivery", "compiler/folder", "compiler/lockfile", "compiler/pki", "compiler/seal"},
	"compiler/gitops":       {"compiler/folder", "compiler/manifest", "compiler/plan", "compiler/product", "schema", "schema/diag"},
	"compiler/policy":       {"compiler/pki", "compiler/plan", "schema", "schema/diag", "schema/source"},
	"compiler/graph":        {"compiler/lockfile", "compiler/pki", "compiler/plan", "compiler/product", "schema/diag"},
	"compiler/page":         {"compiler/graph", "compiler/lifecycle", "compiler/pki", "compiler/plan", "compiler/verify", "schema/diag", "schema/secrecy"},
	"compiler/readiness":    {"compiler/lockfile", "compiler/manifest", "compiler/pki", "compiler/verify", "schema/diag"},
	"compiler/sealedsecret": {"compiler/pki"},
	"compiler/sops":         {"compiler/seal", "schema/pattern"},
}

// without lists packages that may not use parts of the standard library: their output depends only on their input.
var without = map[string][]string{
	"compiler/adopt":        {"os", "crypto/rand", "math/rand"},
	"compiler/emit":         {"os", "crypto", "math/rand"},
	"compiler/delivery":     {"os", "crypto", "math/rand"},
	"compiler/gitops":       {"os", "crypto/rand", "math/rand"},
	"compiler/graph":        {"os", "net", "crypto/rand", "math/rand"},
	"compiler/page":         {"os", "net", "crypto/rand", "math/rand"},
	"compiler/lifecycle":    {"os", "crypto/rand", "math/rand"},
	"compiler/lockfile":     {"os", "crypto/rand", "math/rand"},
	"compiler/policy":       {"os", "crypto", "math/rand", "net"},
	"compiler/readiness":    {"os", "crypto/rand", "math/rand"},
	"compiler/plan":         {"crypto", "math/rand"},
	"compiler/product":      {"os", "crypto"},
	"compiler/ingress":      {"os", "crypto"},
	"compiler/sealedsecret": {"os", "crypto/rand", "math/rand"},
}

// TestImportBorders checks the imports of every package against the tables.
func TestImportBorders(t *testing.T) {
	floor := map[string]int{}
	for i, packages := range floors {
		for _, p := range packages {
			floor[p] = i + 1
		}
	}
	below := func(path string, packages []string) bool {
		return slices.ContainsFunc(packages, func(p string) bool { return path == p || strings.HasPrefix(path, p+"/") })
	}
	for name, imports := range importsOfTheHouse(t) {
		if floor[name] == 0 {
			t.Errorf("%s has no floor in the house", name)
		}
		neighbours, few := alone[name]
		for _, imported := range imports {
			first, _, _ := strings.Cut(imported, "/")
			own, isOwn := strings.CutPrefix(imported, "relayform/")
			switch {
			case isOwn && floor[own] >= floor[name]:
				t.Errorf("%s imports %s, which is not below it", name, own)
			case isOwn && few && !slices.Contains(neighbours, own):
				t.Errorf("%s imports %s; its neighbours are %v", name, own, neighbours)
			case !isOwn && strings.Contains(first, ".") && imported != everywhere && !below(imported, foreign[name]):
				t.Errorf("%s imports %s, which is not its to import", name, imported)
			case below(imported, without[name]):
				t.Errorf("%s imports %s, and is to do without", name, imported)
			}
		}
	}
}

// importsOfTheHouse returns the imports of every package, by its name in the module.
func importsOfTheHouse(t *testing.T) map[string][]string {
	t.Helper()
	out, err := exec.Command("go", "list", "-json=ImportPath,Imports", "relayform/cmd/...", "relayform/compiler/...", "relayform/schema/...").Output()
	if err != nil {
		t.Fatal(err)
	}
	all := map[string][]string{}
	for dec := json.NewDecoder(bytes.NewReader(out)); ; {
		var p struct {
			ImportPath string
			Imports    []string
		}
		if err := dec.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all[strings.TrimPrefix(p.ImportPath, "relayform/")] = p.Imports
	}
}

// TestWorldEntersThroughCommands finds uses of the clock, the environment, exits and printing outside cmd/.
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
