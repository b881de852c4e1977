package main

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestNoCoreDump inspects the running program from the kubectl that it starts: no core dump is written or piped anywhere, and another
// process of the same user cannot read its memory.
func TestNoCoreDump(t *testing.T) {
	s := newCommonProject(t)
	s.recipient("ada")
	s.ask("")
	s.run("compile")
	kubectl, told := s.path("kubectl"), filepath.Join(s.dir, "told")
	script := "#!/bin/sh\nexec 2>&1 >" + told + "\ngrep core /proc/$PPID/limits\nulimit -c\ngrep -c . /proc/$PPID/maps || echo closed\nexit 1\n"
	if err := os.WriteFile(kubectl, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	s.give()
	var before syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_CORE, &before); err != nil {
		t.Fatal(err)
	}
	if before.Max == 0 {
		t.Skip("core dumps are off here already")
	}
	c := asNobody(s.command("address", "--kubectl", kubectl))
	c.Path, c.Args = "/bin/sh", append([]string{"sh", "-c", `ulimit -S -c $(ulimit -H -c) && exec "$0" "$@"`}, c.Args...)
	out, _ := c.CombinedOutput() // kubectl fails
	text, err := os.ReadFile(told)
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	lines := strings.Split(strings.TrimSpace(string(text)), "\n")
	if len(lines) < 3 || strings.Join(strings.Fields(lines[0]), " ") != "Max core file size 0 0 bytes" || lines[1] != "0" {
		t.Errorf("the limits of the program and of what it runs:\n%s", text)
	}
	if os.Geteuid() != 0 || c.SysProcAttr != nil { // root can read everything
		if lines[len(lines)-1] != "closed" {
			t.Errorf("another process reads its memory:\n%s", text)
		}
	}
}
