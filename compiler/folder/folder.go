// Package folder guards the directories that relayform owns: it writes into none that it did not
// make, follows no symbolic link out of them, removes nothing that it did not put there, and replaces
// files as a whole, those beside the topology, too.
package folder

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Marker is the file by which relayform knows a folder of its own.
const Marker = ".relayform"

const unfinished = "state: unfinished\n"

// Kind is what a folder is for, and who may read it.
type Kind struct {
	Name     string // as the marker says it
	Flag     string // the flag that chooses another folder
	DirMode  fs.FileMode
	FileMode fs.FileMode
	Durable  bool // flushed to disk before it counts as written
}

// The folders of a topology.
var (
	Build = Kind{Name: "build", Flag: "--out", DirMode: 0o755, FileMode: 0o644}
	Keys  = Kind{Name: "keys", Flag: "--keys", DirMode: 0o700, FileMode: 0o600, Durable: true}
	// Unlocked is where the private half of a sealed key store lies in plain, below the store.
	Unlocked = Kind{Name: "unlocked", Flag: "--keys", DirMode: 0o700, FileMode: 0o600}
)

// Disk makes the changes to the file system, one at a time: it is told which, and calls change for
// it. Nil stands for one that does no more; a test's fails.
type Disk func(op, path string, change func() error) error

// Do makes one change. Its error begins with the path.
func (d Disk) Do(op, path string, change func() error) error {
	err := error(nil)
	if d == nil {
		err = change()
	} else {
		err = d(op, path, change)
	}
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s: %w", path, op, Cause(err))
}

// Cause is what went wrong with a file, without its name, which is relative to a folder or not there any more.
func Cause(err error) error {
	var at *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &at):
		return at.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// Folder is a directory of relayform's.
type Folder struct {
	Path string
	Disk Disk
	// Ahead is what was read already; nil for nothing.
	Ahead   *Ahead
	kind    Kind
	mark    string
	root    *os.Root
	scratch string // this run's own place in the staging folder; empty until it is made
}

// Open checks that the directory at dir is one of relayform's for the topology, and opens it. It
// makes nothing: where the directory is missing or empty, Exists is false until Create.
func Open(dir string, kind Kind, topology string) (*Folder, error) {
	f := &Folder{Path: dir, kind: kind, mark: fmt.Sprintf("# Written by relayform; do not edit.\nfolder: %s\ntopology: %s\nlanguage: relayform/v1\n", kind.Name, topology)}
	info, err := os.Lstat(dir)
	if errors.Is(err, fs.ErrNotExist) {
		return f, nil
	}
	if err != nil {
		return nil, err
	}
	if info.Mode()&fs.ModeSymlink != 0 {
		return nil, fmt.Errorf("%s: a symbolic link; name the folder it points to with %s", dir, kind.Flag)
	}
	if !info.IsDir() {
		return nil, fmt.Errorf("%s: not a folder; choose another with %s", dir, kind.Flag)
	}
	if f.root, err = os.OpenRoot(dir); err != nil {
		return nil, err
	}
	return f, f.checkMarker(topology)
}

func (f *Folder) checkMarker(topology string) error {
	have, err := f.Read(Marker)
	if errors.Is(err, fs.ErrNotExist) {
		entries, err := fs.ReadDir(f.root.FS(), ".")
		if err != nil {
			return err
		}
		// A folder whose making was cut short has what its marker was to be renamed from.
		entries = slices.DeleteFunc(entries, func(e fs.DirEntry) bool { return e.Name() == Staging })
		names := f.Foreign()
		if len(entries) > 0 {
			names = []string{entries[0].Name()}
		}
		if len(names) > 0 {
			return fmt.Errorf("%s: holds %s but no %s, so relayform did not make it and leaves it alone; choose another folder with %s", f.Path, names[0], Marker, f.kind.Flag)
		}
		f.root.Close()
		f.root = nil
		return nil
	}
	if err != nil {
		return fmt.Errorf("%s: %w", filepath.Join(f.Path, Marker), Cause(err))
	}
	text := strings.TrimSuffix(string(have), unfinished)
	if text == f.mark {
		return nil
	}
	for _, want := range strings.Split(f.mark, "\n")[1:] {
		if key, _, ok := strings.Cut(want, ": "); ok && !strings.Contains(text, want+"\n") {
			if key == "topology" {
				return fmt.Errorf("%s: belongs to another topology (%s); choose another folder with %s", f.Path, line(text, "topology: "), f.kind.Flag)
			}
			return fmt.Errorf("%s: its marker says %q, want %q; choose another folder with %s", f.Path, line(text, key+": "), want, f.kind.Flag)
		}
	}
	return nil
}

