package compiler

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
)

// story is a whole root rotation as its reviewers see it, with a folder in fixtures/rotation/story for each change of the topology.
var story = []struct{ name, rotation string }{
	{"0-before", ""},
	{"1-distribute", "distribute"},
	{"2-issue", "issue"},
	{"3-drain", "drain"},
	{"4-retire", "retire, agentsReissued: true"},
	{"5-after", ""},
}

// TestStoryOfARotation compiles a rotation phase by phase, only from the lockfiles, and compares the diff of each with golden/story: the
// change of the topology, then that of the build folder.
func TestStoryOfARotation(t *testing.T) {
	dir := "../fixtures/rotation/story"
	s := newTestProject(t)
	var before []byte
	diffs := map[string][]byte{}
	for _, chapter := range story {
		from := filepath.Join(dir, chapter.name)
		if _, err := os.Stat(from); *update && errors.Is(err, fs.ErrNotExist) {
			tell(t, dir)
		}
		topology := read(t, filepath.Join(from, "topology.yaml"))
		s.write("topology.yaml", topology)
		s.write("topology.lock.yaml", read(t, filepath.Join(from, "topology.lock.yaml")))
		if before != nil {
			r, err := Compile(s.project, s.env(), Options{Locked: true, Check: true})
			if err != nil {
				t.Fatal(err)
			}
			diffs[chapter.name+".diff"] = append(diff.Diff("a/topology.yaml", before, "b/topology.yaml", topology),
				bytes.ReplaceAll(r.Diff, []byte(filepath.Dir(s.project.Topology)+"/"), nil)...)
		}
		before = topology
		if _, err := Compile(s.project, s.env(), Options{Locked: true}); err != nil {
			t.Fatal(err)
		}
	}
	golden(t, "../golden/story", diffs)
}

// tell writes the story's topologies and lockfiles.
func tell(t *testing.T, dir string) {
	t.Helper()
	s := newTestProject(t)
	for _, chapter := range story {
		s.compile(own(chapter.rotation))
		for _, file := range []string{s.project.Topology, s.project.Lock} {
			to := filepath.Join(dir, chapter.name, filepath.Base(file))
			if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(to, read(t, file), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
}
