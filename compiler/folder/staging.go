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

// Staging is where files and folders are put together before they take the place of the old ones. It is
// there only while a folder is written, or where a run was cut short. What relayform puts there has
// names that nobody else takes; what has others is not its own.
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

// makeScratch makes a place of this run's own in the staging folder, after it has removed those of runs
// that were cut short.
func (f *Folder) makeScratch() error {
	if err := errors.Join(f.Sweep(), f.makeStaging()); err != nil {
		return err
	}
	f.scratch = path.Join(Staging, newScratch())
	return f.change("create", f.scratch, func() error { return f.root.Mkdir(filepath.FromSlash(f.scratch), f.kind.DirMode) })
}

// Sweep removes what a run that was cut short left behind, and nothing else.
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

// Foreign is what lies in place of the staging folder, or in it, and is not relayform's. The names
// are slash-separated, from the folder on.
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
		return nil, nil // another run took its own away since
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
