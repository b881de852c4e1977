package shell_test

import (
	"os/exec"
	"strings"
	"testing"
	"unicode"

	"relayform/compiler/shell"
)

// TestShellsReadWordsBack checks how a shell reads each word.
func TestShellsReadWordsBack(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell here")
	}
	for _, want := range []string{
		"kind-mgmt", "arn:aws:eks:eu-west-1:1:cluster/a@b", "", " ", "a b", "it's", "''", "'", "$(touch pwn)", "`id`", "a;b", "a|b", "a&b", "a>b", "*", "?", "[a]", "~", "~root",
		"#no", "!x", "{a,b}", "\\", "a\\b", "\"", "a\nb", "é", "日本", "-n", "a=b", "%s", "\t", "\x1b[31mred", "a\nkubectl delete", "a\n", "\n", "\x1b%s\n\n", "-\x1b", "it's\r$(touch pwn)`id`\\n\"", "\xff\x9b1m", "\u009b2J", "\u202eabc", "\ufffd\x7f",
	} {
		out, err := exec.Command(sh, "-c", "printf '%s' "+shell.Word(want)).Output()
		if want == "-n" {
			out, err = exec.Command(sh, "-c", "printf '%s' -- "+shell.Word(want)).Output()
			out = out[min(len(out), len("--")):]
		}
		if err != nil || string(out) != want {
			t.Errorf("%q is written as %s, which a shell reads as %q (%v)", want, shell.Word(want), out, err)
		}
	}
}

// TestPathsAreNoOptions checks that a file name that begins with a dash is not taken for an option.
func TestPathsAreNoOptions(t *testing.T) {
	if got := shell.Paths("-rf", "a b", "build"); got != "./-rf 'a b' build" {
		t.Errorf("got %s", got)
	}
}

// TestTerminalsShowWords checks that no word controls the terminal on which it is printed, or looks like a separate line.
func TestTerminalsShowWords(t *testing.T) {
	for _, s := range []string{"\x1b[2J", "a\nrm -rf", "\u009b", "\u202e", "\xff", "a\rb", "\x7f", "a\tb"} {
		if w := shell.Word(s); strings.ContainsFunc(w, func(r rune) bool { return r == '\uFFFD' || !unicode.IsPrint(r) }) {
			t.Errorf("%q is written as %q", s, w)
		}
	}
}

// TestEveryCharacterIsRead checks every ASCII character and some others with a shell, by themselves and at the beginning, the end and in
// the middle of a word: none is lost, and none has a special meaning.
func TestEveryCharacterIsRead(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell here")
	}
	var want, words []string
	for r := rune(1); r < 0x100; r++ {
		c := string(r)
		want = append(want, c, "a"+c+"b", c+"b", "a"+c, c+c, "\x01"+c+"b") // the last is written in octal
	}
	for _, s := range want {
		words = append(words, shell.Word(s))
	}
	dir := t.TempDir()
	command := exec.Command(sh, "-c", `printf '%s\0' `+strings.Join(words, " "))
	command.Dir = dir
	out, err := command.Output()
	if got := strings.Split(strings.TrimSuffix(string(out), "\x00"), "\x00"); err != nil || len(got) != len(want) {
		t.Fatalf("%d words are read as %d (%v)", len(want), len(got), err)
	} else {
		for i := range got {
			if got[i] != want[i] {
				t.Errorf("%q is written as %s, and read as %q", want[i], words[i], got[i])
			}
		}
	}
}

// TestUsualWordsStayAsTheyAre checks that common words are not quoted.
func TestUsualWordsStayAsTheyAre(t *testing.T) {
	for _, s := range []string{"kind-mgmt", "build/mgmt-cluster", "admin@edge", "arn:aws:eks:eu-west-1:1:cluster/Prod", "a_b.C,d+e=f%", "0"} {
		if got := shell.Path(s); got != s {
			t.Errorf("%s is written as %s", s, got)
		}
	}
	for s, want := range map[string]string{"": "''", "a b": "'a b'", "it's": `'it'\''s'`, "-a b": "'./-a b'", "--": "./--"} {
		if got := shell.Path(s); got != want {
			t.Errorf("%q is written as %s, want %s", s, got, want)
		}
	}
}
