package main

import (
	"crypto/sha256"
	"crypto/tls"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"relayform/compiler/lock"
	"relayform/compiler/pki"
)

// site is a topology on disk and the program that compiles it.
type site struct {
	testing.TB
	program, dir string
}

const siteTopology = `apiVersion: relayform/v1
kind: Topology
name: demo
management:
  name: mgmt-cluster
  relayAddress: 203.0.113.7:31443
  ingress: {istio: {}}
remotes: {one: {}, two: {}, three: {}}
pki:
  selfSigned: {keyAlgorithm: ecdsa%s}
`

func newSite(t testing.TB) *site {
	t.Helper()
	program := filepath.Join(t.TempDir(), "relayform")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return &site{TB: t, program: program}
}

// ask writes the topology with a rotation.
func (s *site) ask(rotation string) {
	s.Helper()
	if rotation != "" {
		rotation = ", rotation: {phase: " + rotation + "}"
	}
	if err := os.WriteFile(s.path("topology.yaml"), fmt.Appendf(nil, siteTopology, rotation), 0o644); err != nil {
		s.Fatal(err)
	}
}

func (s *site) path(names ...string) string {
	return filepath.Join(append([]string{s.dir}, names...)...)
}

func (s *site) command(args ...string) *exec.Cmd {
	c := exec.Command(s.program, args...)
	c.Dir = s.dir
	return c
}

func (s *site) run(args ...string) string {
	s.Helper()
	out, err := s.command(args...).CombinedOutput()
	if err != nil {
		s.Fatalf("relayform %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// deed is something that is done to a topology.
type deed struct {
	rotation string // what the topology says
	args     []string
}

// deeds are the life of a topology, in order.
var deeds = []deed{
	{"", []string{"compile"}},
	{"", []string{"renew", "server"}},
	{"", []string{"renew", "signing"}},
	{"", []string{"renew", "signing", "--same-key"}},
	{"", []string{"renew", "token"}},
	{"distribute", []string{"compile"}},
	{"issue", []string{"compile"}},
	{"issue", []string{"renew", "server"}},
	{"drain", []string{"compile"}},
	{"retire, agentsReissued: true", []string{"compile"}},
	{"", []string{"compile"}},
}

// TestKillsLeaveNothingTorn kills the program at random moments of everything that it does to a
// topology. RELAYFORM_KILLS is how often it is to die; make crash sets it to 330.
func TestKillsLeaveNothingTorn(t *testing.T) {
	kills := len(deeds)
	if n, err := strconv.Atoi(os.Getenv("RELAYFORM_KILLS")); err == nil {
		kills = n
	}
	s := newSite(t)
	landed, span := 0, 100*time.Millisecond
	for i := 0; landed < kills; i++ {
		d := deeds[i%len(deeds)]
		if i%len(deeds) == 0 {
			s.dir = t.TempDir()
		}
		s.ask(d.rotation)
		before := s.folders()
		delay := time.Duration(rand.Int64N(int64(span)))
		c := s.command(d.args...)
		if err := c.Start(); err != nil {
			t.Fatal(err)
		}
		time.Sleep(delay)
		_ = c.Process.Kill() // it may have ended
		if c.Wait() != nil {
			landed++
		}
		what := fmt.Sprintf("kill %d, %s, rotation %q, after %s", i, strings.Join(d.args, " "), d.rotation, delay)
		l := s.certificatesHaveKeys(what)
		s.overlaysMatch(what, l)
		between := s.folders()
		began := time.Now()
		s.run("compile")
		span = time.Since(began) * 5 / 4
		after := s.folders()
		for name, digest := range between {
			if digest != before[name] && digest != after[name] {
				t.Errorf("%s: build/%s is neither old nor new", what, name)
			}
		}
		s.whole(what)
	}
	t.Logf("%d kills", landed)
}

// certificatesHaveKeys reads the lockfile, if there is one, and finds the key of every certificate.
func (s *site) certificatesHaveKeys(what string) *lock.Lock {
	s.Helper()
	text, err := os.ReadFile(s.path("topology.lock.yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		s.Fatal(err)
	}
	l, err := lock.Parse("topology.lock.yaml", text)
	if err != nil {
		s.Fatalf("%s: the lockfile is torn: %v", what, err)
	}
	store, err := lock.OpenStore(s.path("keys"), l.Topology)
	if err != nil {
		s.Fatalf("%s: %v", what, err)
	}
	for _, c := range l.Every() {
		if _, err := store.Key(c.SPKI); err != nil {
			s.Errorf("%s: %s %d has no key: %v", what, c.Role, c.Generation, err)
		}
	}
	if _, err := store.Token(l.Token.SHA256); err != nil {
		s.Errorf("%s: %v", what, err)
	}
	return l
}

// overlaysMatch builds every overlay as kubectl would. It may fail, closed; if it builds, each
// certificate has its own key beside it.
func (s *site) overlaysMatch(what string, l *lock.Lock) (built int) {
	s.Helper()
	for _, cluster := range []string{"mgmt-cluster", "one", "two", "three"} {
		if l == nil || !exists(s.path("build", cluster)) {
			continue
		}
		objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), s.path("build", cluster))
		if err != nil {
			continue
		}
		built++
		for _, o := range objects.Resources() {
			var secret struct{ Data map[string][]byte }
			text, err := o.AsYAML()
			if err == nil {
				err = yaml.Unmarshal(text, &secret)
			}
			if err != nil {
				s.Fatal(err)
			}
			if secret.Data["tls.crt"] == nil {
				continue
			}
			if _, err := tls.X509KeyPair(secret.Data["tls.crt"], secret.Data["tls.key"]); err != nil {
				s.Errorf("%s: %s of %s: %v", what, o.GetName(), cluster, err)
			}
		}
	}
	return built
}

// whole checks that nothing is left to do and nothing is left over.
func (s *site) whole(what string) {
	s.Helper()
	l := s.certificatesHaveKeys(what)
	if built := s.overlaysMatch(what, l); built != 4 {
		s.Errorf("%s: %d of 4 overlays build", what, built)
	}
	s.run("compile", "--locked", "--check")
	err := filepath.WalkDir(s.dir, func(path string, d fs.DirEntry, err error) error {
		if strings.Contains(filepath.Base(path), "tmp") || strings.HasSuffix(path, ".held") {
			s.Errorf("%s: %s is left over", what, path)
		}
		return err
	})
	if err != nil {
		s.Error(err)
	}
	for _, role := range pki.Roles {
		if len(l.All(role)) == 0 {
			s.Errorf("%s: no %s", what, role)
		}
	}
}

// folders are the digests of what is in build/, by name.
func (s *site) folders() map[string]string {
	s.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(s.path("build"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() || e.Name() == ".relayform.tmp" {
			continue
		}
		sum := sha256.New()
		err := filepath.WalkDir(s.path("build", e.Name()), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				var text []byte
				text, err = os.ReadFile(path)
				fmt.Fprintf(sum, "%s %d\n%s", path, len(text), text)
			}
			return err
		})
		if err != nil {
			s.Fatal(err)
		}
		out[e.Name()] = hex.EncodeToString(sum.Sum(nil))
	}
	return out
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
