package main

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"relayform/fixtures/receive"
)

// inGit are the stores that keep ciphertext in git, as YAML of a topology.
var inGit = map[string]string{
	"sops": "secrets: {sops: {management: [age1yax4ul3uulxflwcwt6035533d7w5cr8kmydphqn5jt7ct6ehmuxsfrfuuf]," +
		" remotes: [age1j5zw6my53djwyyfx6ragx2emj7rh994xwaccjezr7saafefkq3eqzfae2u]}}\n",
	"sealedSecrets": "secrets: {sealedSecrets: {management: sealing/mgmt.pem, remotes: sealing/fleet.pem}}\n",
}

// every reports whether a test runs in full, for every place at which a disk may be full.
func every() bool { return os.Getenv("RELAYFORM_KILLS") != "" }

// stores are all stores for tests: local, and those that keep ciphertext in git.
var stores = []string{"", "sops", "sealedSecrets"}

// storeOf returns the store for some commands: the one with this number, or a random one in full runs. Only the local store can be
// unlocked.
func storeOf(n int, does ...deed) string {
	if slices.ContainsFunc(does, func(d deed) bool { return strings.HasPrefix(d.args, "unlock") }) {
		return ""
	}
	if every() {
		n = rand.IntN(len(stores))
	}
	return stores[n%len(stores)]
}

// clusterFixtures contain keys and certificates of clusters.
const clusterFixtures = receive.Fixture("../../fixtures")

// begin gives the project its own folder, and a store.
func (s *testProject) begin(dir, store string) {
	s.Helper()
	s.dir, s.store = dir, store
	s.recipient("ada")
	s.recipient("bob")
	var err error
	if s.opens, err = clusterFixtures.All(); err == nil && store != "" {
		err = clusterFixtures.Bring(dir)
	}
	if err != nil {
		s.Fatal(err)
	}
}
