package diag

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
)

// TestJSONSaysTheSame writes characters that a terminal would interpret, some of them outside the basic plane, and reads them back:
// programs see the original input.
func TestJSONSaysTheSame(t *testing.T) {
	for _, text := range []string{"plain", "\x1b[2J", "\u202e\u200b", "\U000e0041\U0010ffff\U000f0000", "é日本😀", `<a & "b">`, "a\nb\tc\\u0041"} {
		var b bytes.Buffer
		if err := WriteJSON(&b, "", text); err != nil {
			t.Fatal(err)
		}
		quoted, back := bytes.TrimSuffix(b.Bytes(), []byte("\n")), ""
		if err := json.Unmarshal(quoted, &back); err != nil || back != text {
			t.Errorf("%q is written as %s, and read as %q (%v)", text, quoted, back, err)
		}
		if strings.ContainsFunc(string(quoted), acts) {
			t.Errorf("%q is written as %q", text, quoted)
		}
	}
	var b bytes.Buffer
	if _ = WriteJSON(&b, "", "<é😀>"); b.String() != "\"<é😀>\"\n" {
		t.Errorf("what can be read is escaped: %s", b.Bytes())
	}
}

// TestAnnotationsAreWhole writes faults as workflow commands: no name of a file or field can end a command, begin another, or move the
// annotation.
func TestAnnotationsAreWhole(t *testing.T) {
	place := Pos{File: "a,line=9%:b.yaml", Line: 3, Column: 5, EndLine: 4, EndColumn: 7}
	var b bytes.Buffer
	err := List{
		{Pos: place, Path: "a.b", Fault: Fault{BadValue, "100%\n::error file=x::y", "do\rthis"}},
		{Pos: Pos{File: "f\n::error::x"}, Fault: Fault{BadFile, "gone", ""}},
	}.WriteGitHub(&b)
	want := "::error file=a%2Cline=9%25%3Ab.yaml,line=3,endLine=4,col=5,endColumn=7,title=relayform bad-value::a.b: 100%25%0A::error file=x::y%0Ahint: do\\rthis\n" +
		"::error file=f\\n%3A%3Aerror%3A%3Ax,title=relayform bad-file::gone\n"
	if err != nil || b.String() != want {
		t.Errorf("got  %s\nwant %s (%v)", b.String(), want, err)
	}
}

// TestNothingInACommentActs writes faults as Markdown: no text of an input can be a tag, a link, a mention, or the end of its paragraph.
func TestNothingInACommentActs(t *testing.T) {
	hostile := "`<b>\n# @all *x* [y](z) |~!\\&lt;"
	var b strings.Builder
	err := List{
		{Pos: Pos{hostile, 3, 5, 3, 7}, Path: hostile, Fault: Fault{BadValue, hostile, hostile}},
		{Pos: Pos{File: "f.yaml"}, Fault: Fault{BadFile, "gone", ""}},
	}.WriteMarkdown(&b)
	const code, text = `'<b>\n# @all *x* [y](z) |~!\&lt;`, "\\`&lt;b&gt;\\\\n\\# &#64;all \\*x\\* \\[y\\](z) \\|\\~\\!\\\\&amp;lt;"
	want := "\n❌ **bad-value** `" + code + ":3:5` `" + code + "`: " + text + "<br>" + text + "\n\n❌ **bad-file** `f.yaml` gone\n"
	if err != nil || b.String() != want {
		t.Errorf("got  %s\nwant %s (%v)", b.String(), want, err)
	}
}

// TestCommentsAreShort has more faults than a comment has room for, each as long as they get.
func TestCommentsAreShort(t *testing.T) {
	long := strings.Repeat("&<", 100)
	var b strings.Builder
	if err := slices.Repeat(List{{Pos: Pos{long, 3, 5, 3, 7}, Path: long, Fault: Fault{BadValue, long, long}}}, 101).WriteMarkdown(&b); err != nil {
		t.Fatal(err)
	}
	if text := b.String(); strings.Count(text, "❌") != 20 || !strings.HasSuffix(text, "\n\nAnd 81 more.\n") || len(text) > 65536 {
		t.Errorf("%d bytes: %s", len(text), text)
	}
}

