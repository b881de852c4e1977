package compiler

import (
	"maps"
	"path"
	"slices"
	"strings"
	"testing"
)

// ground is the last layer of packages drawn without arrows: everything above may import them.
const ground = 6

// TestPictureShowsTheRooms compares README.md's diagram with the layers and imports: it shows every package, and there is a path of arrows
// from each package to those that it imports.
func TestPictureShowsTheRooms(t *testing.T) {
	_, picture, found := strings.Cut(string(read(t, "README.md")), "\n```mermaid\n")
	picture, _, closed := strings.Cut(picture, "\n```\n")
	if !found || !closed {
		t.Fatal("README.md has no picture")
	}
	drawn, shown := map[string][]string{}, map[string]bool{}
	for line := range strings.Lines(picture) {
		from, to, isArrow := strings.Cut(strings.TrimSpace(line), " --> ")
		names := strings.Split(from, " & ")
		if isArrow {
			drawn[from] = strings.Split(to, " & ")
			names = append(names, drawn[from]...)
		}
		for _, name := range names {
			shown[name] = true
		}
	}
	imports, rooms := importsOfTheHouse(t), map[string]bool{}
	for i, packages := range floors {
		for _, p := range packages {
			if !shown[path.Base(p)] {
				t.Errorf("the picture does not show %s", p)
			}
			rooms[path.Base(p)] = i >= ground
		}
	}
	made := map[string][]string{}
	for p, imported := range imports {
		for _, q := range imported {
			if rooms[path.Base(q)] {
				made[path.Base(p)] = append(made[path.Base(p)], path.Base(q))
			}
		}
	}
	for name := range rooms {
		want, have := reached(made, name), reached(drawn, name)
		for _, other := range slices.Sorted(maps.Keys(want)) {
			if !have[other] {
				t.Errorf("%s stands on %s; the picture has no way from one to the other", name, other)
			}
		}
		for _, other := range slices.Sorted(maps.Keys(have)) {
			if !want[other] {
				t.Errorf("the picture leads from %s to %s, which it does not stand on", name, other)
			}
		}
	}
}

// reached returns everything that arrows point to, transitively.
func reached(arrows map[string][]string, from string) map[string]bool {
	all := map[string]bool{}
	for next := []string{from}; len(next) > 0; next = next[1:] {
		for _, to := range arrows[next[0]] {
			if !all[to] {
				all[to] = true
				next = append(next, to)
			}
		}
	}
	return all
}
