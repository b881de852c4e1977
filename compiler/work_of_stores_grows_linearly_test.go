package compiler

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"filippo.io/age"

	"relayform/compiler/issue"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/fixtures/generate"
)

// audiencesOf writes the files that name an audience for each remote of a store, below a topology's folder, and returns the field for each.
func audiencesOf(t testing.TB, store, dir string, n int) []string {
	t.Helper()
	fields := make([]string, n)
	if store == "sops" {
		for i := range fields {
			identity, err := age.GenerateX25519Identity()
			if err != nil {
				t.Fatal(err)
			}
			fields[i] = "sopsRecipients: [" + identity.Recipient().String() + "]"
		}
		return fields
	}
	for i, text := range fleetSizedCertificates(t, n) {
		name := fmt.Sprintf("sealing/%05d.pem", i)
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
		fields[i] = "sealingCertificate: " + name
	}
	return fields
}

// writeFleet writes the topology of a fleet with a store in git, with one audience for all remotes or one for each.
func writeFleet(t testing.TB, path string, s store, remotes int, each bool) {
	t.Helper()
	dir := filepath.Dir(path)
	if err := clusterFixtures.Bring(dir); err != nil {
		t.Fatal(err)
	}
	if err := generate.Write(dir, remotes); err != nil {
		t.Fatal(err)
	}
	var fields []string
	if each {
		fields = audiencesOf(t, s.name, dir, remotes)
	}
	var text bytes.Buffer
	n := 0
	for line := range strings.Lines(string(generate.Fleet(remotes))) {
		name, block, ok := strings.Cut(strings.TrimSuffix(line, "\n"), ":")
		if !each || !ok || !strings.HasPrefix(name, "  ") || strings.HasPrefix(name, "   ") || !strings.Contains(name, "-store-") {
			text.WriteString(line)
			continue
		}
		switch field := fields[n]; block {
		case "":
			fmt.Fprintf(&text, "%s:\n    %s\n", name, field)
		case " {}":
			fmt.Fprintf(&text, "%s: {%s}\n", name, field)
		default:
			fmt.Fprintf(&text, "%s:%s, %s}\n", name, strings.TrimSuffix(block, "}"), field)
		}
		n++
	}
	if each && n != remotes {
		t.Fatalf("%d of %d remotes have an audience", n, remotes)
	}
	fmt.Fprintf(&text, "secrets: {%s}\n", s.secrets)
	if err := os.WriteFile(path, text.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// TestWorkOfStoresGrowsLinearly counts, for two sizes of fleet, what a store in git adds: the changes to the file system by a first
// compile, by one with the ciphertext, and by one with another audience; and the bytes and objects allocated by operations on the whole
// fleet. RELAYFORM_FLEET is the larger size, a quarter of which is the smaller; make growth sets it to 10000.
func TestWorkOfStoresGrowsLinearly(t *testing.T) {
	fleet, factor := 0, 4
	if _, err := fmt.Sscan(os.Getenv("RELAYFORM_FLEET"), &fleet); err != nil {
		t.Skip("make growth counts it: it takes a minute")
	}
	small := fleet / factor
	if small <= plan.RegisterLimit {
		t.Fatalf("%d remotes: want fleets of one kind, and from %d on registration is a file", small, plan.RegisterLimit+1)
	}
	for _, f := range grownFleets {
		t.Run(f.name, func(t *testing.T) {
			counts := map[string]map[int]float64{}
			for _, n := range []int{small, small * factor} {
				f.count(t, n, func(what string, count float64) {
					if counts[what] == nil {
						counts[what] = map[int]float64{}
					}
					counts[what][n] = count
				})
			}
			for what, count := range counts {
				t.Logf("%s: %.0f for %d, %.0f for %d", what, count[small], small, count[small*factor], small*factor)
				if growth := count[small*factor] / count[small]; growth > float64(factor)*1.1 {
					t.Errorf("%s grow %.1f times while the fleet grows %d times", what, growth, factor)
				}
			}
		})
	}
}

// grownFleet is a kind of fleet whose work is counted.
type grownFleet struct {
	name    string
	store   store
	each    bool // an audience for each remote
	deliver string
}

var grownFleets = []grownFleet{
	{"sops, one audience", inGitStores[0], false, ""},
	{"sops, an audience each", inGitStores[0], true, ""},
	{"sealedSecrets, one audience", inGitStores[1], false, ""},
	{"sealedSecrets, an audience each", inGitStores[1], true, ""},
	{"Flux pulls", inGitStores[0], false, "flux: {source: {name: mesh}}"},
	{"Argo CD pulls", inGitStores[1], true, "argoCD: {repository: \"https://git.example.com/mesh.git\"}"},
}

// write writes the fleet's topology.
func (f grownFleet) write(t testing.TB, path string, remotes int) {
	t.Helper()
	writeFleet(t, path, f.store, remotes, f.each)
	if f.deliver == "" {
		return
	}
	text := fmt.Appendf(read(t, path), "charts: {version: 1.2.30}\ndeliver: {%s}\n", f.deliver)
	if err := os.WriteFile(path, text, 0o644); err != nil {
		t.Fatal(err)
	}
}

func (f grownFleet) count(t *testing.T, n int, note func(what string, count float64)) {
	t.Helper()
	c := newCounted(t, 1)
	f.write(t, c.project.Topology, n)
	note("changes of a first compile", float64(c.compile(t)))
	for what, do := range map[string]func() error{
		"a compile that encrypts all": func() error {
			_, err := Renew(c.project, Env{Now: fixtureTime, Disk: unflushed}, RenewOptions{What: issue.AllDue, Reseal: true})
			return err
		},
		"compile": func() error {
			if changes := c.compile(t); changes > 0 {
				return fmt.Errorf("%d changes where nothing changed", changes)
			}
			return nil
		},
		"vet":    func() error { _, err := Vet(c.project, Env{}); return err },
		"verify": func() error { _, err := Verify(c.project, Env{NewKey: pki.GenerateKey}, fixtureTime); return err },
	} {
		objects, bytes := allocated(t, do)
		note("objects of "+what, objects)
		note("bytes of "+what, bytes)
	}
	if err := os.RemoveAll(c.project.Build); err != nil {
		t.Fatal(err)
	}
	sealed := read(t, c.project.Sealed)
	note("bytes recorded", float64(len(sealed)))
	note("changes of a compile into an empty folder", float64(c.compile(t)))
	if string(read(t, c.project.Sealed)) != string(sealed) {
		t.Error("an empty folder has something encrypted again")
	}
	text := read(t, c.project.Topology)
	field := f.store.own // instead of the common one
	if f.each {
		field = "labels: {a: b}, "
	}
	const remote = "-store-00003: {"
	c.write(t, replaceOnce(t, text, remote, remote+field))
	if changes := c.compile(t); changes == 0 || changes > 60 {
		t.Errorf("one changed remote of %d made %d changes to the file system", n, changes)
	}
}
