package kubectl_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"relayform/compiler/kubectl"
)

// TestInputGoesNoOtherWay passes a private text to a program: all of it is on standard input, and nothing in an argument or in its
// environment. Without a text, standard input is empty.
func TestInputGoesNoOtherWay(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("a shell script is no program here")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "kubectl")
	script := "#!/bin/sh\ncat > " + dir + "/input\nprintf '%s\\n' \"$0\" \"$@\" > " + dir + "/arguments\nenv > " + dir + "/environment\n"
	if err := os.WriteFile(path, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	got := func(name string) string {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		return string(text)
	}
	private := strings.Repeat("kind: Secret # private\n", 1<<14) // more than a pipe's buffer
	feed := kubectl.Feeder(path)
	if _, err := feed.With([]byte(private)).In("mgmt")(t.Context(), "apply", "--filename=-"); err != nil {
		t.Fatal(err)
	}
	if text := got("input"); text != private {
		t.Errorf("on standard input are %d bytes, want %d", len(text), len(private))
	}
	if text := got("arguments"); text != path+"\n--context=mgmt\napply\n--filename=-\n" {
		t.Errorf("its arguments are %s", text)
	}
	if strings.Contains(got("environment"), "private") {
		t.Errorf("the text is in its environment")
	}
	for what, run := range map[string]kubectl.Run{"no text": feed.With(nil), "a program": kubectl.Program(path)} {
		if _, err := run(t.Context(), "get"); err != nil || got("input") != "" {
			t.Errorf("%s: %q on standard input: %v", what, got("input"), err)
		}
	}
}
