package main

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"filippo.io/age"

	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/fixtures/receive"
)

// testProject is a topology on disk and the program that compiles it.
type testProject struct {
	testing.TB
	program, dir string
	people       map[string]*age.X25519Identity
	store        string       // sops or sealedSecrets; empty for local
	opens        receive.Keys // decrypts what git contains, as the clusters do
}

const testTopology = `apiVersion: relayform/v1
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

func newTestProject(t testing.TB) *testProject {
	t.Helper()
	program := filepath.Join(t.TempDir(), "relayform")
	build(t, program, ".")
	return &testProject{TB: t, program: program}
}

// ask writes the topology with a rotation, its keys encrypted to the people, each with an identity file next to it.
func (s *testProject) ask(rotation string, to ...string) {
	s.Helper()
	if rotation != "" {
		rotation = ", rotation: {phase: " + rotation + "}"
	}
	text := fmt.Sprintf(testTopology, rotation)
	if len(to) > 0 {
		var recipients []string
		for _, name := range to {
			recipients = append(recipients, s.recipient(name))
		}
		block := "secrets: {local: {encryptTo: [%s]}}\n"
		if s.store != "" {
			block = "keys: {encryptTo: [%s]}\n"
		}
		text += fmt.Sprintf(block, strings.Join(recipients, ", "))
	}
	text += inGit[s.store]
	if err := os.WriteFile(s.path("topology.yaml"), []byte(text), 0o644); err != nil {
		s.Fatal(err)
	}
}

func (s *testProject) path(names ...string) string {
	return filepath.Join(append([]string{s.dir}, names...)...)
}

func (s *testProject) command(args ...string) *exec.Cmd {
	c := exec.Command(s.program, args...)
	c.Dir = s.dir
	c.Env = append(os.Environ(), "RELAYFORM_IDENTITY="+string(s.ring().Identities))
	return c
}

func (s *testProject) run(args ...string) string {
	s.Helper()
	out, err := s.command(args...).CombinedOutput()
	if err != nil {
		s.Fatalf("relayform %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return string(out)
}

// deed is an operation on a topology.
type deed struct {
	rotation string // the topology's rotation
	to       string // the people to whom the keys are encrypted
	args     string
}

// deeds are the life of a topology, in order. It can begin with the first of them, and where the keys are first encrypted.
var deeds = []deed{
	{"", "", "compile"},
	{"", "", "renew server"},
	{"", "", "renew signing"},
	{"", "", "renew signing --same-key"},
	{"", "", "renew token"},
	{"distribute", "", "compile --yes"},
	{"issue", "", "compile --yes"},
	{"issue", "", "renew server"},
	{"drain", "", "compile --yes"},
	{"retire, agentsReissued: true", "", "compile --yes"},
	{"", "", "compile"},
	{"", "", "gc"},
	{"", "ada", "compile"},
	{"", "ada", "unlock"},
	{"", "ada", "renew server"},
	{"", "ada", "unlock"},
	{"", "ada", "unlock --remove"},
	{"", "ada bob", "compile"},
	{"", "ada bob", "unlock"},
	{"", "ada bob", "renew token"},
	{"", "bob", "compile"},
	{"", "bob", "renew signing"},
	{"", "bob", "unlock"},
	{"", "bob", "gc"},
	{"", "", "compile"},
}

// endings are the signals that end a run: from the system or an impatient user, a terminal, a service manager. All must leave the same
// behind.
var endings = []os.Signal{os.Kill, os.Interrupt, syscall.SIGTERM}

// promptly is how long a program may take to exit after a signal.
const promptly = 5 * time.Second

// TestKillsLeaveNothingTorn kills the program at random moments of everything that it does to a topology, with each signal in turn. Each
// life uses one of the stores. RELAYFORM_KILLS is the number of kills; make crash sets it to 660. Without it, only half of a life is
// tested.
func TestKillsLeaveNothingTorn(t *testing.T) {
	if !everyCase() && !every() {
		t.Skip("make long kills it")
	}
	encrypted := slices.IndexFunc(deeds, func(d deed) bool { return d.to != "" })
	life := [][]deed{deeds[:encrypted], deeds[encrypted:]}[rand.IntN(2)]
	kills := len(life)
	if n, err := strconv.Atoi(os.Getenv("RELAYFORM_KILLS")); err == nil {
		kills, life = n, deeds
	}
	first := rand.IntN(len(stores))
	s := newTestProject(t)
	landed, span := 0, 100*time.Millisecond
	for i := 0; landed < kills; i++ {
		d := life[i%len(life)]
		if i%len(life) == 0 {
			s.begin(t.TempDir(), stores[(first+i/len(life))%len(stores)])
		}
		if s.store != "" && d.args == "unlock" { // its overlays do not use the key store
			d.args = "compile --yes"
		}
		s.ask(d.rotation, strings.Fields(d.to)...)
		before := s.folders()
		delay := time.Duration(rand.Int64N(int64(span)))
		ending := endings[i%len(endings)]
		if s.ends(s.command(strings.Fields(d.args)...), delay, ending) {
			landed++
		}
		what := fmt.Sprintf("kill %d, store %q, %s, rotation %q, to %q, by %s after %s", i, s.store, d.args, d.rotation, d.to, ending, delay)
		l := s.certificatesHaveKeys(what)
		s.overlaysMatch(what, l, "")
		between := s.folders()
		began := time.Now()
		s.run("compile", "--yes")
		span = time.Since(began) * 5 / 4
		after := s.folders()
		for name, digest := range between {
			if digest != before[name] && digest != after[name] {
				t.Errorf("%s: build/%s is neither old nor new", what, name)
			}
		}
		s.whole(what, d)
	}
	t.Logf("%d kills", landed)
}

// ends starts a program and sends it a signal after a delay. It reports whether the signal came in time.
func (s *testProject) ends(c *exec.Cmd, delay time.Duration, ending os.Signal) bool {
	s.Helper()
	if err := c.Start(); err != nil {
		s.Fatal(err)
	}
	time.Sleep(delay)
	_ = c.Process.Signal(ending) // it may have exited
	began := time.Now()
	err := c.Wait()
	if took := time.Since(began); took > promptly {
		s.Errorf("%s: it took %s to end by %s", c, took, ending)
	}
	return err != nil
}

// certificatesHaveKeys parses the lockfile, if there is one, and finds the key of every certificate.
func (s *testProject) certificatesHaveKeys(what string) *lockfile.File {
	s.Helper()
	text, err := os.ReadFile(s.path("topology.lock.yaml"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		s.Fatal(err)
	}
	l, err := lockfile.Parse("topology.lock.yaml", text, product.Profiles[0])
	if err != nil {
		s.Fatalf("%s: the lockfile is torn: %v", what, err)
	}
	store, err := keystore.OpenStore(s.path("keys"), l.Topology, s.ring(), nil)
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

// overlaysMatch builds every overlay as kubectl would. It may fail; if it builds, each certificate has its own key, which its cluster can
// decrypt, and each token the given digest.
func (s *testProject) overlaysMatch(what string, l *lockfile.File, token string) (built int) {
	s.Helper()
	for _, cluster := range []string{"mgmt-cluster", "one", "two", "three"} {
		if l == nil || !exists(s.path("build", cluster)) {
			continue
		}
		secrets, builds, err := s.opens.Secrets(s.path("build", cluster))
		if !builds {
			continue
		}
		built++
		if err := errors.Join(err, receive.Belong(secrets, product.Profiles[0].Keys, token)); err != nil {
			s.Errorf("%s: %s: %v", what, cluster, err)
		}
	}
	return built
}

// whole checks that nothing is left to do and nothing is left over.
func (s *testProject) whole(what string, d deed) {
	s.Helper()
	l := s.certificatesHaveKeys(what)
	s.concealed(what, d)
	if d.to != "" && s.store == "" {
		s.run("unlock")
	}
	if built := s.overlaysMatch(what, l, l.Token.SHA256); built != 4 {
		s.Errorf("%s: %d of 4 overlays build", what, built)
	}
	if d.to != "" && s.store == "" && !strings.HasPrefix(d.args, "renew") && d.args != "unlock" { // which meet unlocked keys as well as none
		s.run("unlock", "--remove")
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
	for _, role := range []pki.Role{pki.Root, pki.Signing, pki.Server} {
		if len(l.All(role)) == 0 {
			s.Errorf("%s: no %s", what, role)
		}
	}
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}
