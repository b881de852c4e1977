// Package folder protects the directories that relayform owns: it writes only into those that it created, follows no symbolic link out of
// them, removes nothing that it did not write, and replaces files atomically, including those next to the topology.
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

// Marker is the file by which relayform recognizes its own folders.
const Marker = ".relayform"

const unfinished = "state: unfinished\n"

// Kind is a folder's purpose and permissions.
type Kind struct {
	Name     string // as in the marker
	Flag     string // the flag that selects a different folder
	DirMode  fs.FileMode
	FileMode fs.FileMode
	Durable  bool // flushed to disk when written
}

// The folders of a topology.
var (
	Build = Kind{Name: "build", Flag: "--out", DirMode: 0o755, FileMode: 0o644}
	Keys  = Kind{Name: "keys", Flag: "--keys", DirMode: 0o700, FileMode: 0o600, Durable: true}
	// Unlocked is the folder in an encrypted key store with its decrypted private values.
	Unlocked = Kind{Name: "unlocked", Flag: "--keys", DirMode: 0o700, FileMode: 0o600}
)

// Disk makes the changes to the file system, one at a time: it gets a description, and calls change. A nil Disk only calls change; a test's
// may fail.
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

// Cause returns an error's cause without its file name, which is relative to a folder or outdated.
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

// Folder is a directory that relayform owns.
type Folder struct {
	Path string
	Disk Disk
	// Ahead is what was read ahead, or nil.
	Ahead   *Ahead
	kind    Kind
	mark    string
	root    *os.Root
	scratch string // this run's folder in the staging folder; empty until created
}

// Open checks that the directory at dir is relayform's and belongs to the topology, and opens it. It creates nothing: if the directory is
// missing or empty, Exists is false until Create.
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
		// If creation was interrupted, the marker is still in the staging folder.
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

// Exists reports whether the folder has been created.
func (f *Folder) Exists() bool { return f.root != nil }

// Create creates the folder and its marker if missing; a durable one is unfinished until End.
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
	if f.kind.Durable { // finished later, when what matters exists elsewhere: see End
		return f.Begin()
	}
	return f.End()
}

// Begin records in the marker that the folder is being written; End records that it is complete.
func (f *Folder) Begin() error {
	return f.Write(Marker, []byte(f.mark+unfinished))
}

// End is the counterpart of Begin.
func (f *Folder) End() error { return f.Write(Marker, []byte(f.mark)) }

// Unfinished reports whether a run was interrupted between Begin and End.
func (f *Folder) Unfinished() bool {
	b, err := f.Read(Marker)
	return err == nil && bytes.HasSuffix(b, []byte(unfinished))
}

// maxFile is the maximum size, in bytes, of a file that is read; relayform writes no larger ones.
const maxFile = 256 << 20

// Read returns a file's content. The name is slash-separated and relative to the folder.
func (f *Folder) Read(name string) ([]byte, error) {
	if f.root == nil {
		return nil, &fs.PathError{Op: "open", Path: filepath.Join(f.Path, name), Err: fs.ErrNotExist}
	}
	return ReadBelow(f.root, filepath.FromSlash(name), maxFile)
}

// Same reports whether the file already has this content.
func (f *Folder) Same(name string, data []byte) bool {
	have, err := f.Read(name)
	return err == nil && bytes.Equal(have, data)
}

// Write replaces a file atomically. An interrupted run leaves its temporary file in the staging folder, which Sweep removes.
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

// change changes an entry of the folder.
func (f *Folder) change(op, name string, do func() error) error {
	return f.Disk.Do(op, filepath.Join(f.Path, filepath.FromSlash(name)), do)
}

// create creates a file that does not exist yet.
func (f *Folder) create(name string, data []byte) error {
	at := filepath.FromSlash(name)
	do := func(op string, step func() error) error { return f.change(op, name, step) }
	open := func() (*os.File, error) { return f.root.OpenFile(at, newFile, f.kind.FileMode) }
	return create(do, open, func() error { return f.root.Remove(at) }, data, nil, f.kind.Durable)
}

// Mkdir creates a folder and its parents.
func (f *Folder) Mkdir(name string) error {
	if info, err := f.root.Stat(filepath.FromSlash(name)); err == nil && info.IsDir() {
		return nil
	}
	err := f.change("create", name, func() error { return f.root.MkdirAll(filepath.FromSlash(name), f.kind.DirMode) })
	if err == nil && f.kind.Durable { // files in it survive a loss of power only if the folder does
		err = f.flush(path.Dir(name))
	}
	return err
}

// FS returns the folder for reading; nil if it does not exist.
func (f *Folder) FS() fs.FS {
	if f.root == nil {
		return nil
	}
	return f.root.FS()
}

// Restrict gives an entry the mode for the folder's kind.
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
