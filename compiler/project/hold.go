package project

import (
	"errors"
	"os"
	"path/filepath"
	"sync"

	"relayform/compiler/folder"
)

// Hold keeps a second relayform from changing a project at the same time. It is taken before the
// first change: a run that finds everything in place writes nothing, not even that.
type Hold struct {
	project Project
	who     string
	read    []os.FileInfo // what the run goes by, if it was read without the hold
	once    sync.Once
	free    func()
	err     error
}

// errStale means that another run changed the project after it was read and before it was held.
var errStale = errors.New("another relayform changed it meanwhile")

// Take takes the hold, once.
func (h *Hold) Take() error {
	h.once.Do(func() {
		if h.free, h.err = TakeHold(h.project.Lock, h.who); h.err != nil || h.read == nil {
			return
		}
		for i, now := range h.project.stamps() {
			if !unchanged(h.read[i], now) {
				h.err = errStale
			}
		}
	})
	return h.err
}

// Release lets others change the project; it does nothing where the hold was not taken.
func (h *Hold) Release() {
	if h.free != nil {
		h.free()
	}
}

// stamps are of the files that every run which changes something replaces, one of them at least.
func (p Project) stamps() []os.FileInfo {
	var stamps []os.FileInfo
	for _, path := range []string{p.Lock, p.Sealed, p.Topology, filepath.Join(p.Build, folder.Marker)} {
		info, _ := os.Lstat(path) // nil where it is missing
		stamps = append(stamps, info)
	}
	return stamps
}

func unchanged(before, now os.FileInfo) bool {
	if before == nil || now == nil {
		return before == now
	}
	return os.SameFile(before, now) && before.ModTime().Equal(now.ModTime()) && before.Size() == now.Size()
}

// WithHold does a run that takes the hold when it makes its first change. Where another one came in
// between, it runs once more, with the hold taken before anything is read.
func WithHold[T any](p Project, who string, run func(*Hold) (T, error)) (T, error) {
	h := &Hold{project: p, who: who, read: p.stamps()}
	defer func() { h.Release() }()
	result, err := run(h)
	var none T
	switch h.err {
	case nil:
		return result, err
	case errStale:
	default:
		return none, h.err
	}
	h.Release()
	if h, err = Acquire(p, who); err != nil {
		return none, err
	}
	return run(h)
}

// Acquire takes the hold before anything is read; Release ends it.
func Acquire(p Project, who string) (*Hold, error) {
	h := &Hold{project: p, who: who}
	return h, h.Take()
}

// Disk makes changes under the hold.
func (h *Hold) Disk(d folder.Disk) folder.Disk {
	return func(op, path string, change func() error) error {
		if err := h.Take(); err != nil {
			return err
		}
		if d == nil {
			return change()
		}
		return d(op, path, change)
	}
}
