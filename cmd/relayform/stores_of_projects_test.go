package main

import (
	"math/rand/v2"
	"os"
	"slices"
	"strings"

	"relayform/fixtures/receive"
)

// inGit are the stores that keep ciphertext in git, in topology syntax.
var inGit = map[string]string{
	"sops": "secrets: {sops: {management: [age1yax4ul3uulxflwcwt6035533d7w5cr8kmydphqn5jt7ct6ehmuxsfrfuuf]," +
		" remotes: [age1j5zw6my53djwyyfx6ragx2emj7rh994xwaccjezr7saafefkq3eqzfae2u]}}\n",
	"sealedSecrets": "secrets: {sealedSecrets: {management: sealing/mgmt.pem, remotes: sealing/fleet.pem}}\n",
}

// every is whether a test takes the time for every place at which a disk may be full.
func every() bool { return os.Getenv("RELAYFORM_KILLS") != "" }

// stores are local, and those in git.
var stores = []string{"", "sops", "sealedSecrets"}

// storeOf is the store with which something is done: by its number, and where a test takes its time by chance. To unlock is for
// local alone.
func storeOf(n int, does ...deed) string {
	if slices.ContainsFunc(does, func(d deed) bool { return strings.HasPrefix(d.args, "unlock") }) {
		return ""
	}
	if every() {
		n = rand.IntN(len(stores))
	}
	return stores[n%len(stores)]
}

// clusterFixtures have keys and certificates of clusters.
const clusterFixtures = receive.Fixture("../../fixtures")

// begin gives the project a folder of its own, and a store.
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
