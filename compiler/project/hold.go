package project

import (
	"errors"
	"os"
	"path/filepath"
	"sync"

	"relayform/compiler/folder"
)

// Hold prevents a second relayform from changing a project at the same time. It is acquired before the first change: a run that changes
// nothing writes nothing, not even a hold file.
type Hold struct {
	project Project
	who     string
	read    []os.FileInfo // state of the project's files, if they were read before the hold was acquired
	once    sync.Once
	free    func()
	err     error
}

// errStale means that another run changed the project between reading and holding it.
var errStale = errors.New("another relayform changed it meanwhile")

// Take acquires the hold, once.
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

// Release releases the hold; it does nothing if it was not acquired.
func (h *Hold) Release() {
	if h.free != nil {
		h.free()
	}
}

// stamps returns the state of the files of which every run that changes something replaces at least one.
func (p Project) stamps() []os.FileInfo {
	var stamps []os.FileInfo
	for _, path := range []string{p.Lock, p.Sealed, p.Topology, filepath.Join(p.Build, folder.Marker)} {
		info, _ := os.Lstat(path) // nil if missing
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

// WithHold runs a command that acquires the hold with its first change. If another run came in between, it runs again, with the hold
// acquired before anything is read.
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

// Acquire acquires the hold before anything is read; Release ends it.
func Acquire(p Project, who string) (*Hold, error) {
	h := &Hold{project: p, who: who}
	return h, h.Take()
}

// Disk returns a disk that makes changes under the hold.
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
