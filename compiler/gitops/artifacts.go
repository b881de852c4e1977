package gitops

import (
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strings"

	"relayform/compiler/folder"
)

// Complete records the digest of a cluster's folder, which contains everything that its engine reads.
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

// Artifacts lists the clusters with complete folders, one line each with its digest: a pipeline pushes those whose line has changed.
func (w *Writer) Artifacts() []byte { return w.artifacts }
