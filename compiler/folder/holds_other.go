//go:build !linux

package folder

import (
	"errors"
	"io"
	"os"
)

// readInto reads the beginning of a regular file, as much as there is room for.
func readInto(path string, into []byte) (int, error) {
	file, err := os.Open(path)
	if err != nil {
		return 0, err
	}
	defer file.Close()
	n, err := io.ReadFull(file, into)
	if errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		err = nil
	}
	return n, err
}
