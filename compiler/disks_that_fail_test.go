package compiler

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
)

// trouble is how a disk fails.
type trouble struct {
	at   int  // number of successful changes before it
	once bool // later changes succeed again; otherwise the disk stays broken, like a full one
	torn bool // half of a write is made, or half of a folder removed
	late bool // the change is made, but reported as failed
	err  error
}

// broken is a disk in trouble.
type broken struct {
	trouble

	mutex sync.Mutex // folders are written in parallel
	seen  int
	names []string
}

func (b *broken) do(op, path string, change func() error) error {
	b.mutex.Lock()
	defer b.mutex.Unlock()
	b.names = append(b.names, op+" "+filepath.Base(path))
	b.seen++
	switch {
	case b.seen <= b.at, b.once && b.seen > b.at+1:
		return unflushed(op, path, change)
	case b.late && b.seen == b.at+1:
		return errors.Join(b.err, change())
	case b.torn:
		tear(op, path)
	}
	return b.err
}

// failed returns the change that failed, or was reported as failed; empty if none did.
func (b *broken) failed() string {
	if b.seen <= b.at {
		return ""
	}
	return b.names[b.at]
}

// tear makes half of a change.
func tear(op, path string) {
	switch op {
	case "write":
		_ = os.WriteFile(path, []byte("-----BEGIN"), 0o600)
	case "remove":
		entries, _ := os.ReadDir(path) // sorted, so that the marker goes first
		for _, e := range entries[:(len(entries)+1)/2] {
			_ = os.RemoveAll(filepath.Join(path, e.Name()))
		}
	}
}

// killed is a disk that keeps a copy at one moment, as if the run had been killed there. The run itself continues, but has no effect.
type killed struct {
	at        int
	torn      bool
	dir, kept string

	mutex sync.Mutex
	seen  int
	dead  string // the change at which it was killed
	err   error
}

func (k *killed) do(op, path string, change func() error) error {
	k.mutex.Lock()
	defer k.mutex.Unlock()
	if k.seen == k.at {
		k.dead = op + " " + filepath.Base(path)
		k.err = copyTree(k.dir, k.kept)
		if rel, err := filepath.Rel(k.dir, path); err == nil && k.torn {
			if at := filepath.Join(k.kept, rel); filepath.IsLocal(rel) && (op != "write" || strings.Contains(at, "tmp")) {
				tear(op, at)
			}
		}
	}
	k.seen++
	return unflushed(op, path, change)
}

// bury restores the copy.
func (k *killed) bury() error {
	if k.err != nil || k.dead == "" {
		return k.err
	}
	if err := os.RemoveAll(k.dir); err != nil {
		return err
	}
	return os.Rename(k.kept, k.dir)
}

// copyTree copies a folder with file modes.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		at := filepath.Join(to, rel)
		if d.IsDir() {
			return os.MkdirAll(at, info.Mode().Perm())
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(at, text, info.Mode().Perm())
	})
}

var diskErrors = []error{syscall.ENOSPC, syscall.EIO, syscall.EACCES}
