// Package project knows where a topology's files are and how commands name them, and ensures that only one relayform changes them at a
// time.
package project

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
	"relayform/compiler/overlay"
	"relayform/compiler/plan"
	"relayform/schema"
	"relayform/schema/diag"
	"relayform/schema/source"
)

// Project is the paths of a topology's files, as the user names them.
type Project struct {
	Topology string // a file
	Lock     string // a file next to it
	Sealed   string // a file next to it: encrypted private values for those who receive them from git
	Build    string // a folder
	Keys     string // a folder
}

// New returns the project of a topology file. Empty folders default to build and keys next to the file.
func New(topology, build, keys string) Project {
	dir, name := filepath.Split(topology)
	p := Project{Topology: topology, Build: build, Keys: keys}
	stem := dir + strings.TrimSuffix(strings.TrimSuffix(name, ".yaml"), ".yml")
	p.Lock, p.Sealed = stem+".lock.yaml", stem+".sealed.yaml"
	if p.Build == "" {
		p.Build = dir + "build"
	}
	if p.Keys == "" {
		p.Keys = dir + "keys"
	}
	p.Build, p.Keys = filepath.Clean(p.Build), filepath.Clean(p.Keys)
	return p
}

// Committed returns the files and folders to commit, as the user names them.
func (p Project) Committed(plan *plan.Plan) []string {
	paths := []string{p.Topology, p.Lock, p.Build}
	if plan.InGit() != nil {
		paths = append(paths, p.Sealed)
	}
	if len(plan.EncryptTo) > 0 {
		paths = append(paths, p.Keys)
	}
	return paths
}

// Overlay returns the path of an overlay, or another part of the build folder, for kubectl.
func (p Project) Overlay(name string) string {
	return overlay.Local(filepath.Join(p.Build, filepath.FromSlash(name)))
}

func (p Project) Dir() string { return filepath.Dir(p.Topology) }

func (p Project) openRoot() (*os.Root, error) { return os.OpenRoot(p.Dir()) }

func (p Project) ReadTopology() ([]byte, error) {
	path, err := p.TopologyFile()
	if err != nil {
		return nil, err
	}
	text, err := folder.ReadOwn(path, source.MaxBytes)
	var kind *folder.KindError
	switch {
	case errors.Is(err, fs.ErrNotExist) && p.Topology == DefaultTopology:
		return nil, fmt.Errorf("%s: no such file here, or in a folder above; name the topology file, or write one with relayform init", p.Topology)
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("%s: no such file", p.Topology)
	case errors.As(err, &kind):
		return nil, fmt.Errorf("%s: %s; want a topology file", p.Topology, kind.Noun())
	}
	return text, tooLarge(p.Topology, err)
}

// TopologyFile returns the path at which the topology is read and written, following a symbolic link within its folder. Faults quote the
// file's content, so a link must not point anywhere else, nor to a key.
func (p Project) TopologyFile() (string, error) {
	info, err := os.Lstat(p.Topology)
	if err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return p.Topology, nil // reading it will report the fault
	}
	target, err := filepath.EvalSymlinks(p.Topology)
	if err != nil { // do not reveal the link's target
		return "", fmt.Errorf("%s: a symbolic link that points to no file", p.Topology)
	}
	dir, err := folder.Real(p.Dir())
	if err != nil {
		return "", err
	}
	keys, err := folder.Real(p.Keys)
	if err != nil {
		return "", err
	}
	if target, err = folder.Real(target); err != nil {
		return "", err
	}
	if !folder.Inside(dir, target) || folder.Inside(keys, target) {
		return "", fmt.Errorf("%s: a symbolic link that points outside its folder, which is not followed; name the file that it points to", p.Topology)
	}
	return target, nil
}

// tooLarge returns a fault for a file that exceeds the limit, and any other error unchanged.
func tooLarge(path string, err error) error {
	var size *folder.SizeError
	if !errors.As(err, &size) {
		return err
	}
	return diag.List{{Pos: diag.Pos{File: path}, Fault: *diag.LimitExceeded.Fault(source.TooLarge(size.Size), "")}}
}

func (p Project) lockText() ([]byte, error) { return folder.ReadOwn(p.Lock, source.MaxBytes) }

// ReadLock returns the lockfile, or an empty one if there is no file.
func (p Project) ReadLock(plan *plan.Plan) (*lockfile.File, error) {
	topology := plan.Name
	text, err := p.lockText()
	var kind *folder.KindError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &lockfile.File{Topology: topology}, nil
	case errors.As(err, &kind):
		return nil, fmt.Errorf("%s: %s; want a file, which relayform replaces as a whole: put the lockfile itself in its place", p.Lock, kind.Noun())
	case err != nil:
		return nil, tooLarge(p.Lock, err)
	}
	l, err := lockfile.Parse(p.Lock, text, plan.Product)
	if err != nil {
		return nil, err
	}
	if l.Topology != topology && topology != "" {
		return nil, diag.List{plan.Doc.Fault([]string{"name"}, diag.LockMismatch.Fault(
			fmt.Sprintf("the lockfile %s belongs to the topology %s; a topology keeps its name, as its certificates carry it", filepath.Base(p.Lock), l.Topology),
			"write "+l.Topology+" again; for another mesh, put this file into another folder"))}
	}
	return p.readSealed(l)
}

