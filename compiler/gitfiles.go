package compiler

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"

	"relayform/compiler/issue"
	"relayform/compiler/plan"
	"relayform/compiler/shell"
	"relayform/schema/diag"
)

// InGit is the state of a file in a git repository.
type InGit int

// States of a file in git.
const (
	Ignored InGit = iota // git ignores it
	Taken                // git add would add it
	Tracked              // git tracks it
)

// keepOut warns of files with private keys next to the topology that git tracks or would add.
func (c *compile) keepOut(p *plan.Plan, files []issue.PrivateFile) {
	if c.env.InGit == nil || len(files) == 0 {
		return
	}
	lies := map[string]string{} // resolved paths, by path
	var paths []string
	for _, f := range files {
		at := filepath.Join(c.project.Dir(), filepath.FromSlash(f.Path))
		if target, err := filepath.EvalSymlinks(at); err == nil {
			at = target
		}
		if lies[f.Path] == "" {
			lies[f.Path], paths = at, append(paths, at)
		}
	}
	states := c.env.InGit(paths)
	told := map[string]bool{}
	alike := map[kind][]issue.PrivateFile{}
	var kinds []kind
	for _, f := range files {
		state := states[lies[f.Path]]
		if state == Ignored || told[lies[f.Path]] {
			continue
		}
		if _, err := os.Lstat(lies[f.Path]); err != nil && state != Tracked {
			continue
		}
		told[lies[f.Path]] = true
		k := kind{filepath.Dir(lies[f.Path]), path.Ext(f.Path), f.Holds, f.Encrypted, state}
		if alike[k] == nil {
			kinds = append(kinds, k)
		}
		alike[k] = append(alike[k], f)
	}
	for _, k := range kinds {
		of := alike[k]
		if len(of) > fewFiles {
			p.Warnings = append(p.Warnings, c.inGit(p, of[0], fmt.Sprintf("%s and %d more files like it", of[0].Path, len(of)-1), filepath.Join(k.folder, "*"+k.ends), k.state))
			continue
		}
		for _, f := range of {
			p.Warnings = append(p.Warnings, c.inGit(p, f, f.Path, lies[f.Path], k.state))
		}
	}
}

// fewFiles is the maximum number of files of one kind with a warning each.
const fewFiles = 3

// kind is what files with private keys have in common that share a warning.
type kind struct {
	folder, ends, holds string
	encrypted           bool
	state               InGit
}

// inGit returns a warning about one file, or about those that match a pattern.
func (c *compile) inGit(p *plan.Plan, f issue.PrivateFile, what, at string, state InGit) string {
	ignore, line := c.ignoreLine(at)
	if what != f.Path {
		line = strings.Replace(line, `/\*`, "/*", 1)
	}
	holds := f.Holds
	if f.Encrypted {
		holds = "an encrypted private key"
	}
	message := fmt.Sprintf("git add would take %s, which holds %s", what, holds)
	hint := fmt.Sprintf("add this line to %s: %s", shell.Path(ignore), line)
	if state == Tracked {
		message = fmt.Sprintf("git tracks %s, which holds %s", what, holds)
		hint = fmt.Sprintf("run git rm --cached %s, and %s; the history keeps it: ", shell.Path(at), hint)
		switch {
		case f.Encrypted:
			hint += "whoever has the password has the key, so replace it unless the password is strong and nobody else has it"
		default:
			hint += "replace the key, and have its certificate revoked"
		}
	}
	d := p.Doc.Fault(append([]string{"pki", "external"}, f.Field...), diag.KeysExposed.Fault(message, hint))
	return fmt.Sprintf("%s; %s", d.Error(), diag.Printable(hint))
}

// ignoreLine returns the line with which git ignores a file, and the file it belongs in: the nearest .gitignore, as that one overrides
// those above it, or that of the topology's folder (gitignore(5)).
func (c *compile) ignoreLine(at string) (ignore, line string) {
	top := c.project.Dir()
	if target, err := filepath.EvalSymlinks(top); err == nil {
		top = target
	}
	dir := top
	if rel, err := filepath.Rel(top, filepath.Dir(at)); err == nil {
		below := top
		for _, part := range strings.Split(filepath.ToSlash(rel), "/") {
			below = filepath.Join(below, part)
			if info, err := os.Lstat(filepath.Join(below, ".gitignore")); err == nil && info.Mode().Type()&fs.ModeType == 0 {
				dir = below
			}
		}
	}
	rel, err := filepath.Rel(dir, at)
	if err != nil {
		rel = filepath.Base(at)
	}
	return filepath.Join(dir, ".gitignore"), gitPattern(path.Join("/", filepath.ToSlash(rel)))
}

// gitPattern returns a git pattern that matches exactly a path.
func gitPattern(path string) string {
	p := strings.NewReplacer(`\`, `\\`, "*", `\*`, "?", `\?`, "[", `\[`).Replace(path)
	if n := len(strings.TrimRight(p, " ")); n < len(p) {
		p = p[:n] + strings.Repeat(`\ `, len(p)-n)
	}
	return p
}
