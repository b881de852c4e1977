package keystore

import (
	"errors"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/lockfile"
)

// componentFile is the name of a component's kustomization.
const componentFile = "kustomization.yaml"

// places returns the folders in which a store keeps private files, including clusters' folders.
func places(f *folder.Folder) ([]string, error) {
	all := []string{".", lockfile.TokenFolder}
	if !f.Exists() { // a clone has none
		return all, nil
	}
	entries, err := fs.ReadDir(f.FS(), lockfile.AgentsFolder)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, unreadable(filepath.Join(f.Path, lockfile.AgentsFolder), err)
	}
	for _, e := range entries {
		if e.IsDir() {
			all = append(all, lockfile.AgentFolder(e.Name()))
		}
	}
	return all, nil
}

// componentsIn returns the paths in a store where components are, or may be.
func componentsIn(f *folder.Folder) []string {
	all, _ := places(f) // unreadable ones are reported where they are read
	for i, place := range all {
		all[i] = path.Join(place, componentFile)
	}
	return all
}

// isComponentFile reports whether a path below a store belongs to a component.
func isComponentFile(name string) bool {
	return path.Base(name) == componentFile && (path.Dir(name) == "." || path.Dir(name) == lockfile.TokenFolder || isAgentFolder(path.Dir(name)))
}

// isAgentFolder reports whether a path below a store is a cluster's folder.
func isAgentFolder(dir string) bool {
	cluster, ok := strings.CutPrefix(dir, lockfile.AgentsFolder+"/")
	return ok && cluster != "" && !strings.Contains(cluster, "/")
}

// removeEmptied removes empty folders from a store.
func removeEmptied(f *folder.Folder) error {
	all, err := places(f)
	for _, place := range append(all[min(1, len(all)):], lockfile.AgentsFolder) {
		err = errors.Join(err, f.RemoveEmpty(place))
	}
	return err
}
