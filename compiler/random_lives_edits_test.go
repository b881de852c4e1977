package compiler

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"relayform/compiler/lockfile"
)

// edits changes the topology, or the date.
func (p *player) edits(kind string, rng *rand.Rand) {
	to := p.shape.with(func(to *shape) {
		switch kind {
		case "edit":
			p.editOne(to, rng)
		case "rotate":
			to.rotation = p.nextPhase(rng)
		case "seal":
			to.sealedTo = [][]person{nil, {p.people[0]}, {p.people[1]}, {p.people[0], p.people[1]}}[rng.IntN(4)]
		case "store":
			to.store, to.audience = []string{"", "sops", "sealedSecrets"}[rng.IntN(3)], rng.IntN(2)
		case "clock": // not so far that anything expires: a server certificate is valid for 398 days
			if later := p.now.Add(time.Duration(1+rng.IntN(60)) * day); later.Before(p.began.AddDate(1, 0, 0)) {
				p.now = later
			}
		}
	})
	p.clean = p.clean && string(to.text()) == string(p.shape.text())
	p.shape = to
	p.write("topology.yaml", to.text())
	p.log = to.String()
}

func (p *player) editOne(to *shape, rng *rand.Rand) {
	switch rng.IntN(5) {
	case 0:
		to.port = rng.IntN(100)
	case 1:
		to.label = []string{"gold", "silver", "bronze"}[rng.IntN(3)]
	case 2:
		p.named = true
		to.authority = []string{"", "relay.example.com", "relay.example.org"}[rng.IntN(3)]
	case 3:
		if name := fmt.Sprintf("remote-%d", rng.IntN(1000)); !slices.Contains(to.remotes, name) && len(to.remotes) < 5 {
			to.remotes = append(to.remotes, name)
		}
	case 4:
		if i := rng.IntN(len(to.remotes)); len(to.remotes) > 1 {
			to.remotes = slices.Delete(to.remotes, i, i+1)
		}
	}
}

// nextPhase returns a phase adjacent to the lockfile's.
func (p *player) nextPhase(rng *rand.Rand) string {
	const reissued = ", agentsReissued: true"
	l, err := p.project.ReadLock(demo)
	if err != nil || len(l.Certificates) == 0 {
		return ""
	}
	ways := map[lockfile.Phase][]string{
		"":                  {"distribute"},
		lockfile.Distribute: {"issue", ""},
		lockfile.Issue:      {"drain", "distribute"},
		lockfile.Drain:      {"retire" + reissued, "issue"},
		lockfile.Retire:     {"", "drain"},
	}[l.Phase()]
	next := ways[rng.IntN(10)*len(ways)/14%len(ways)] // forward more often than back
	if next == "" && l.Phase() == lockfile.Distribute && !l.Rotation.DrainUntil.IsZero() {
		return "issue" // rolling back is refused while agents may have certificates under the next root
	}
	return next
}
