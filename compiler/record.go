package compiler

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"reflect"

	"relayform/schema"
	"relayform/schema/source"
)

// SetRelayAddress writes management.relayAddress into the topology file, and leaves everything else
// in it as it is. It reports whether the file has changed.
func SetRelayAddress(project Project, address string) (changed bool, err error) {
	text, err := project.readTopology()
	if err != nil {
		return false, err
	}
	before, _, err := schema.ParseTopology(project.Topology, text)
	if err != nil {
		return false, err
	}
	if string(before.Management.RelayAddress) == address {
		return false, nil
	}
	edited, err := source.Set(project.Topology, text, "management", "relayAddress", address, []string{"name", "context", "clusterDomain"})
	if err != nil {
		return false, err
	}
	if err := VetText(project, edited); err != nil {
		return false, err
	}
	after, _, err := schema.ParseTopology(project.Topology, edited)
	if err != nil {
		return false, err
	}
	before.Management.RelayAddress = after.Management.RelayAddress
	if string(after.Management.RelayAddress) != address || !reflect.DeepEqual(before, after) {
		return false, fmt.Errorf("%s: management is written in a form that is not changed by machine; write it by hand: relayAddress: %s", project.Topology, address)
	}
	return true, replace(project.Topology, edited)
}

// replace puts a file's new content in place as a whole, with its mode. A symbolic link stays one.
func replace(path string, data []byte) error {
	path, err := filepath.EvalSymlinks(path)
	if err != nil {
		return err
	}
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*")
	if err != nil {
		return err
	}
	_, err = tmp.Write(data)
	if err == nil {
		err = tmp.Chmod(info.Mode().Perm())
	}
	if err == nil {
		err = tmp.Sync()
	}
	if err = errors.Join(err, tmp.Close()); err == nil {
		err = os.Rename(tmp.Name(), path)
	}
	if err != nil {
		return errors.Join(err, os.Remove(tmp.Name()))
	}
	return nil
}