// readSealed adds the encrypted private values from the file next to the lockfile.
func (p Project) readSealed(l *lockfile.File) (*lockfile.File, error) {
	text, err := folder.ReadOwn(p.Sealed, source.MaxBytes)
	var kind *folder.KindError
	switch {
	case errors.Is(err, fs.ErrNotExist), l.Topology == "": // it is unknown whose records these are
		return l, nil
	case errors.As(err, &kind):
		return nil, fmt.Errorf("%s: %s; want a file, which relayform replaces as a whole", p.Sealed, kind.Noun())
	case err != nil:
		return nil, tooLarge(p.Sealed, err)
	}
	return l.ReadSealed(p.Sealed, text)
}

// WriteSealed replaces the file of encrypted private values atomically, or removes it if there are none.
func (p Project) WriteSealed(l *lockfile.File, disk folder.Disk) error {
	have, err := folder.ReadOwn(p.Sealed, source.MaxBytes)
	there := !errors.Is(err, fs.ErrNotExist)
	switch text := l.MarshalSealed(); {
	case text == nil && !there, err == nil && bytes.Equal(have, text):
		return nil
	case text == nil:
		return folder.RemoveFile(disk, p.Sealed)
	default:
		return folder.WriteFile(disk, p.Sealed, text)
	}
}

// Loads checks that a lockfile can be loaded again before it is written: otherwise the mesh would be left without a lockfile.
func (p Project) Loads(plan *plan.Plan, l *lockfile.File) error {
	text, err := l.Marshal()
	if err != nil {
		return err
	}
	if len(text) > source.MaxBytes {
		return fmt.Errorf("%s: nothing was written: %s", p.Lock, source.TooLarge(int64(len(text))))
	}
	_, err = lockfile.Parse(p.Lock, text, plan.Product)
	if sealed := l.MarshalSealed(); err == nil && sealed != nil {
		_, err = l.ReadSealed(p.Sealed, sealed)
	}
	if err != nil {
		return fmt.Errorf("%s: nothing was written, as what would be written is inconsistent: %w", p.Lock, err)
	}
	return nil
}

// WriteLock replaces the lockfile atomically: this is what puts new certificates in use.
func (p Project) WriteLock(l *lockfile.File, disk folder.Disk) error {
	text, err := l.Marshal()
	if err != nil {
		return err
	}
	return folder.WriteFile(disk, p.Lock, text)
}

// Tidy removes leftovers of interrupted runs next to the topology.
func (p Project) Tidy(disk folder.Disk) error {
	topology, err := p.TopologyFile()
	if err != nil {
		return err
	}
	if filepath.Dir(topology) == filepath.Dir(p.Lock) {
		return folder.Tidy(disk, p.Lock, p.Sealed, topology)
	}
	return errors.Join(folder.Tidy(disk, p.Lock, p.Sealed), folder.Tidy(disk, topology))
}

// Separate refuses a build folder inside the key store and vice versa: build/ is committed, keys/ must not be.
func (p Project) Separate() error {
	build, err := folder.Real(p.Build)
	if err != nil {
		return err
	}
	keys, err := folder.Real(p.Keys)
	if err != nil {
		return err
	}
	if folder.Inside(build, keys) || folder.Inside(keys, build) {
		return fmt.Errorf("%s and %s are one inside the other; one is committed, the other must never be: choose others with --out and --keys", p.Build, p.Keys)
	}
	return nil
}

// Plan resolves a topology's text; with faults there may still be a plan of the rest.
func (p Project) Plan(text []byte) (*plan.Plan, error) {
	guard := p.Guard()
	topology, doc, err := schema.ParseTopology(p.Topology, text, guard.Digests...)
	if doc == nil {
		return nil, err
	}
	root, err := p.openRoot()
	if err != nil {
		return nil, err
	}
	defer root.Close()
	return plan.Resolve(topology, doc, root, guard)
}

// Guard recognizes a project's private values by the text of its lockfile, however faulty.
func (p Project) Guard() plan.Guard {
	g := plan.Guard{Dir: p.Dir()}
	text, _ := p.lockText() // their faults are reported where they matter
	g.Digests = lockfile.Digests(text)
	g.Keys, _ = folder.Real(p.Keys)
	return g
}
