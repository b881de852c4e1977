package compiler

import (
	"errors"
	"os"
	"path/filepath"
	"sync"

	"relayform/compiler/folder"
	"relayform/compiler/lock"
)

// hold keeps a second relayform from changing a project at the same time. It is taken before the
// first change: a run that finds everything in place writes nothing, not even that.
type hold struct {
	project Project
	who     string
	read    []os.FileInfo // what the run goes by, if it was read without the hold
	once    sync.Once
	free    func()
	err     error
}

// errStale means that another run changed the project after it was read and before it was held.
var errStale = errors.New("another relayform changed it meanwhile")

// take takes the hold, once.
func (h *hold) take() error {
	h.once.Do(func() {
		if h.free, h.err = lock.Hold(h.project.Lock, h.who); h.err != nil || h.read == nil {
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

func (h *hold) release() {
	if h.free != nil {
		h.free()
	}
}

// stamps are of the files that every run which changes something replaces, one of them at least.
func (p Project) stamps() []os.FileInfo {
	var stamps []os.FileInfo
	for _, path := range []string{p.Lock, p.Topology, filepath.Join(p.Build, folder.Marker)} {
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

// held is a run that takes the hold when it makes its first change. Where another one came in
// between, it runs once more, with the hold taken before anything is read.
func (c *compile) held(run func() (*Result, error)) (*Result, error) {
	c.hold = &hold{project: c.project, who: c.env.Who, read: c.project.stamps()}
	defer func() { c.hold.release() }()
	result, err := run()
	if c.hold.err == nil {
		return result, err
	}
	if c.hold.err != errStale {
		return nil, c.hold.err
	}
	c.hold.release()
	if err := c.holdNow(); err != nil {
		return nil, err
	}
	return run()
}

// holdNow takes the hold before anything is read; hold.release ends it.
func (c *compile) holdNow() error {
	c.hold = &hold{project: c.project, who: c.env.Who}
	return c.hold.take()
}

// disk makes a change under the hold.
func (c *compile) disk(op, path string, change func() error) error {
	if err := c.hold.take(); err != nil {
		return err
	}
	if c.env.Disk == nil {
		return change()
	}
	return c.env.Disk(op, path, change)
}
