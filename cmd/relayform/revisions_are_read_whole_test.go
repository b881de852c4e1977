package main

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// laidOut unpacks git's output into a folder, and returns the content of each file, or the target of each link.
func laidOut(t *testing.T, printed string, entries ...entry) (map[string]string, error) {
	t.Helper()
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	failed := unpack(bufio.NewReader(strings.NewReader(printed)), entries, root)
	files := map[string]string{}
	for _, e := range entries {
		at := filepath.Join(dir, filepath.FromSlash(e.name))
		if target, err := os.Readlink(at); err == nil {
			files[e.name] = "→ " + target
		} else if text, err := os.ReadFile(at); err == nil {
			files[e.name] = string(text)
		}
	}
	return files, failed
}

// TestARevisionIsLaidOutAsItStood unpacks an empty file, a file that looks like the header of another object, and a link.
func TestARevisionIsLaidOutAsItStood(t *testing.T) {
	files, err := laidOut(t, "a1 blob 3\nabc\na2 blob 0\n\na3 blob 11\na4 blob 2\n\n\na5 blob 4\n../x\n",
		entry{name: "a"}, entry{name: "sub/empty"}, entry{name: "sub/head"}, entry{name: "link", link: true})
	want := map[string]string{"a": "abc", "sub/empty": "", "sub/head": "a4 blob 2\n\n", "link": "→ ../x"}
	if err != nil || fmt.Sprint(files) != fmt.Sprint(want) {
		t.Errorf("%q: %v", files, err)
	}
}

// TestARevisionThatCannotBeReadIsRefused breaks git's output, and the disk: half a state would be compared as if the rest had never
// existed.
func TestARevisionThatCannotBeReadIsRefused(t *testing.T) {
	for name, c := range map[string]struct {
		printed string
		entries []entry
		want    string
	}{
		"a partial clone":          {"a1 missing\n", []entry{{name: "a"}}, "a: not in this clone; a partial clone must fetch it first"},
		"git ended":                {"", []entry{{name: "a"}}, "git cat-file: EOF"},
		"git ended in a file":      {"a1 blob 5\nab", []entry{{name: "a"}}, "git cat-file: unexpected EOF"},
		"git ended after a file":   {"a1 blob 2\nab", []entry{{name: "a"}}, "git cat-file: unexpected EOF"},
		"no size":                  {"a1 blob much\n", []entry{{name: "a"}}, "more than 268435456 bytes (256 MiB) beside the topology"},
		"a negative size":          {"a1 blob -1\n", []entry{{name: "a"}}, "more than 268435456 bytes"},
		"a byte too many":          {"a1 blob 268435457\n", []entry{{name: "a"}}, "more than 268435456 bytes"},
		"all that may be":          {"a1 blob 268435456\n", []entry{{name: "a"}}, "git cat-file: EOF"},
		"too much in all":          {"a1 blob 2\nab\na2 blob 268435455\n", []entry{{name: "a"}, {name: "b"}}, "more than 268435456 bytes"},
		"a file in a folder's way": {"a1 blob 1\na\na2 blob 1\nb\n", []entry{{name: "a"}, {name: "a/b"}}, "a"},
		"a folder in a file's way": {"a1 blob 1\na\na2 blob 1\nb\n", []entry{{name: "a/b"}, {name: "a"}}, "a"},
		"a link in a file's way":   {"a1 blob 1\na\na2 blob 1\nb\n", []entry{{name: "a"}, {name: "a", link: true}}, "symlink"},
		"a file that leads out":    {"a1 blob 1\na\n", []entry{{name: "../a"}}, ".."},
	} {
		if files, err := laidOut(t, c.printed, c.entries...); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, laid out %q; want %s", name, err, files, c.want)
		}
	}
}

// gitSays returns a revision whose git is a shell script.
func gitSays(t *testing.T, script string) *revision {
	t.Helper()
	if runtime.GOOS == "windows" {
		t.Skip("the git of this test is a shell script")
	}
	dir := t.TempDir()
	git := filepath.Join(dir, "git")
	if err := os.WriteFile(git, []byte("#!/bin/sh\n"+script), 0o700); err != nil {
		t.Fatal(err)
	}
	return &revision{git: git, dir: dir, ref: "HEAD", tree: "tree", prefix: "deep/"}
}

// TestFilesOfARevisionAreNamedFromTheFolder lists a tree with files in the folder and above it, a link, and a submodule, which has no
// files.
func TestFilesOfARevisionAreNamedFromTheFolder(t *testing.T) {
	r := gitSays(t, `echo "$@" >>"$0.asked"
printf '100644 blob a1\tdeep/a\000120000 blob a2\tdeep/sub/link\000160000 commit a3\tdeep/module\000100755 blob a4\tabove\000'
`)
	for _, c := range []struct {
		places []string
		want   string
	}{{[]string{"a", "./sub"}, "tree -- deep/a deep/sub"}, {[]string{"a", "b", "..", "sub"}, "tree --"}, {nil, "tree --"}} {
		got, err := r.list(c.places...)
		want := []entry{{"a", "a1", false}, {"sub/link", "a2", true}, {"../above", "a4", false}}
		if err != nil || !slices.Equal(got, want) {
			t.Errorf("%v: %v: %v", c.places, got, err)
		}
		asked, err := os.ReadFile(r.git + ".asked")
		if err != nil || !strings.HasSuffix(strings.TrimSpace(string(asked)), " ls-tree -r -z --full-tree "+c.want) {
			t.Errorf("%v: asked %s: %v", c.places, asked, err)
		}
	}
	if _, err := r.list("../.."); err == nil || err.Error() != "../..: is outside the repository" {
		t.Errorf("outside: %v", err)
	}
	r.tree = ""
	if got, err := r.list("../.."); len(got) > 0 || err != nil {
		t.Errorf("an empty history has %v: %v", got, err)
	}
	if _, err := gitSays(t, "exit 1\n").list("a"); err == nil || !strings.HasPrefix(err.Error(), "git ls-tree HEAD: ") {
		t.Errorf("git fails: %v", err)
	}
}

