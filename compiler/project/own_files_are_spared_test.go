package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/folder"
)

// TestOwnFilesAreSpared asks for files of the user's own in every place that relayform writes, and beside them.
func TestOwnFilesAreSpared(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, dir := range []string{"other/build/east", "sub", "fine"} {
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join("other/build", folder.Marker), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("build", "link"); err != nil {
		t.Skip("no symbolic links here")
	}
	if err := os.Symlink("../other/build", "sub/link"); err != nil {
		t.Fatal(err)
	}
	absolute, err := filepath.Abs("build/report.html")
	if err != nil {
		t.Fatal(err)
	}
	beside := New("topology.yaml", "", "")
	elsewhere := New("topology.yaml", "out", "/nowhere/private")
	for _, c := range []struct {
		project    Project
		path, want string
	}{
		{beside, "report.html", ""}, {beside, "fine/report.html", ""}, {beside, "builds/report.html", ""}, {beside, "missing/report.html", ""},
		{beside, "build/report.html", "build/report.html: is in the build folder, from which the next compile removes it"},
		{beside, "build", "is in the build folder"}, {beside, "fine/../build/x/y.html", "is in the build folder"},
		{beside, absolute, "is in the build folder"}, {beside, "keys/report.html", "is in the folder of private keys"},
		{beside, "topology.yaml", "that is the name of the topology"}, {beside, "topology.lock.yaml", "that is the name of the lockfile"},
		{beside, "Topology.Lock.yaml", "that is the name of the lockfile"}, {beside, "./topology.sealed.yaml", "that is the name of the file of encrypted values"},
		{beside, "other/build/report.html", "is in a folder that relayform writes itself"}, {beside, "other/build/east/report.html", "as .relayform in "},
		{beside, "sub/link/east/report.html", "is in a folder that relayform writes itself"},
		{elsewhere, "build/report.html", ""}, {elsewhere, "out/report.html", "is in the build folder"}, {elsewhere, "/nowhere/private/a/b", "is in the folder of private keys"},
	} {
		got := ""
		if err := c.project.Spare(c.path); err != nil {
			got = err.Error()
		}
		if c.want == "" && got != "" || !strings.Contains(got, c.want) {
			t.Errorf("%s: got %q, want %q", c.path, got, c.want)
		}
	}
}
