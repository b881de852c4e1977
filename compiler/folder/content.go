package folder

import (
	"io/fs"
	"os"
	"path/filepath"
	"sync/atomic"
)

// Entry is what is at or below a path in a folder: a file with its content, or something that is neither a file nor a folder.
type Entry struct {
	Name  string // slash-separated, relative to the path; empty for the path itself
	Data  []byte // the file's content
	Other bool   // a symbolic link or a device: nothing that relayform writes
}

// Content reads a folder's files. A Content is for one goroutine; its entries are valid until the next Load.
type Content struct {
	f       *Folder
	scratch []byte
	entries []Entry
	ends    []int             // where the data of each entry ends in scratch
	names   map[string]string // interned names, which recur in folder after folder
}

// Content returns a reader for the folder.
func (f *Folder) Content() *Content { return &Content{f: f} }

// Entries returns the folder's top-level entries, unordered.
func (f *Folder) Entries() ([]fs.DirEntry, error) {
	if f.Ahead != nil && f.Ahead.entries != nil {
		return f.Ahead.entries, nil
	}
	return list(f.Path)
}

// Load returns every file at or below a top-level entry.
func (c *Content) Load(e fs.DirEntry) ([]Entry, error) {
	if found, ok := c.f.Ahead.find(e.Name()); ok {
		return found, nil
	}
	return c.load(c.f.Path, e)
}

func (c *Content) load(dir string, e fs.DirEntry) ([]Entry, error) {
	if c.names == nil {
		c.names = map[string]string{}
	}
	c.scratch, c.entries, c.ends = c.scratch[:0], c.entries[:0], c.ends[:0]
	if err := c.read(dir, e); err != nil {
		return nil, err
	}
	start := 0
	for i, end := range c.ends {
		c.entries[i].Data = c.scratch[start:end:end]
		start = end
	}
	return c.entries, nil
}

// add records an entry whose data, if any, is at the end of scratch.
func (c *Content) add(name string, other bool) {
	c.entries = append(c.entries, Entry{Name: name, Other: other})
	c.ends = append(c.ends, len(c.scratch))
}

// name joins a path and a name.
func (c *Content) name(at string, base []byte) string {
	if at != "" {
		return at + "/" + string(base)
	}
	if s, ok := c.names[string(base)]; ok {
		return s
	}
	s := string(base)
	c.names[s] = s
	return s
}

// Ahead reads a folder before it is needed: while a topology is parsed on one core, another reads the up to ten thousand folders with which
// the result will be compared.
type Ahead struct {
	entries []fs.DirEntry
	loaded  map[string][]Entry
	stop    atomic.Bool
	done    chan struct{}
}

// ReadAhead starts to read the folder at dir; without a marker, as it is not relayform's, it does nothing. What cannot be read is skipped,
// and read again when it is needed.
func ReadAhead(dir string) *Ahead {
	a := &Ahead{loaded: map[string][]Entry{}, done: make(chan struct{})}
	go func() {
		defer close(a.done)
		if info, err := os.Lstat(filepath.Join(dir, Marker)); err != nil || !info.Mode().IsRegular() {
			return
		}
		entries, err := list(dir)
		if err != nil {
			return
		}
		a.entries = entries
		c := &Content{}
		for _, e := range entries {
			if a.stop.Load() {
				return
			}
			if found, err := c.load(dir, e); err == nil {
				a.loaded[e.Name()] = kept(found)
			}
		}
	}()
	return a
}

// kept copies entries, with all their data in one allocation.
func kept(found []Entry) []Entry {
	size := 0
	for _, e := range found {
		size += len(e.Data)
	}
	data, out := make([]byte, 0, size), make([]Entry, len(found))
	for i, e := range found {
		start := len(data)
		data = append(data, e.Data...)
		out[i] = Entry{Name: e.Name, Data: data[start:len(data):len(data)], Other: e.Other}
	}
	return out
}

// Stop ends the reading; the rest is read when needed.
func (a *Ahead) Stop() {
	a.stop.Store(true)
	<-a.done
}

func (a *Ahead) find(name string) ([]Entry, bool) {
	if a == nil {
		return nil, false
	}
	found, ok := a.loaded[name]
	return found, ok
}

func list(dir string) ([]fs.DirEntry, error) {
	f, err := os.Open(dir)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.ReadDir(-1)
}