// TestFilesThatChangedAreAllLookedThrough finds the files that differ and those that git does not track: a key in a file that is missed
// would be committed. If git fails, the result is an error.
func TestFilesThatChangedAreAllLookedThrough(t *testing.T) {
	const ok = `case "$*" in *--others*) printf 'new\0';; *diff*) printf 'a\0sub/b\0';; *--cached*) printf 'c\0';; esac
`
	r := gitSays(t, ok)
	got, err := r.changed()
	if want := []string{filepath.Join(r.dir, "a"), filepath.Join(r.dir, "sub", "b"), filepath.Join(r.dir, "new")}; err != nil || !slices.Equal(got, want) {
		t.Errorf("changed: %v: %v", got, err)
	}
	r.tree = ""
	got, err = r.changed()
	if want := []string{filepath.Join(r.dir, "c"), filepath.Join(r.dir, "new")}; err != nil || !slices.Equal(got, want) {
		t.Errorf("changed since the beginning: %v: %v", got, err)
	}
	for failing, want := range map[string]string{"*diff*": "git diff HEAD: ", "*--others*": "git ls-files: "} {
		r := gitSays(t, "case \"$*\" in "+failing+") exit 1;; esac\n"+ok)
		if got, err := r.changed(); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s fails: %v, changed %v", failing, err, got)
		}
	}
}

// TestTooManyFilesAreNotLaidOut checks that the limit is checked before git is asked for anything, and that an error of git after the last
// file is reported.
func TestTooManyFilesAreNotLaidOut(t *testing.T) {
	r := gitSays(t, "cat >/dev/null; exit 3\n")
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := r.layOut(make([]entry, maxLaidOut+1), root); err == nil || err.Error() != "HEAD: 20001 files beside the topology; the limit is 20000" {
		t.Errorf("one more: %v", err)
	}
	if err := r.layOut(make([]entry, maxLaidOut), root); err == nil || !strings.Contains(err.Error(), "git cat-file: EOF") || !strings.Contains(err.Error(), "exit status 3") {
		t.Errorf("as many as may be: %v", err)
	}
	if err := gitSays(t, "printf 'a1 blob 1\\na\\n'; exit 3\n").layOut([]entry{{name: "a", object: "a1"}}, root); err == nil || err.Error() != "exit status 3" {
		t.Errorf("git fails after the last file: %v", err)
	}
}

// TestContentHasTheNameThatGitGivesIt compares object names with those of git hash-object.
func TestContentHasTheNameThatGitGivesIt(t *testing.T) {
	for want, r := range map[string]revision{
		"ce013625030ba8dba906f756967f9e9ca394464a":                         {},
		"2cf8d83d9ee29543b34a87727421fdecb7e3f3a183d337639025de576db9ebb4": {sha256: true},
	} {
		if got := r.object([]byte("hello\n")); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
}

// TestABranchIsNamedAsItsServerKnowsIt checks the name of the branch to fetch.
func TestABranchIsNamedAsItsServerKnowsIt(t *testing.T) {
	for ref, want := range map[string]string{"origin/main": "main", "main~2": "main", "origin/release-1^": "release-", "HEAD~1": "HEAD~1", "HEAD": "HEAD", "~1": "~1", "main": "main"} {
		if got := base(ref); got != want {
			t.Errorf("%s: %s, want %s", ref, got, want)
		}
	}
}

// TestAReviewLaysOutNoKeys reviews a topology with a component, which may reference any file in its folder: everything of the revision is
// written except existing files, the build folder, and the key store, encrypted or not.
func TestAReviewLaysOutNoKeys(t *testing.T) {
	r := gitSays(t, `case "$*" in
*ls-tree*) printf '100644 blob a1\tdeep/own/x\000100644 blob a2\tdeep/keys/a.key.age\000100644 blob a3\tdeep/build/x\000100644 blob a4\tdeep/topology.yaml\000100644 blob a5\tabove\000100644 blob a6\tdeep/keys.txt\000';;
*cat-file*) cat >"$0.asked"; printf 'a1 blob 1\nx\na6 blob 1\ny\n';;
esac
`)
	dir := t.TempDir()
	root, err := os.OpenRoot(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	if err := root.WriteFile("topology.yaml", nil, 0o600); err != nil {
		t.Fatal(err)
	}
	const topology = "apiVersion: relayform/v1\nkind: Topology\nname: demo\nmanagement: {name: mgmt, ingress: {istio: {}}, components: [own]}\nremotes: {edge: {}}\npki: {selfSigned: {}}\n"
	if err := r.added([]byte(topology), "build", "keys", root); err != nil {
		t.Fatal(err)
	}
	asked, err := os.ReadFile(r.git + ".asked")
	if err != nil || string(asked) != "a1\na6\n" {
		t.Errorf("asked for %q: %v", asked, err)
	}
	for name, want := range map[string]string{"own/x": "x", "keys.txt": "y"} {
		if text, err := root.ReadFile(name); err != nil || string(text) != want {
			t.Errorf("%s: %q, %v", name, text, err)
		}
	}
	if _, err := root.Lstat("keys"); err == nil {
		t.Error("keys are laid out")
	}
}
