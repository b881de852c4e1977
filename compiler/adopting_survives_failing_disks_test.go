package compiler

import (
	"errors"
	"os"
	"testing"

	"relayform/compiler/adopt"
)

// TestAdoptingSurvivesADiskThatFails fails each change in turn. There is then no project, or a complete one; adopted again, it is the
// clusters' mesh, and a compile issues nothing.
func TestAdoptingSurvivesADiskThatFails(t *testing.T) {
	t.Parallel()
	dir := hostileMesh(t, "", nil)
	for _, name := range []string{"eks-mgmt", "eks-edge-1", "eks-edge-2"} {
		path := dir + "/" + name + ".yaml"
		text := dropSecret(string(read(t, path)), "relay-identity-token-secret")
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	step := 3
	if everyCase() {
		step = 1
	}
	for n, over := 1, false; !over; n += step {
		s := newTestProject(t)
		env, changes := s.env(), 0
		env.Disk = func(op, path string, change func() error) error {
			if op == "sync" {
				return nil
			}
			if changes++; changes == n {
				return errors.New("the disk fails")
			}
			return change()
		}
		_, err := Adopt(t.Context(), s.project, env, Adoption{From: []string{dir}})
		if over = changes < n; over != (err == nil) {
			t.Fatalf("change %d of %d: %v", n, changes, err)
		}
		_, statErr := os.Lstat(s.project.Topology)
		if statErr != nil {
			if _, err := s.adopted(dir, adopt.Answers{}); err != nil {
				t.Errorf("change %d failed; adopted again: %v", n, err)
				continue
			}
		}
		r, err := Compile(s.project, s.env(), Options{})
		if err != nil || len(r.Issued) > 0 || len(r.Missing) > 0 {
			t.Errorf("change %d failed; compiled: %v, %v", n, r, err)
		}
		if over && n < 8 {
			t.Errorf("only %d changes", n)
		}
	}
}