func line(text, prefix string) string {
	for l := range strings.Lines(text) {
		if strings.HasPrefix(l, prefix) {
			return strings.TrimSpace(l)
		}
	}
	return "nothing of " + strings.TrimSuffix(prefix, ": ")
}

// Exists reports whether the folder has been made.
func (f *Folder) Exists() bool { return f.root != nil }

// Create makes the folder with its marker where it is missing; one that is durable is unfinished until End.
func (f *Folder) Create() error {
	if f.root != nil {
		return nil
	}
	err := f.Disk.Do("create", f.Path, func() error {
		if err := os.MkdirAll(filepath.Dir(f.Path), 0o755); err != nil {
			return err
		}
		if err := os.Mkdir(f.Path, f.kind.DirMode); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		root, err := os.OpenRoot(f.Path)
		if err != nil {
			return err
		}
		f.root = root
		return root.Chmod(".", f.kind.DirMode)
	})
	if err == nil && f.kind.Durable {
		err = f.flush("..")
	}
	if err != nil {
		return err
	}
	if f.kind.Durable { // what counts is elsewhere, and comes later: see End
		return f.Begin()
	}
	return f.End()
}

// Begin notes in the marker that the folder is being written; End notes that it is whole again.
func (f *Folder) Begin() error {
	return f.Write(Marker, []byte(f.mark+unfinished))
}

// End is the counterpart of Begin.
func (f *Folder) End() error { return f.Write(Marker, []byte(f.mark)) }

// Unfinished reports whether a run was cut short between Begin and End.
func (f *Folder) Unfinished() bool {
	b, err := f.Read(Marker)
	return err == nil && bytes.HasSuffix(b, []byte(unfinished))
}

// maxFile is the size, in bytes, of a file that is read; relayform writes none as large.
const maxFile = 256 << 20

// Read is a file's content. The name is slash-separated and below the folder.
func (f *Folder) Read(name string) ([]byte, error) {
	if f.root == nil {
		return nil, &fs.PathError{Op: "open", Path: filepath.Join(f.Path, name), Err: fs.ErrNotExist}
	}
	return ReadBelow(f.root, filepath.FromSlash(name), maxFile)
}

// Same reports whether the file has that content already.
func (f *Folder) Same(name string, data []byte) bool {
	have, err := f.Read(name)
	return err == nil && bytes.Equal(have, data)
}

// Write replaces a file as a whole: readers see the old content or the new. What a run that is cut
// short leaves behind lies in the staging folder, which Sweep removes.
func (f *Folder) Write(name string, data []byte) error {
	if err := f.makeStaging(); err != nil {
		return err
	}
	tmp := path.Join(Staging, newScratch())
	if err := f.create(tmp, data); err != nil {
		return err
	}
	err := f.change("rename", name, func() error {
		return f.root.Rename(filepath.FromSlash(tmp), filepath.FromSlash(name))
	})
	if err != nil {
		return errors.Join(err, f.root.Remove(filepath.FromSlash(tmp)))
	}
	if f.kind.Durable {
		err = f.flush(path.Dir(name))
	}
	return err
}

// change makes a change to an entry of the folder.
func (f *Folder) change(op, name string, do func() error) error {
	return f.Disk.Do(op, filepath.Join(f.Path, filepath.FromSlash(name)), do)
}

// create writes a file that is not there yet.
func (f *Folder) create(name string, data []byte) error {
	at := filepath.FromSlash(name)
	do := func(op string, step func() error) error { return f.change(op, name, step) }
	open := func() (*os.File, error) { return f.root.OpenFile(at, newFile, f.kind.FileMode) }
	return create(do, open, func() error { return f.root.Remove(at) }, data, nil, f.kind.Durable)
}

// Mkdir makes a folder below, with those above it.
func (f *Folder) Mkdir(name string) error {
	if info, err := f.root.Stat(filepath.FromSlash(name)); err == nil && info.IsDir() {
		return nil
	}
	err := f.change("create", name, func() error { return f.root.MkdirAll(filepath.FromSlash(name), f.kind.DirMode) })
	if err == nil && f.kind.Durable { // a file in it counts after a loss of power only where the folder does
		err = f.flush(path.Dir(name))
	}
	return err
}

// FS is the folder for reading; nil where it does not exist.
func (f *Folder) FS() fs.FS {
	if f.root == nil {
		return nil
	}
	return f.root.FS()
}

// Restrict gives an entry the mode that the folder's kind wants.
func (f *Folder) Restrict(name string) error {
	info, err := f.root.Stat(filepath.FromSlash(name))
	if err != nil {
		return err
	}
	mode := f.kind.FileMode
	if info.IsDir() {
		mode = f.kind.DirMode
	}
	return f.change("chmod", name, func() error { return f.root.Chmod(filepath.FromSlash(name), mode) })
}
