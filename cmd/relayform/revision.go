package main

import (
	"bufio"
	"bytes"
	"crypto/sha1" // git names its objects by their SHA-1
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// revision is a folder of a git repository as it was at a revision. It is read from git's own store: nothing is checked out, and no filter
// or attribute of the repository takes effect.
type revision struct {
	git, dir string // dir is the folder in the working tree
	ref      string // as the user named it
	tree     string // the tree object; empty if the history was still empty
	prefix   string // the folder's path from the top of the repository, with a slash at the end
	sha256   bool   // whether object names are SHA-256, not SHA-1
}

// openRevision finds a revision in the repository that a folder is in.
func openRevision(dir, ref string) (*revision, error) {
	git, err := exec.LookPath("git")
	if err != nil {
		return nil, errors.New("git is not installed; name a folder that holds the other state with --from")
	}
	r := &revision{git: git, dir: dir, ref: ref}
	if r.prefix, err = r.ask("rev-parse", "--show-prefix"); err != nil {
		return nil, fmt.Errorf("%s: not in a git repository; name a folder that holds the other state with --from", dir)
	}
	format, _ := r.ask("rev-parse", "--show-object-format")
	r.sha256 = format == "sha256"
	if r.tree, err = r.ask("rev-parse", "--verify", "--quiet", "--end-of-options", ref+"^{tree}"); err == nil {
		return r, nil
	}
	if _, err := r.ask("rev-parse", "--verify", "--quiet", "HEAD^{commit}"); err != nil {
		return r, nil // no commit yet: everything is new
	}
	if shallow, _ := r.ask("rev-parse", "--is-shallow-repository"); shallow == "true" {
		return nil, fmt.Errorf("--against %s: not in this shallow clone; fetch it: git fetch --unshallow, or git fetch --depth=1 origin %s and --against FETCH_HEAD", ref, base(ref))
	}
	if root := strings.TrimRight(ref, "0123456789~^"); root != ref && root != "" {
		if _, err := r.ask("rev-parse", "--verify", "--quiet", "--end-of-options", root+"^{commit}"); err == nil {
			return r, nil // before the first commit
		}
	}
	return nil, fmt.Errorf("--against %s: git has no such revision here; for a branch of the remote repository, run git fetch origin %s first", ref, base(ref))
}

// base returns a branch's name as its server knows it.
func base(ref string) string {
	name := strings.TrimRight(strings.TrimPrefix(ref, "origin/"), "0123456789~^")
	if name == "" || name == "HEAD" {
		return ref
	}
	return name
}

func (r *revision) command(args ...string) *exec.Cmd {
	c := exec.Command(r.git, append([]string{"--literal-pathspecs", "--no-replace-objects", "-C", r.dir}, args...)...)
	c.Env = append(os.Environ(), "GIT_OPTIONAL_LOCKS=0", "LC_ALL=C")
	return c
}

func (r *revision) ask(args ...string) (string, error) {
	out, err := r.command(args...).Output()
	return strings.TrimSuffix(string(out), "\n"), err
}

// entry is a file at the revision.
type entry struct {
	name   string // relative to the folder
	object string
	link   bool
}

// list returns the files at or below some paths of the folder.
func (r *revision) list(places ...string) ([]entry, error) {
	if r.tree == "" {
		return nil, nil
	}
	var below []string
	for _, place := range places {
		full := path.Clean(path.Join(r.prefix, place))
		if full == ".." || strings.HasPrefix(full, "../") {
			return nil, fmt.Errorf("%s: is outside the repository", place)
		}
		if full == "." {
			below = nil // the whole tree
			break
		}
		below = append(below, full)
	}
	out, err := r.command(append([]string{"ls-tree", "-r", "-z", "--full-tree", r.tree, "--"}, below...)...).Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-tree %s: %w", r.ref, err)
	}
	var all []entry
	for line := range strings.SplitSeq(string(out), "\x00") {
		facts, name, ok := strings.Cut(line, "\t")
		f := strings.Fields(facts)
		if !ok || len(f) != 3 || f[1] != "blob" {
			continue // a submodule's commit holds no file
		}
		rel, err := filepath.Rel("/"+r.prefix, "/"+name)
		if err != nil {
			return nil, err
		}
		all = append(all, entry{filepath.ToSlash(rel), f[2], f[0] == "120000"})
	}
	return all, nil
}

// The limits of what may be written from a revision.
const (
	maxLaidOut      = 20_000 // 10,000 clusters may each have a certificate here
	maxLaidOutBytes = 256 << 20
)

// layOut writes files of the revision into an empty folder.
func (r *revision) layOut(entries []entry, into *os.Root) error {
	if len(entries) > maxLaidOut {
		return fmt.Errorf("%s: %d files beside the topology; the limit is %d", r.ref, len(entries), maxLaidOut)
	}
	var names strings.Builder
	for _, e := range entries {
		names.WriteString(e.object + "\n")
	}
	c := r.command("cat-file", "--batch")
	c.Stdin = strings.NewReader(names.String())
	pipe, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	err = unpack(bufio.NewReader(pipe), entries, into)
	_, _ = io.Copy(io.Discard, pipe)
	return errors.Join(err, c.Wait())
}

// unpack reads the output of git cat-file --batch: for each object a line with name, type and size, then its bytes.
func unpack(from *bufio.Reader, entries []entry, into *os.Root) error {
	left := int64(maxLaidOutBytes)
	for _, e := range entries {
		line, err := from.ReadString('\n')
		if err != nil {
			return fmt.Errorf("git cat-file: %w", err)
		}
		f := strings.Fields(line)
		if len(f) != 3 {
			return fmt.Errorf("%s: not in this clone; a partial clone must fetch it first", e.name)
		}
		size, err := strconv.ParseInt(f[2], 10, 64)
		if left -= size; err != nil || size < 0 || left < 0 {
			return fmt.Errorf("more than %d bytes (256 MiB) beside the topology", maxLaidOutBytes)
		}
		data := make([]byte, size+1) // with the line feed that follows the data
		if _, err := io.ReadFull(from, data); err != nil {
			return fmt.Errorf("git cat-file: %w", err)
		}
		data = data[:size]
		if err := into.MkdirAll(path.Dir(e.name), 0o700); err != nil {
			return err
		}
		if e.link {
			err = into.Symlink(string(data), e.name)
		} else {
			err = into.WriteFile(e.name, data, 0o600)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// object returns the name that git gives to a file's content.
func (r *revision) object(data []byte) string {
	var h hash.Hash = sha1.New()
	if r.sha256 {
		h = sha256.New()
	}
	h.Write(fmt.Appendf(nil, "blob %d\x00", len(data)))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}

// changed returns the files at or below the folder that differ from the revision, and those that git does not track yet.
func (r *revision) changed() ([]string, error) {
	args := []string{"ls-files", "-z", "--cached", "--", "."}
	if r.tree != "" {
		args = []string{"diff", "--name-only", "--relative", "--no-ext-diff", "--no-renames", "--diff-filter=d", "-z", r.tree, "--", "."}
	}
	known, err := r.command(args...).Output()
	if err != nil {
		return nil, fmt.Errorf("git diff %s: %w", r.ref, err)
	}
	others, err := r.command("ls-files", "-z", "--others", "--exclude-standard", "--", ".").Output()
	if err != nil {
		return nil, fmt.Errorf("git ls-files: %w", err)
	}
	var all []string
	for _, name := range bytes.Split(append(known, others...), []byte{0}) {
		if len(name) > 0 {
			all = append(all, filepath.Join(r.dir, filepath.FromSlash(string(name))))
		}
	}
	return all, nil
}
