package gitops

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"relayform/compiler/folder"
)

// Complete notes the digest of a cluster's folder, which holds all that its engine reads.
func (w *Writer) Complete(cluster string, files []folder.File) {
	sorted := slices.SortedFunc(slices.Values(files), func(a, b folder.File) int { return strings.Compare(a.Name, b.Name) })
	h := sha256.New()
	for _, f := range sorted {
		sum := sha256.Sum256(f.Data)
		h.Write([]byte(f.Name + "\x00"))
		h.Write(sum[:])
	}
	w.artifacts = append(append(append(append(w.artifacts, cluster...), ' '), hex.EncodeToString(h.Sum(nil))...), '\n')
}

// Artifacts are the clusters whose folders are complete, a line each with its digest: a pipeline pushes those of which the line
// has changed.
func (w *Writer) Artifacts() []byte { return w.artifacts }
