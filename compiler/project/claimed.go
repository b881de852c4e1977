package project

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"relayform/compiler/folder"
	"relayform/schema/diag"
)

// Spare refuses a path for a file of the user's own where relayform writes: a compile would remove it from the build folder, the
// keys' folder is private, and the files beside the topology have a meaning by their names.
func (p Project) Spare(path string) error {
	at, err := folder.Real(path)
	if err != nil {
		return err
	}
	for _, own := range []struct{ path, what string }{
		{p.Topology, "the topology"}, {p.Lock, "the lockfile"}, {p.Sealed, "the file of encrypted values"},
		{p.Build, "the build folder, from which the next compile removes it"}, {p.Keys, "the folder of private keys"},
	} {
		real, err := folder.Real(own.path)
		if err != nil {
			return err
		}
		switch {
		case own.path == p.Topology, own.path == p.Lock, own.path == p.Sealed:
			if strings.EqualFold(real, at) { // which some disks take for the same
				return fmt.Errorf("%s: that is the name of %s", diag.Printable(path), own.what)
			}
		case folder.Inside(real, at):
			return fmt.Errorf("%s: is in %s", diag.Printable(path), own.what)
		}
	}
	return Unclaimed(path)
}

// Unclaimed refuses a path that is a folder, or is in one, that relayform writes for some topology.
func Unclaimed(path string) error {
	at, err := folder.Real(path)
	if err != nil {
		return err
	}
	for dir := at; ; dir = filepath.Dir(dir) {
		if info, err := os.Lstat(filepath.Join(dir, folder.Marker)); err == nil && info.Mode().IsRegular() {
			return fmt.Errorf("%s: is in a folder that relayform writes itself, as %s in %s says", diag.Printable(path), folder.Marker, diag.Printable(dir))
		}
		if dir == filepath.Dir(dir) {
			return nil
		}
	}
}
