package main

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"strings"

	"relayform/compiler"
)

// stateInGit returns the state of files in git. Each file is looked up from its own folder, which may be in another repository. Without
// git, or outside a repository, a file has no state.
func stateInGit(paths []string) map[string]compiler.InGit {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil
	}
	states := map[string]compiler.InGit{}
	for _, dir := range foldersOf(paths) {
		var names []byte
		for _, p := range paths {
			if filepath.Dir(p) == dir {
				names = append(append(names, "./"+filepath.Base(p)...), 0)
			}
		}
		tracked, err := exec.Command(git, append([]string{"--literal-pathspecs", "-C", dir, "ls-files", "-z", "--"}, strings.FieldsFunc(string(names), isNul)...)...).Output()
		if err != nil {
			continue // no repository, or one that git cannot read
		}
		check := exec.Command(git, "-C", dir, "check-ignore", "-z", "--stdin")
		check.Stdin = bytes.NewReader(names)
		ignored, err := check.Output()
		if exit := (*exec.ExitError)(nil); err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1) { // 1: no file is ignored
			continue
		}
		for _, p := range paths {
			if filepath.Dir(p) == dir {
				states[p] = compiler.Taken
			}
		}
		for _, name := range strings.FieldsFunc(string(ignored), isNul) {
			states[filepath.Join(dir, name)] = compiler.Ignored
		}
		for _, name := range strings.FieldsFunc(string(tracked), isNul) {
			states[filepath.Join(dir, name)] = compiler.Tracked
		}
	}
	return states
}

// foldersOf returns the folders of files, each once, in order.
func foldersOf(paths []string) []string {
	var dirs []string
	seen := map[string]bool{}
	for _, p := range paths {
		if dir := filepath.Dir(p); !seen[dir] {
			seen[dir], dirs = true, append(dirs, dir)
		}
	}
	return dirs
}

func isNul(r rune) bool { return r == 0 }
