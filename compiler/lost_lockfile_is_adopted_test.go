package compiler

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayform/compiler/adopt"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/project"
)

// inClusters writes the contents of the clusters after a project was applied to all of them, one folder each.
func (s *testProject) inClusters() string {
	s.Helper()
	dir := s.TB.(*testing.T).TempDir()
	put := func(cluster, name string, text []byte) {
		if err := os.MkdirAll(filepath.Join(dir, cluster), 0o755); err != nil {
			s.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, cluster, name), text, 0o600); err != nil {
			s.Fatal(err)
		}
	}
	_, texts, err := s.visited(RenderOptions{})
	if err != nil {
		s.Fatal(err)
	}
	for cluster, text := range texts {
		put(cluster, "objects.yaml", []byte(text))
		put(cluster, "values.yaml", read(s, filepath.Join(s.project.Build, cluster, "values.yaml")))
	}
	err = Render(s.project, s.env(), []string{"mgmt-cluster"}, RenderOptions{Register: true}, func(cluster string, text []byte) error {
		put(cluster, "registered.yaml", text)
		return nil
	})
	if err != nil {
		s.Fatal(err)
	}
	return dir
}

// TestLostLockfileIsAdopted adopts relayform's own mesh after its lockfile was lost. With the root's key it continues unchanged, with
// exactly the same lockfile; without it, as that of an external PKI. No byte changes in either case.
func TestLostLockfileIsAdopted(t *testing.T) {
	t.Parallel()
	for _, block := range []string{own(""), "selfSigned: {keyAlgorithm: ecdsa, validity: {root: 20000h, signing: 20000h, server: 500h}}", "selfSigned: {keyAlgorithm: rsa}"} {
		s := newTestProject(t)
		s.compile(block)
		if block == own("") { // renewed when the root has less left than that
			s.now = s.now.Add(85000 * time.Hour)
			for _, what := range []string{"signing", "server"} {
				if _, err := Renew(s.project, s.env(), RenewOptions{What: what}); err != nil {
					t.Fatal(err)
				}
			}
		}
		lost, held := string(read(t, s.project.Lock)), s.inClusters()

		with := newTestProject(t)
		with.now = s.now
		with.project = project.New(with.project.Topology, "", filepath.Join(filepath.Dir(with.project.Topology), "keys"))
		if err := os.CopyFS(with.project.Keys, os.DirFS(s.project.Keys)); err != nil {
			t.Fatal(err)
		}
		got, err := with.adopted(held, adopt.Answers{})
		if err != nil {
			t.Errorf("%s: %v", block, err)
			continue
		}
		if now := string(read(t, with.project.Lock)); now != lost || got.Mesh.Name != "demo" || len(got.Made) > 0 {
			t.Errorf("%s: %s, another lockfile:\n%s\nwant\n%s", block, got.Mesh.Name, now, lost)
		}
		with.changesNothing(block, held, got, lockfile.SelfSigned)

		without := newTestProject(t)
		without.now = s.now
		got, err = without.adopted(held, adopt.Answers{})
		if err != nil {
			t.Errorf("%s: %v", block, err)
			continue
		}
		if !strings.Contains(fmt.Sprint(got.Mesh.Warnings), "the root's private key is not in the key store") {
			t.Errorf("%s: nobody says what would be better: %q", block, got.Mesh.Warnings)
		}
		without.changesNothing(block, held, got, lockfile.External)
	}
}

// changesNothing compiles what was adopted.
func (s *testProject) changesNothing(name, held string, got *Adopted, source string) {
	s.Helper()
	r, err := Compile(s.project, s.env(), Options{})
	if err != nil || len(r.Issued) > 0 {
		s.Errorf("%s: issued %v: %v", name, r, err)
		return
	}
	if root := r.Lock.Newest(pki.Root); root.Source != source {
		s.Errorf("%s: the root's source is %s, want %s", name, root.Source, source)
	}
	s.comparesWith(name, held, got.Mesh)
}

