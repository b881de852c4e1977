package folder

import "path/filepath"

// Real returns an absolute path without symbolic links, as far as it exists.
func Real(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	if resolved, err := filepath.EvalSymlinks(abs); err == nil {
		return resolved, nil
	}
	parent := filepath.Dir(abs)
	if parent == abs {
		return abs, nil
	}
	parent, err = Real(parent)
	return filepath.Join(parent, filepath.Base(abs)), err
}

// Inside reports whether a path is in a folder, or the folder itself.
func Inside(dir, path string) bool {
	rel, err := filepath.Rel(dir, path)
	return err == nil && filepath.IsLocal(rel)
}
