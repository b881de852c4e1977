//go:build !linux

package folder

import (
	"io/fs"
	"path/filepath"
)

// read reads an entry of the folder at dir, recursively.
func (c *Content) read(dir string, e fs.DirEntry) error {
	return c.entry(filepath.Join(dir, e.Name()), "", e)
}

func (c *Content) entry(path, name string, e fs.DirEntry) error {
	switch {
	case e.IsDir():
		entries, err := list(path)
		if err != nil {
			return err
		}
		for _, below := range entries {
			if err := c.entry(filepath.Join(path, below.Name()), c.name(name, []byte(below.Name())), below); err != nil {
				return err
			}
		}
	case e.Type().IsRegular():
		data, err := ReadOwn(path, maxFile)
		if err != nil {
			return err
		}
		c.scratch = append(c.scratch, data...)
		c.add(name, false)
	default:
		c.add(name, true)
	}
	return nil
}
