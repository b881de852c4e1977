package folder

import (
	"bytes"
	"path/filepath"
	"sync"
)

// buffers are reused: a build folder has tens of thousands of files to compare.
var buffers = sync.Pool{New: func() any { return new([]byte) }}

// Holds reports whether a regular file, as ReadDir gave it, has exactly that content. It goes the
// short way, without a Root for each part of the name.
func (f *Folder) Holds(name string, data []byte) (bool, error) {
	buffer := buffers.Get().(*[]byte)
	defer buffers.Put(buffer)
	if len(*buffer) <= len(data) {
		*buffer = make([]byte, len(data)+1) // one more, so that a longer file shows
	}
	have := (*buffer)[:len(data)+1]
	n, err := readInto(filepath.Join(f.Path, filepath.FromSlash(name)), have)
	return err == nil && bytes.Equal(have[:n], data), err
}
