package main

import (
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

func TestMain(m *testing.M) {
	testscript.Main(lateCollected{m}, map[string]func(){programName: main, pluginName: main, completerName: main})
}

// lateCollected runs the tests with a larger heap, and so with less garbage collection. The programs that they start are not affected.
type lateCollected struct{ *testing.M }

func (m lateCollected) Run() int {
	debug.SetGCPercent(400)
	return m.M.Run()
}

// TestScripts runs the command as users do; fixtures/scripts has a script for each story.
func TestScripts(t *testing.T) { runScripts(t, stories(t, "scripts")) }

// everyCase reports whether every case is tried, as in make long. Otherwise tests that go through hundreds of cases try a sample.
func everyCase() bool { return os.Getenv("RELAYFORM_LONG") != "" }

// TestAttacks runs the command as attackers do, and after accidents. fixtures/attacks has a script for each attack; each script failed
// before the attack was prevented. make long sets RELAYFORM_LONG, and runs all of them with all their cases. Otherwise every third is run,
// or those that -run names, and those with hundreds of cases try every third or fourth of them.
func TestAttacks(t *testing.T) {
	scripts := stories(t, "attacks")
	if !everyCase() && flag.Lookup("test.run").Value.String() == "" {
		var some []string
		for n := 0; n < len(scripts); n += 3 {
			some = append(some, scripts[n])
		}
		scripts = some
	}
	runScripts(t, scripts, "RELAYFORM_LONG="+os.Getenv("RELAYFORM_LONG"))
}

// stories returns the scripts of a folder of the fixtures.
func stories(t *testing.T, folder string) []string {
	t.Helper()
	scripts, err := filepath.Glob(filepath.Join("..", "..", "fixtures", folder, "*.txtar"))
	if err != nil || len(scripts) < 20 {
		t.Fatalf("%d scripts: %v", len(scripts), err)
	}
	return scripts
}

func runScripts(t *testing.T, scripts []string, vars ...string) {
	testscript.Run(t, testscript.Params{
		Files:               scripts,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Values[runner{}] = env.T()
			env.Vars = append(env.Vars, vars...)
			repository, err := filepath.Abs(filepath.Join("..", ".."))
			env.Setenv("REPOSITORY", repository)
			return err
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){
			"authority":  authority,
			"sign":       sign,
			"fixture":    fixture,
			"snapshot":   snapshot,
			"modes":      modes,
			"private":    private,
			"edit":       edit,
			"listen":     listen,
			"graft":      graft,
			"everywhere": everywhere,
			"fill":       fillFile,
		},
	})
}

// runner is the key of the test that runs a script, so that a script can still fail it after it has ended.
type runner struct{}

// fixture NAME copies a fixture into the working directory, and overwrites existing files.
func fixture(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: fixture NAME")
	}
	dir, err := os.Getwd()
	ts.Check(err)
	from := filepath.Join(dir, "..", "..", "fixtures", args[0])
	entries, err := os.ReadDir(from)
	ts.Check(err)
	for _, e := range entries {
		ts.Check(os.RemoveAll(ts.MkAbs(e.Name())))
	}
	ts.Check(os.CopyFS(ts.MkAbs("."), os.DirFS(from)))
}

// snapshot FILE FOLDER... writes the name, inode, time and size of every file into FILE. If FILE exists, they must be the same (or,
// negated, must differ).
func snapshot(ts *testscript.TestScript, neg bool, args []string) {
	var b strings.Builder
	for _, dir := range args[1:] {
		ts.Check(filepath.WalkDir(ts.MkAbs(dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			info, err := d.Info()
			if err == nil {
				fmt.Fprintf(&b, "%s %d %s %d\n", path, inode(info), info.ModTime(), info.Size())
			}
			return err
		}))
	}
	before, err := os.ReadFile(ts.MkAbs(args[0]))
	if err != nil {
		ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(b.String()), 0o644))
		return
	}
	if same := string(before) == b.String(); same == neg {
		ts.Fatalf("before:\n%snow:\n%s", before, b.String())
	}
}

// modes MODE FOLDER checks that every file in the folder has the mode.
func modes(ts *testscript.TestScript, neg bool, args []string) {
	n := 0
	ts.Check(filepath.WalkDir(ts.MkAbs(args[1]), func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if n++; err == nil && fmt.Sprintf("%o", info.Mode().Perm()) != args[0] {
			return fmt.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
		return err
	}))
	if n == 0 {
		ts.Fatalf("no file in %s", args[1])
	}
}

// private FOLDER... checks, negated, that no file in the folders contains a private key.
func private(ts *testscript.TestScript, neg bool, args []string) {
	found := false
	for _, dir := range args {
		ts.Check(filepath.WalkDir(ts.MkAbs(dir), func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			text, err := os.ReadFile(path)
			found = found || strings.Contains(string(text), "PRIVATE KEY")
			return err
		}))
	}
	if found == neg {
		ts.Fatalf("a private key in %v: %v", args, found)
	}
}

// edit FILE OLD NEW replaces a text that must be there.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	text := ts.ReadFile(args[0])
	if neg || !strings.Contains(text, args[1]) {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(strings.ReplaceAll(text, args[1], args[2])), 0o644))
}

// listen VARIABLE listens on the loopback interface and sets the variable to host:port. A connection fails the script when it ends, because
// compiling and checking must not open connections.
func listen(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: listen VARIABLE")
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	ts.Check(err)
	ts.Setenv(args[0], l.Addr().String())
	touched, end := false, make(chan struct{})
	go func() {
		defer close(end)
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			touched = true
			_ = conn.Close() // without an answer, the program and the test would hang
		}
	}()
	ts.Defer(func() {
		ts.Check(l.(*net.TCPListener).SetDeadline(time.Now().Add(50 * time.Millisecond))) // for connections that wait to be accepted
		<-end
		_ = l.Close()
		if touched {
			ts.Value(runner{}).(testscript.T).Fatal("a connection was opened to ", l.Addr())
		}
	})
}

// fill FILE COUNT TEXT appends the text to the file, COUNT times. In the text, \n, \t and \xNN mean the same as in Go.
func fillFile(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 3 {
		ts.Fatalf("usage: fill FILE COUNT TEXT")
	}
	count, err := strconv.Atoi(args[1])
	ts.Check(err)
	text, err := strconv.Unquote("`" + args[2] + "`")
	if strings.Contains(args[2], `\`) {
		text, err = strconv.Unquote(`"` + strings.ReplaceAll(args[2], `"`, `\"`) + `"`)
	}
	ts.Check(err)
	f, err := os.OpenFile(ts.MkAbs(args[0]), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	ts.Check(err)
	_, err = f.WriteString(strings.Repeat(text, count))
	ts.Check(err)
	ts.Check(f.Close())
}
