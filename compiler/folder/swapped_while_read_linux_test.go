package folder

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

// TestLinksAreNotFollowedWhileAFolderIsRead lists a folder, and then replaces a file or a folder with a link: its target is not
// relayform's, and would be compared with build/ and shown in a diff. A pipe must not block.
func TestLinksAreNotFollowedWhileAFolderIsRead(t *testing.T) {
	victim := put(t, map[string]string{"key": "precious"})
	for name, swap := range map[string]func(path string) error{
		"file": func(path string) error { return os.Symlink(filepath.Join(victim, "key"), path) }, // replaced with a link
		"dir":  func(path string) error { return os.Symlink(victim, path) },
		"pipe": func(path string) error { return syscall.Mkfifo(path, 0o644) },
		"gone": func(string) error { return nil },
	} {
		f := laidOut(t, map[string]string{"file": "1", "dir/key": "1", "pipe": "1", "gone": "1", "same": "1"})
		entries, err := f.Entries()
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(f.Path, name)
		if err := os.RemoveAll(path); err != nil {
			t.Fatal(err)
		}
		if err := swap(path); err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			found, err := f.Content().Load(e)
			switch e.Name() {
			case name:
				if err == nil && name != "pipe" || err != nil && !strings.Contains(err.Error(), name) {
					t.Errorf("%s: read %v: %v", name, found, err)
				}
				for _, entry := range found {
					if len(entry.Data) > 0 {
						t.Errorf("%s: %q was read", name, entry.Data)
					}
				}
			default:
				if err != nil {
					t.Errorf("%s: %v", e.Name(), err)
				}
			}
		}
	}
}

// TestKindsAreAskedForWhereTheyAreNotTold reads a folder on a file system that does not report types in listings.
func TestKindsAreAskedForWhereTheyAreNotTold(t *testing.T) {
	f := laidOut(t, map[string]string{"file": "text", "folder/a": "deep", "link->file": ""})
	dir, err := os.Open(f.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer dir.Close()
	c := f.Content()
	c.names = map[string]string{}
	for _, name := range []string{".", "..", "file", "folder", "link"} {
		if err := c.below(int(dir.Fd()), "", []byte(name), unix.DT_UNKNOWN); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	if err := c.below(int(dir.Fd()), "", []byte("missing"), unix.DT_UNKNOWN); err == nil {
		t.Error("a name that stands for nothing was read")
	}
	got := ""
	for _, e := range c.entries {
		got += e.Name
		if e.Other {
			got += "->"
		}
		got += " "
	}
	if got != "file folder/a link-> " || string(c.scratch) != "textdeep" {
		t.Errorf("got %s, %q", got, c.scratch)
	}
}

// TestNamedThingsSayWhatTheyAre puts each type of file in place of a regular one: the message names its type.
func TestNamedThingsSayWhatTheyAre(t *testing.T) {
	dir := put(t, map[string]string{"file": ""})
	if err := syscall.Mkfifo(filepath.Join(dir, "pipe"), 0o644); err != nil {
		t.Fatal(err)
	}
	socket, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(socket)
	t.Chdir(dir) // the path of a socket must be short
	if err := unix.Bind(socket, &unix.SockaddrUnix{Name: "socket"}); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("file", "link"); err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{"pipe": "a named pipe", "socket": "a socket", "link": "a symbolic link", ".": "a folder", os.DevNull: "a device"} {
		if _, err := ReadOwn(path, 10); err == nil || !strings.HasSuffix(err.Error(), want+"; want a file") {
			t.Errorf("%s: got %v, want %s", path, err, want)
		}
	}
}
