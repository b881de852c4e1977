package compiler

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"iter"
	"os"
	"path/filepath"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/keystore"
	"relayform/compiler/plan"
	"relayform/compiler/seal"
	"relayform/compiler/shell"
	"relayform/schema/diag"
	"relayform/schema/source"
)

// lost refuses a project that had a lockfile but lost it: its folders are this topology's. A compile would issue a new root, and cut off
// every agent. A key store from an unfinished first compile never had a lockfile.
func (c *compile) lost(p *plan.Plan) error {
	if _, err := os.Lstat(c.project.Lock); !errors.Is(err, fs.ErrNotExist) || c.options.NewPKI {
		return nil
	}
	var ours []string
	if build, err := folder.Open(c.project.Build, folder.Build, p.Name); err == nil && build.Exists() {
		ours = append(ours, c.project.Build)
	}
	if store, err := keystore.OpenStore(c.project.Keys, p.Name, seal.Ring{}, c.disk); err == nil && store.Exists() && !store.Unfinished() {
		ours = append(ours, c.project.Keys)
	}
	if len(ours) == 0 {
		return nil
	}
	at := diag.Pos{File: c.project.Lock}
	stand := "is"
	if len(ours) > 1 {
		stand = "are"
	}
	if other := c.sibling(p.Name); other != "" {
		name := strings.TrimSuffix(filepath.Base(c.project.Lock), ".lock.yaml")
		return diag.List{{Pos: at, Fault: *diag.LockMissing.Fault(
			fmt.Sprintf("missing, but %s %s here for another topology named %s, whose lockfile is %s", strings.Join(ours, " and "), stand, diag.Quote(p.Name), filepath.Base(other)),
			fmt.Sprintf("give each topology its own name, and this one its own folders: --out %s --keys %s", shell.Path("build-"+name), shell.Path("keys-"+name)))}}
	}
	return diag.List{{Pos: at, Fault: *diag.LockMissing.Fault(
		fmt.Sprintf("missing, although %s %s here for this topology: a compile would make a new root, which no running agent trusts", strings.Join(ours, " and "), stand),
		fmt.Sprintf("restore it from git: git checkout -- %s; or from a backup; or from the clusters, with relayform adopt in another folder; if no cluster uses this mesh, pass --new-pki", shell.Path(c.project.Lock)))}}
}

// sibling returns another lockfile next to the topology's for the same topology; may be empty.
func (c *compile) sibling(name string) string {
	for path, read := range c.lockfiles() {
		text, err := read()
		if err == nil && bytes.Contains(text, []byte("\ntopology: "+name+"\n")) {
			return path
		}
	}
	return ""
}

// lockfiles yields the paths of all lockfiles next to the topology, each with a function to read it.
func (c *compile) lockfiles() iter.Seq2[string, func() ([]byte, error)] {
	return func(yield func(path string, read func() ([]byte, error)) bool) {
		entries, _ := os.ReadDir(c.project.Dir()) // an unreadable folder has none
		for _, e := range entries {
			path := filepath.Join(c.project.Dir(), e.Name())
			if strings.HasSuffix(e.Name(), ".lock.yaml") && !yield(path, func() ([]byte, error) { return folder.ReadOwn(path, source.MaxBytes) }) {
				return
			}
		}
	}
}