// TestSARIFHasEachFault reads a log back: each fault with its place and rule, each rule once.
func TestSARIFHasEachFault(t *testing.T) {
	faults := List{
		{Pos: Pos{"a b#c%.yaml", 3, 5, 4, 7}, Path: "a.b", Fault: Fault{BadValue, "wrong", "do this"}},
		{Pos: Pos{File: "/x/y.yaml"}, Fault: Fault{BadFile, "gone", ""}},
		{Pos: Pos{"c.yaml", 1, 1, 1, 2}, Fault: Fault{BadValue, "wrong again", ""}},
	}
	var b bytes.Buffer
	if err := faults.WriteSARIF(&b, "v1.2"); err != nil {
		t.Fatal(err)
	}
	var log sarifLog
	if err := json.Unmarshal(b.Bytes(), &log); err != nil || log.Version != "2.1.0" || len(log.Runs) != 1 {
		t.Fatalf("%v: %s", err, b.Bytes())
	}
	run := log.Runs[0]
	var rules []string
	for _, r := range run.Tool.Driver.Rules {
		rules = append(rules, r.ID)
		if r.Short.Text == "" || r.Full.Text == "" {
			t.Errorf("the rule %s is not explained", r.ID)
		}
	}
	if !slices.Equal(rules, []string{"bad-value", "bad-file"}) || run.Tool.Driver.Version != "v1.2" || run.ColumnKind != "unicodeCodePoints" {
		t.Errorf("rules %q, version %s, columns in %s", rules, run.Tool.Driver.Version, run.ColumnKind)
	}
	for i, want := range []string{
		"bad-value 0 error a.b: wrong (hint: do this) a%20b%23c%25.yaml &{3 5 4 7}", "bad-file 1 error gone file:///x/y.yaml <nil>", "bad-value 0 error wrong again c.yaml &{1 1 1 2}",
	} {
		r := run.Results[i]
		at := r.Locations[0].Physical
		if got := fmt.Sprint(r.RuleID, " ", r.RuleIndex, " ", r.Level, " ", r.Message.Text, " ", at.Artifact.URI, " ", at.Region); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for format, err := range map[string]error{
		"text": faults.WriteText(full{}), "json": faults.WriteJSON(full{}), "github": faults.WriteGitHub(full{}), "markdown": faults.WriteMarkdown(full{}), "sarif": faults.WriteSARIF(full{}, ""),
	} {
		if err == nil {
			t.Errorf("%s: a disk that is full is not told", format)
		}
	}
}

// full is a writer like a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestFaultsAreCounted has more faults than are shown: the list must say how many more there are.
func TestFaultsAreCounted(t *testing.T) {
	many := func(n int) List {
		var l List
		for i := range n {
			l = append(l, Diagnostic{Pos: Pos{File: "f", Line: n - i, Column: 1}, Fault: Fault{BadValue, "wrong", ""}})
		}
		return l
	}
	for n, last := range map[int]string{
		1: "wrong", 100: "wrong", 101: "1 more faults; the first 100 are shown", 999: "899 more faults; the first 100 are shown",
		1000: "more than 900 more faults; the first 100 are shown", 5000: "more than 900 more faults; the first 100 are shown",
	} {
		var faults List
		errors.As(many(n).Err(), &faults)
		if len(faults) != min(n, MaxFaults+1) || faults[0].Line != 1 || !strings.HasSuffix(faults[len(faults)-1].Message, last) || faults[len(faults)-1].File != "f" {
			t.Errorf("%d faults: %d are told, from line %d, the last %q", n, len(faults), faults[0].Line, faults[len(faults)-1].Message)
		}
	}
	if List(nil).Err() != nil || Join(nil, nil) != nil || Join(List(nil).Err(), nil) != nil {
		t.Error("no fault is an error")
	}
	twice := Join(many(150).Err(), many(30).Err()) // of one file, so thirty are the same
	var faults List
	if errors.As(twice, &faults); len(faults) != 101 || !strings.HasPrefix(faults[100].Message, "50 more") {
		t.Errorf("joined: %d, %q", len(faults), faults[len(faults)-1].Message)
	}
	broken := errors.New("the disk is full")
	if Join(many(1).Err(), broken) != broken || Join(broken, many(1).Err()) != broken || Join(nil, broken) != broken {
		t.Error("an error that is not a fault of the input is lost beside one")
	}
}

// TestAFaultIsToldOnce sorts by position, and drops duplicates.
func TestAFaultIsToldOnce(t *testing.T) {
	d := func(file string, line, column int, path string, code Code, message string) Diagnostic {
		return Diagnostic{Pos: Pos{File: file, Line: line, Column: column}, Path: path, Fault: Fault{code, message, ""}}
	}
	want := List{
		d("a", 9, 9, "z", Clash, "z"), d("b", 1, 9, "z", Clash, "z"), d("b", 2, 1, "z", Clash, "z"), d("b", 2, 2, "a", OneOf, "z"), d("b", 2, 2, "b", Clash, "z"),
		d("b", 2, 2, "b", OneOf, "a"), d("b", 2, 2, "b", OneOf, "b"),
	}
	shuffled := slices.Concat(List{want[6], want[4], want[2], want[0], want[5], want[3], want[1]}, want)
	if got := shuffled.Sorted(); !slices.Equal(got, want) {
		t.Errorf("got\n%s\nwant\n%s", got.Error(), want.Error())
	}
}
