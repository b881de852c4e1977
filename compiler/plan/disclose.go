package plan

import (
	"io/fs"
	"path"
	"path/filepath"
	"slices"

	"relayform/compiler/custom"
	"relayform/compiler/disclosure"
	"relayform/compiler/folder"
	"relayform/schema"
	"relayform/schema/diag"
)

// Guard keeps private values out of committed files. The zero Guard knows none of the mesh's own.
type Guard struct {
	Digests []string // of the lockfile's private values, including the token
	Dir     string   // the topology's directory
	Keys    string   // the key store, symbolic links resolved
}

// stores reports whether a path of the topology is inside the key store.
func (g Guard) stores(name string) bool {
	if g.Keys == "" {
		return false
	}
	path, err := folder.Real(filepath.Join(g.Dir, filepath.FromSlash(name)))
	return err == nil && folder.Inside(g.Keys, path)
}

// private refuses a path into the key store.
func (r *resolver) private(at []string, name string) bool {
	stored, known := r.stored[name]
	if !known {
		stored = r.guard.stores(name)
		r.stored[name] = stored
	}
	if !stored {
		return false
	}
	r.fault(at, diag.PrivateMaterial.Fault("the path points into the key store, whose files are private and never committed", "name a file of your own"))
	return true
}

// discloses reports whether a file discloses private values, and reports a fault at the field that names it. Each file is checked once,
// however many clusters name it.
func (r *resolver) discloses(at []string, key string, judge func() []disclosure.Finding) bool {
	found, known := r.judged[key]
	if !known {
		found = judge()
		r.judged[key] = found
	}
	refused := false
	for _, f := range found {
		switch {
		case !f.Warning:
			refused = true
			r.fault(at, diag.PrivateMaterial.Fault(f.Message, f.Hint))
		case !known && !slices.Contains(r.warnings, f.Message):
			r.warnings = append(r.warnings, f.Message)
		}
	}
	return refused
}

// patchDiscloses checks a patch.
func (r *resolver) patchDiscloses(at []string, patch schema.Patch, text []byte) bool {
	kind := ""
	if patch.Target != nil {
		kind = string(patch.Target.Kind)
	}
	return r.discloses(at, "patch "+kind+" "+string(patch.Path), func() []disclosure.Finding {
		return r.mesh.Patch(string(patch.Path), text, kind)
	})
}

// componentDiscloses checks every file in the folders that a component refers to, and refuses one that refers into the key store.
func (r *resolver) componentDiscloses(at []string, c *custom.Component) bool {
	for _, f := range c.Files {
		if r.private(at, f.Name) {
			return true
		}
	}
	return r.discloses(at, "component "+c.Dir, func() []disclosure.Finding { return r.mesh.Component(r.files(c)) })
}

// files returns the files in the folders that a component refers to, up to the size that is read. A file that cannot be read is reported
// when the overlay is built.
func (r *resolver) files(c *custom.Component) []folder.File {
	var files []folder.File
	seen := map[string]bool{}
	size := int64(0)
	for _, dir := range c.Folders {
		_ = fs.WalkDir(r.root.FS(), dir, func(name string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return nil
			case d.IsDir() && r.guard.stores(name):
				return fs.SkipDir
			case d.IsDir() || seen[name]:
				return nil
			}
			info, err := r.root.Stat(filepath.FromSlash(name))
			if err != nil || !info.Mode().IsRegular() || size+info.Size() > custom.MaxContent {
				return nil
			}
			if data, err := r.root.ReadFile(filepath.FromSlash(name)); err == nil {
				seen[name], size = true, size+info.Size()
				files = append(files, folder.File{Name: path.Clean(name), Data: data})
			}
			return nil
		})
	}
	return files
}
