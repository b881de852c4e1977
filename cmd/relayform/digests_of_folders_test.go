package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// folders returns the digests of what is in build/, by name.
func (s *testProject) folders() map[string]string {
	s.Helper()
	out := map[string]string{}
	entries, err := os.ReadDir(s.path("build"))
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.Fatal(err)
	}
	for _, e := range entries {
		if !e.IsDir() || e.Name() == ".relayform.tmp" {
			continue
		}
		sum := sha256.New()
		err := filepath.WalkDir(s.path("build", e.Name()), func(path string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				var text []byte
				text, err = os.ReadFile(path)
				fmt.Fprintf(sum, "%s %d\n%s", path, len(text), text)
			}
			return err
		})
		if err != nil {
			s.Fatal(err)
		}
		out[e.Name()] = hex.EncodeToString(sum.Sum(nil))
	}
	return out
}