// TestAnothersNamesAreNotTaken adopts relayform's own mesh whose server certificate has names other than its topology would now give it: to
// continue unchanged, relayform would have to issue a new one.
func TestAnothersNamesAreNotTaken(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	held := s.inClusters()
	registered := filepath.Join(held, "mgmt-cluster", "registered.yaml")
	text := strings.ReplaceAll(string(read(t, registered)), "name: remote-cluster", "name: mgmt-cluster") + "---\n" + string(read(t, registered))
	if err := os.WriteFile(registered, []byte(strings.Replace(text, "clusterDomain: cluster.local", "clusterDomain: corp.local", 1)), 0o600); err != nil {
		t.Fatal(err)
	}
	next := newTestProject(t)
	if err := os.CopyFS(next.project.Keys, os.DirFS(s.project.Keys)); err != nil {
		t.Fatal(err)
	}
	got, err := next.adopted(held, adopt.Answers{})
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(fmt.Sprint(got.Mesh.Notes), "adopt uses pki.external") {
		t.Errorf("notes %q", got.Mesh.Notes)
	}
	next.changesNothing("other names", held, got, lockfile.External)
}

// TestNamesOfALostTopologyAreFound adopts relayform's own mesh after its topology was lost as well: its non-default settings are found in
// the server's certificate, in agents' values and in existing objects.
func TestNamesOfALostTopologyAreFound(t *testing.T) {
	said := []string{"clusterDomain: corp.local", "authority: relay.example.com", "relayAddress: relay.example.com:8443", "selector: {app: gateway}", "port: 8443", "keyAlgorithm: ecdsa", "namespace: relay",
		`dnsNames: ["*.example.org", extra.example.org]`, "second: {authority: second.example.net}", "third: {authority: third.example.org}"}
	s := newTestProject(t)
	s.write("topology.yaml", []byte(`apiVersion: relayform/v1
kind: Topology
name: demo
namespace: relay
management:
  name: mgmt-cluster
  clusterDomain: corp.local
  authority: relay.example.com
  dnsNames: [extra.example.org, "*.example.org"]
  relayAddress: relay.example.com:8443
  ingress: {istio: {selector: {app: gateway}, port: 8443}}
remotes:
  remote-cluster: {relayAddress: "other.example.com:8443"}
  second: {authority: second.example.net}
  third: {authority: third.example.org}
pki:
  selfSigned: {keyAlgorithm: ecdsa}
`))
	if _, err := Compile(s.project, s.env(), Options{}); err != nil {
		t.Fatal(err)
	}
	next := newTestProject(t)
	if err := os.CopyFS(next.project.Keys, os.DirFS(s.project.Keys)); err != nil {
		t.Fatal(err)
	}
	held := s.inClusters()
	got, err := next.adopted(held, adopt.Answers{})
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range append(said, `remote-cluster: {relayAddress: other.example.com:8443}`) {
		if !strings.Contains(string(got.Text), line) {
			t.Errorf("no %q in\n%s", line, got.Text)
		}
	}
	if was, now := string(read(t, s.project.Lock)), string(read(t, next.project.Lock)); was != now {
		t.Errorf("another lockfile:\n%s\nwant\n%s", now, was)
	}
	next.changesNothing("names", held, got, lockfile.SelfSigned)
	if was, now := s.built(), next.built(); was != now {
		t.Errorf("another build:\n%s\nwant\n%s", now, was)
	}
}

// built returns a project's compiled files, without those that say where things were found.
func (s *testProject) built() string {
	s.Helper()
	var b strings.Builder
	for _, name := range []string{"mgmt-cluster/public/ingress.yaml", "mgmt-cluster/public/secrets.yaml", "mgmt-cluster/values.yaml", "remote-cluster/values.yaml", "second/values.yaml", "bases/remote/secrets.yaml"} {
		b.Write(read(s, filepath.Join(s.project.Build, filepath.FromSlash(name))))
	}
	return b.String()
}
