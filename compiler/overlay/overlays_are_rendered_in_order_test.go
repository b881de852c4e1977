package overlay

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"relayform/compiler/folder"
)

// many returns a workspace of that many overlays, of which every fifth does not build.
func many(count int) (w *Workspace, names []string) {
	var files []folder.File
	for i := range count {
		name := fmt.Sprintf("cluster-%03d", i)
		names = append(names, name)
		resources := "namespace.yaml"
		if i%5 == 4 {
			resources = "missing.yaml"
		}
		files = append(files, text(name+"/kustomization.yaml", "resources: ["+resources+"]"),
			text(name+"/namespace.yaml", fmt.Sprintf("{apiVersion: v1, kind: Namespace, metadata: {name: n%d}}", i)))
	}
	return NewWorkspace("/build", NewTree(files)), names
}

// TestRenderEachVisitsInOrder renders more overlays than are rendered ahead.
func TestRenderEachVisitsInOrder(t *testing.T) {
	w, names := many(100)
	next := 0
	err := RenderEach(w, names, func(i int, r *Rendered, err error) string {
		if err != nil {
			return "error"
		}
		return r.resources.Resources()[0].GetName()
	}, func(i int, made string) error {
		want := fmt.Sprintf("n%d", i)
		if i%5 == 4 {
			want = "error"
		}
		if i != next || made != want {
			t.Errorf("visit %d is of overlay %d: %s, want %s", next, i, made, want)
		}
		next++
		return nil
	})
	if err != nil || next != len(names) {
		t.Errorf("%d visits: %v", next, err)
	}
}

// TestRenderEachEndsWithTheFirstError returns an error from a visit.
func TestRenderEachEndsWithTheFirstError(t *testing.T) {
	w, names := many(100)
	stop, visits := errors.New("stop"), 0
	err := RenderEach(w, names, func(int, *Rendered, error) int { return 0 }, func(i, _ int) error {
		if visits++; i == 30 {
			return stop
		}
		return nil
	})
	if err != stop || visits != 31 {
		t.Errorf("%d visits: %v", visits, err)
	}
}

// TestAlikeAreThoseWithOneKustomization groups overlays of which the second differs.
func TestAlikeAreThoseWithOneKustomization(t *testing.T) {
	tree := NewTree([]folder.File{
		text("a/kustomization.yaml", "1"), text("b/kustomization.yaml", "2"), text("c/kustomization.yaml", "1"), text("c/values.yaml", "1"),
	})
	want := [][]int{{0, 2}, {1}}
	if got := tree.Alike([]string{"a", "b", "c"}); !slices.EqualFunc(got, want, slices.Equal) {
		t.Errorf("got %v, want %v", got, want)
	}
}
