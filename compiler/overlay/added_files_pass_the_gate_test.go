package overlay

import (
	"testing"

	"relayform/compiler/folder"
)

// TestAddedFilesPassTheGate adds a user's component to an overlay: one that would be fetched is reported, not silently dropped.
func TestAddedFilesPassTheGate(t *testing.T) {
	w := NewWorkspace("/build", Tree{text("a/kustomization.yaml", "components: [../../theirs]\n")})
	if err := w.Add("/theirs", []folder.File{{Name: "kustomization.yaml", Data: []byte("kind: Component\nresources: [https://example.com/x]\n")}}); err == nil {
		t.Error("what would be fetched is taken")
	}
	if _, err := w.Render("a"); err == nil {
		t.Error("what was refused is built")
	}
	if err := w.Add("/theirs", []folder.File{{Name: "kustomization.yaml", Data: []byte("kind: Component\n")}}); err != nil {
		t.Error(err)
	}
}
