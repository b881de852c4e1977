package compiler

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
)

// move is one step in the life of a project. It depends on its seed and on earlier moves, so that a sequence stays valid when moves are
// removed.
type move struct {
	kind string
	seed uint64
}

func (m move) String() string { return fmt.Sprintf("%s/%d", m.kind, m.seed) }

// TestRandomLives runs projects through random sequences of all operations: edits, compiles, renewals, a rotation's phases, encryption,
// other recipients, other stores, kills, failing disks, restored keys. After each move, the project's invariants must hold. RELAYFORM_MOVES
// is the number of moves; make crash sets it. RELAYFORM_LIFE is a sequence to repeat, as printed by a failure.
func TestRandomLives(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side")
	}
	if life := os.Getenv("RELAYFORM_LIFE"); life != "" {
		if n, err := live(t, parseLife(t, life)); err != nil {
			t.Fatalf("move %d: %v", n, err)
		}
		return
	}
	moves, seed := 30, uint64(12)
	if everyCase() {
		moves = 60
	}
	if n, err := strconv.Atoi(os.Getenv("RELAYFORM_MOVES")); err == nil {
		moves, seed = n, rand.Uint64()
	}
	const long = 30
	for made := 0; made < moves; made += long {
		life := newLife(seed, long)
		if n, err := live(t, life); err != nil {
			life, n, err = shorten(t, life[:n+1], err)
			t.Fatalf("seed %d, move %d: %v\nmake it again with RELAYFORM_LIFE=%q", seed, n, err, printLife(life))
		}
		seed++
	}
}

func newLife(seed uint64, moves int) []move {
	rng := rand.New(rand.NewPCG(seed, 0))
	life := []move{{"compile", 0}}
	for len(life) < moves {
		life = append(life, move{kinds[rng.IntN(len(kinds))], rng.Uint64N(1 << 32)})
	}
	return append(life, move{"compile", 0})
}

func printLife(life []move) string {
	words := make([]string, len(life))
	for i, m := range life {
		words[i] = m.String()
	}
	return strings.Join(words, " ")
}

func parseLife(t *testing.T, text string) []move {
	var life []move
	for _, word := range strings.Fields(text) {
		kind, seed, _ := strings.Cut(word, "/")
		n, err := strconv.ParseUint(seed, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		life = append(life, move{kind, n})
	}
	return life
}

// live makes the moves. The error is the invariant that does not hold after move n.
func live(t *testing.T, life []move) (n int, err error) {
	p := &player{scene: newScene(t)}
	p.write("topology.yaml", p.shape.text())
	for n, m := range life {
		p.log = ""
		if err := p.make(m); err != nil {
			return n, fmt.Errorf("%s: %s: %w\nthe topology says %s", m, p.log, err, p.shape)
		}
		if os.Getenv("RELAYFORM_LIFE") != "" {
			t.Logf("%d: %s: %s", n, m, p.log)
		}
	}
	return len(life), nil
}

// shorten removes moves that a failure does not need.
func shorten(t *testing.T, life []move, err error) ([]move, int, error) {
	last := len(life) - 1
	for size := len(life) / 2; size > 0; size /= 2 {
		for from := 0; from+size < len(life); {
			fewer := slices.Concat(life[:from], life[from+size:])
			if n, e := live(t, fewer); e != nil {
				life, last, err = fewer[:n+1], n, e
			} else {
				from += size
			}
		}
	}
	return life, last, err
}

// player is a scene with a model of the expected state.
type player struct {
	*scene
	private map[string]string // what the store contained after the last move
	settled shape             // the topology of the last successful compile
	clean   bool              // nothing was edited or interrupted since
	named   bool              // the authority was edited since
	began   time.Time
	log     string // description of the move
}

// kinds are the moves; frequent ones are listed several times.
var kinds = []string{
	"edit", "edit", "edit", "rotate", "rotate", "seal", "seal", "store", "store", "clock",
	"compile", "compile", "compile", "compile", "renew", "renew", "unlock", "unlock", "gc",
	"refused", "restore",
}

// make makes a move, and checks the invariants.
func (p *player) make(m move) error {
	if p.began.IsZero() {
		p.began = p.now
	}
	rng := rand.New(rand.NewPCG(m.seed, 1))
	p.env = p.testProject.env()
	p.warned = nil
	removed := func(string) bool { return false }
	var err error
	switch m.kind {
	case "compile":
		err = p.compiles(rng, m.seed == 0)
	case "renew":
		err = p.renews(rng)
	case "unlock":
		err = p.unlocks(rng)
	case "gc":
		removed = p.orphan
		err = p.collects(rng)
	case "refused":
		err = p.refuses(rng)
	case "restore":
		err = p.restores()
	default:
		p.edits(m.kind, rng)
	}
	if err != nil {
		return err
	}
	plain, err := p.plainFiles()
	if err != nil {
		return err
	}
	if p.shape.sealed() && p.settled.sealed() && p.clean && len(plain) > 0 {
		return fmt.Errorf("in a sealed store: %v", plain)
	}
	now, err := p.sound(p.private, removed)
	p.private = now
	return errors.Join(err, p.concealed())
}

// plainFiles returns the plain keys and tokens in the store.
func (p *player) plainFiles() ([]string, error) {
	var plain []string
	err := p.storeFiles(func(name string, _ []byte) error {
		if ext := filepath.Ext(name); ext == ".key" || ext == ".token" {
			plain = append(plain, name)
		}
		return nil
	})
	return plain, err
}
