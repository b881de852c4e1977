package compiler

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// unchangedBy checks that an operation changes nothing.
func (s *testProject) unchangedBy(what string, do func() error) error {
	before, err := s.bytes()
	if err != nil {
		return err
	}
	if err := do(); err != nil {
		return fmt.Errorf("%s: %w", what, err)
	}
	return s.sameAs(what, before)
}

func (s *testProject) sameAs(what string, before map[string]string) error {
	after, err := s.bytes()
	for name, text := range after {
		if have, was := before[name]; !was || have != text {
			err = errors.Join(err, fmt.Errorf("%s changes %s", what, name))
		}
	}
	for name := range before {
		if _, is := after[name]; !is && !strings.HasSuffix(name, ".held") { // left by its killed holder
			err = errors.Join(err, fmt.Errorf("%s removes %s", what, name))
		}
	}
	return err
}

// bytes returns every file in the project, by path.
func (s *testProject) bytes() (map[string]string, error) {
	files := map[string]string{}
	err := filepath.WalkDir(filepath.Dir(s.project.Topology), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		text, err := os.ReadFile(path)
		files[path] = string(text)
		return err
	})
	return files, err
}
