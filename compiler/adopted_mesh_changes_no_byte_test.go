package compiler

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/adopt"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
)

// adoptable are meshes as they are in clusters, by name.
func adoptable(t testing.TB) map[string]string {
	t.Helper()
	const at = "../fixtures/adopt"
	entries, err := os.ReadDir(at)
	if err != nil {
		t.Fatal(err)
	}
	all := map[string]string{}
	for _, e := range entries {
		if e.IsDir() {
			all[e.Name()] = filepath.Join(at, e.Name())
		}
	}
	if len(all) < 4 {
		t.Fatalf("%d meshes", len(all))
	}
	return all
}

// meshWithoutRelayCA is the mesh whose agents were given certificates: in others agents write their Secrets themselves.
const meshWithoutRelayCA = "no-relay-ca"

// adopted adopts manifests into a new project.
func (s *testProject) adopted(dir string, a adopt.Answers) (*Adopted, error) {
	s.Helper()
	return Adopt(s.Context(), s.project, s.env(), Adoption{From: []string{dir}, Answers: a})
}

// heldIn returns the relay's Secrets in a folder's clusters, by folder or file name.
func heldIn(t testing.TB, dir string) map[string]map[string]manifest.Held {
	t.Helper()
	relays := verify.NamesOf(product.Profiles[0]).All()
	all := map[string]map[string]manifest.Held{}
	err := filepath.WalkDir(dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		objects, _, err := manifest.ReadHeld(text, "Secret")
		below, _ := filepath.Rel(dir, path)
		name, _, _ := strings.Cut(strings.TrimSuffix(below, ".yaml"), string(filepath.Separator))
		for _, o := range objects {
			if all[name] == nil {
				all[name] = map[string]manifest.Held{}
			}
			if slices.Contains(relays, o.Name) && (o.Name != relays[4] || filepath.Base(dir) == meshWithoutRelayCA) {
				all[name][o.Name] = o
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// TestAdoptedMeshChangesNoByte adopts each mesh, compiles, and renders it with its keys: every Secret from a cluster is rendered with the
// same type and the same bytes, and there are no new ones. Additional data in a Secret is reported. Compiling again changes nothing.
func TestAdoptedMeshChangesNoByte(t *testing.T) {
	t.Parallel()
	for name, dir := range adoptable(t) {
		for _, encrypted := range []bool{false, true} {
			s := newTestProject(t)
			var a adopt.Answers
			if encrypted {
				s.seal(t)
				a.EncryptTo = s.ring.Recipients
			}
			got, err := s.adopted(dir, a)
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			r, err := Compile(s.project, s.env(), Options{})
			if err != nil {
				t.Errorf("%s: %v", name, err)
				continue
			}
			if len(r.Issued) > 0 || len(r.Missing) > 0 || len(got.Made) > 0 {
				t.Errorf("%s: issued %v, missing %v, made %v", name, r.Issued, r.Missing, got.Made)
			}
			if r, err := Compile(s.project, s.env(), Options{Locked: true, Check: true}); err != nil || !r.Changes.None() {
				t.Errorf("%s: a second compile changes something: %v", name, err)
			}
			s.comparesWith(name, dir, got.Mesh)
		}
	}
}

// comparesWith compares what is rendered with what is in the clusters.
func (s *testProject) comparesWith(name, dir string, mesh *adopt.Mesh) {
	s.Helper()
	held := heldIn(s, dir)
	warned := strings.Join(mesh.Warnings, "\n")
	compared := 0
	_, texts, err := s.visited(RenderOptions{})
	if err != nil {
		s.Fatal(err)
	}
	for _, c := range mesh.Clusters() {
		have := held[c.Context]
		emitted, err := readEmitted([]byte(texts[c.Name]))
		if err != nil {
			s.Fatal(err)
		}
		if len(emitted) != len(have) || len(have) == 0 {
			s.Errorf("%s: %s held %q, and gets %d Secrets", name, c.Name, slices.Sorted(maps.Keys(have)), len(emitted))
		}
		for _, e := range emitted {
			before, err := have[e.Name].Secret()
			if err != nil {
				s.Fatal(err)
			}
			if e.of != have[e.Name].Type {
				s.Errorf("%s: %s: Secret %s was of type %s, and is %s", name, c.Name, e.Name, have[e.Name].Type, e.of)
			}
			for key, value := range e.Data {
				if compared++; !bytes.Equal(value, before.Data[key]) {
					s.Errorf("%s: %s: %s of %s has other bytes", name, c.Name, key, e.Name)
				}
			}
			for key := range before.Data {
				if _, ok := e.Data[key]; !ok && !regexp.MustCompile(`an apply keeps .*`+regexp.QuoteMeta(key)+`.* of Secret `+e.Name).MatchString(warned) {
					s.Errorf("%s: %s: nobody is told that %s of %s is not relayform's", name, c.Name, key, e.Name)
				}
			}
		}
	}
	if compared < 9 {
		s.Errorf("%s: %d values were compared", name, compared)
	}
}

// TestAdoptedKeysLieInTheKeyStoreAlone looks for the private values of each mesh in everything that adopting and compiling write.
func TestAdoptedKeysLieInTheKeyStoreAlone(t *testing.T) {
	for name, dir := range adoptable(t) {
		s := newTestProject(t)
		if _, err := s.adopted(dir, adopt.Answers{}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if _, err := Compile(s.project, s.env(), Options{}); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var private [][]byte
		for _, secrets := range heldIn(t, dir) {
			for _, o := range secrets {
				secret, err := o.Secret()
				if err != nil {
					t.Fatal(err)
				}
				for key, value := range secret.Data {
					if key == "token" {
						private = append(private, bytes.TrimSpace(value))
					} else if _, err := pki.ParseKey(value); err == nil {
						lines := bytes.Split(bytes.TrimSpace(value), []byte("\n"))
						private = append(private, lines[len(lines)/2])
					}
				}
			}
		}
		if len(private) < 4 {
			t.Fatalf("%s: %d private values", name, len(private))
		}
		for path, text := range s.all() {
			for _, p := range private {
				if strings.Contains(text, string(p)) && !strings.HasPrefix(path, "keys/") {
					t.Errorf("%s: %s holds a private value", name, path)
				}
			}
		}
	}
}
