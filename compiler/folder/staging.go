package folder

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
)

// Staging is where files and folders are prepared before they replace the old ones. It exists only while a folder is written, or after an
// interrupted run. Names that relayform creates there are unique; all others are foreign.
const Staging = ".relayform.tmp"

const scratchPrefix = "tmp-"

func newScratch() string { return scratchPrefix + rand.Text() }

func isScratch(name string) bool {
	rest, ok := strings.CutPrefix(name, scratchPrefix)
	return ok && isRandom(rest)
}

func (f *Folder) makeStaging() error {
	info, err := f.root.Lstat(Staging)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return f.change("create", Staging, func() error { return f.root.Mkdir(Staging, f.kind.DirMode) })
	case err != nil:
		return err
	case !info.IsDir():
		return fmt.Errorf("%s: not written by relayform, which makes a folder of this name while it writes; move it elsewhere", filepath.Join(f.Path, Staging))
	}
	return nil
}

// makeScratch creates this run's folder in the staging folder, after removing those of interrupted runs.
func (f *Folder) makeScratch() error {
	if err := errors.Join(f.Sweep(), f.makeStaging()); err != nil {
		return err
	}
	f.scratch = path.Join(Staging, newScratch())
	return f.change("create", f.scratch, func() error { return f.root.Mkdir(filepath.FromSlash(f.scratch), f.kind.DirMode) })
}

// Sweep removes leftovers of interrupted runs, and nothing else.
func (f *Folder) Sweep() error {
	if f.root == nil {
		return nil
	}
	own, foreign := f.inStaging()
	for _, name := range own {
		if err := f.Remove(name); err != nil {
			return err
		}
	}
	if info, err := f.root.Lstat(Staging); err != nil || !info.IsDir() || len(foreign) > 0 {
		return nil
	}
	return f.change("remove", Staging, func() error { return f.root.Remove(Staging) })
}

// Foreign returns what is in the staging folder, or in its place, but is not relayform's. The names are slash-separated and relative to the
// folder.
func (f *Folder) Foreign() []string {
	_, foreign := f.inStaging()
	return foreign
}

func (f *Folder) inStaging() (own, foreign []string) {
	if f.root == nil {
		return nil, nil
	}
	info, err := f.root.Lstat(Staging)
	if err != nil {
		return nil, nil
	}
	entries, err := fs.ReadDir(f.root.FS(), Staging)
	if errors.Is(err, fs.ErrNotExist) && info.IsDir() {
		return nil, nil // another run has removed its own
	}
	if err != nil || !info.IsDir() {
		return nil, []string{Staging}
	}
	for _, e := range entries {
		if name := path.Join(Staging, e.Name()); isScratch(e.Name()) {
			own = append(own, name)
		} else {
			foreign = append(foreign, name)
		}
	}
	return own, foreign
}
