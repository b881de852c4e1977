package compiler

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/delivery"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/seal"
)

// TestAgentsKeysStayInTheirFolders compiles with plain keys, then encrypted ones, and removes an agent.
func TestAgentsKeysStayInTheirFolders(t *testing.T) {
	s := newTestProject(t)
	s.remotesOf(issued(""), "edge-1", "edge-2")
	l := s.compiledNow().Lock
	below := func(dir string) (names []string) {
		err := fs.WalkDir(os.DirFS(s.project.Keys), dir, func(name string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				names = append(names, strings.TrimPrefix(name, dir+"/"))
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return names
	}
	spki := l.Agent("edge-1").SPKI
	if names := below("agents/edge-1"); !slices.Equal(names, []string{spki + ".key", spki + ".yaml", "kustomization.yaml"}) {
		t.Errorf("agents/edge-1 holds %v", names)
	}
	for _, dir := range []string{"agents", "agents/edge-1"} {
		if info, err := os.Stat(filepath.Join(s.project.Keys, dir)); err != nil || info.Mode().Perm() != 0o700 {
			t.Errorf("%s: %v %v", dir, info.Mode(), err)
		}
	}
	s.remotesOf(issued(""), "edge-2")
	s.compiledNow()
	if names := below("agents/edge-1"); !slices.Equal(names, []string{spki + ".key"}) { // removed by gc
		t.Errorf("agents/edge-1 still holds %v", names)
	}
	store, err := keystore.OpenStore(s.project.Keys, "demo", seal.Ring{}, unflushed)
	if err != nil {
		t.Fatal(err)
	}
	l, err = lockfile.Parse("topology.lock.yaml", []byte(s.all()["topology.lock.yaml"]), product.Profiles[0].WithoutRelayCA())
	if err != nil {
		t.Fatal(err)
	}
	orphans, others, err := store.Orphans(l)
	if err != nil || len(others) > 0 || !slices.Equal(orphans, []string{lockfile.AgentKeyFile("edge-1", spki)}) {
		t.Errorf("orphans %v, others %v: %v", orphans, others, err)
	}
	if foreign := store.Foreign(); len(foreign) > 0 {
		t.Errorf("foreign: %v", foreign)
	}
}

// TestAgentsKeysAreEncryptedForTheirClusters checks that each agent's key is encrypted once, for its cluster's audience, and the signing
// CA's for nobody.
func TestAgentsKeysAreEncryptedForTheirClusters(t *testing.T) {
	for _, name := range []string{"issued-sops", "issued-sealed"} {
		c := compileFixture(t, fixtures(t)[name])
		seen := map[string]string{}
		for _, x := range delivery.Ciphertexts(c.plan, c.lock) {
			if x.Role == pki.Signing || x.Holds == c.lock.Newest(pki.Signing).SPKI {
				t.Errorf("%s: the signing CA's key is encrypted for %s", name, x.Audience.Place())
			}
			if x.Role != pki.Agent {
				continue
			}
			cluster := strings.Split(x.Value, "/")[1]
			if want := c.plan.AudienceOf(c.plan.Cluster(cluster)); x.Audience.Digest != want.Digest || seen[cluster] != "" {
				t.Errorf("%s: the key of %s is for %s, want %s, once", name, cluster, x.Audience.Place(), want.Place())
			}
			if _, ok := delivery.Recorded(c.plan, c.lock, x); !ok {
				t.Errorf("%s: git does not hold the key of %s", name, cluster)
			}
			seen[cluster] = x.Audience.Digest
		}
		if len(seen) != len(c.plan.Agents()) || seen["edge"] == seen["store-a"] || seen["store-a"] != seen["store-b"] {
			t.Errorf("%s: audiences %v", name, seen)
		}
	}
}
