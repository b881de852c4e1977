package lockfile_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"relayform/compiler/lockfile"
	"relayform/schema/diag"
)

const sealedName = "topology.sealed.yaml"

// sealedValues returns a lockfile with records of three values for two audiences, unordered.
func sealedValues() *lockfile.File {
	var all []lockfile.Sealed
	for i, holds := range []string{"cc", "aa", "bb"} {
		for _, audience := range []string{"fleet", "edge"} {
			text, _ := json.Marshal(map[string]any{"value": fmt.Sprintf("ENC[%d,%s+/=]", i, audience), "keys": []string{"age1" + holds}})
			all = append(all, lockfile.Sealed{Holds: holds, For: audience, Bound: "data:tls.key", Text: text})
		}
	}
	return (&lockfile.File{Topology: "demo"}).WithSealed(all)
}

func readSealed(text []byte) (*lockfile.File, error) {
	return (&lockfile.File{Topology: "demo"}).ReadSealed(sealedName, text)
}

// TestSealedValuesComeBackAsTheyWere writes records and reads them, also with Windows line ends and in an order left by a git merge. They
// are sorted, one per line, and written again they are the same bytes.
func TestSealedValuesComeBackAsTheyWere(t *testing.T) {
	l := sealedValues()
	text := l.MarshalSealed()
	lines := bytes.SplitAfter(bytes.TrimSuffix(text, []byte("\n")), []byte("\n"))
	head, records := lines[:len(lines)-len(l.Sealed)], lines[len(lines)-len(l.Sealed):]
	if !slices.IsSortedFunc(records, bytes.Compare) {
		t.Errorf("not sorted:\n%s", text)
	}
	for i, r := range records {
		if !bytes.HasPrefix(r, fmt.Appendf(nil, `- {"holds":%q,"for":%q,`, l.Sealed[i].Holds, l.Sealed[i].For)) {
			t.Errorf("line %d begins %.40s", i, r)
		}
	}
	turned := slices.Clone(lines[:len(lines)-1])
	slices.Reverse(turned[len(head):])
	for what, form := range map[string][]byte{
		"as it was":                  text,
		"with the lines of Windows":  bytes.ReplaceAll(text, []byte("\n"), []byte("\r\n")),
		"with a line that is double": append(slices.Clone(text), records[0]...),
		"in a different order":       slices.Concat(bytes.Join(head, nil), lines[len(lines)-1], []byte("\n"), bytes.Join(turned[len(head):], nil)),
	} {
		have, err := readSealed(form)
		if err != nil {
			t.Errorf("%s: %v", what, err)
		} else if !reflect.DeepEqual(have.Sealed, l.Sealed) || !bytes.Equal(have.MarshalSealed(), text) {
			t.Errorf("%s: reads\n%+v", what, have.Sealed)
		}
	}
	if text := (&lockfile.File{Topology: "demo"}).MarshalSealed(); text != nil {
		t.Errorf("without records there is a file: %s", text)
	}
}

// TestAnotherSealedValueIsAnotherLine adds a record among the others, and removes it: git shows one line.
func TestAnotherSealedValueIsAnotherLine(t *testing.T) {
	l := sealedValues()
	added := lockfile.Sealed{Holds: "bb", For: "f", Bound: "data:token", Text: json.RawMessage(`"x"`)}
	more := l.WithSealed(append(slices.Clone(l.Sealed), added)).MarshalSealed()
	var without [][]byte
	for line := range bytes.Lines(more) {
		if !bytes.Contains(line, []byte("data:token")) {
			without = append(without, line)
		}
	}
	if was := l.MarshalSealed(); !bytes.Equal(bytes.Join(without, nil), was) || bytes.Count(more, []byte("\n")) != bytes.Count(was, []byte("\n"))+1 {
		t.Errorf("got\n%s\nafter\n%s", more, was)
	}
}

// TestTheNewerOfTwoSealedValuesStays adds two records for the same value: the first is kept, and found.
func TestTheNewerOfTwoSealedValuesStays(t *testing.T) {
	l := sealedValues()
	newer := l.Sealed[2]
	newer.Text = json.RawMessage(`"newer"`)
	next := l.WithSealed(append([]lockfile.Sealed{newer}, l.Sealed...))
	if have, ok := next.FindSealed(newer.Holds, newer.For, newer.Bound); !ok || string(have.Text) != `"newer"` || len(next.Sealed) != len(l.Sealed) {
		t.Errorf("found %+v, %t among %d", have, ok, len(next.Sealed))
	}
	for _, other := range []lockfile.Sealed{{Holds: "dd", For: newer.For, Bound: newer.Bound}, {Holds: newer.Holds, For: "ed", Bound: newer.Bound}, {Holds: newer.Holds, For: newer.For, Bound: "data:tls"}} {
		if have, ok := next.FindSealed(other.Holds, other.For, other.Bound); ok {
			t.Errorf("%+v: found %+v", other, have)
		}
	}
}

// TestEveryEditOfSealedValuesIsRefused changes each byte of the file in turn, truncates it there, and inserts a byte: it is refused with a
// line number, or parses to the same; a truncated file may parse to its first records.
func TestEveryEditOfSealedValuesIsRefused(t *testing.T) {
	l := sealedValues()
	text := l.MarshalSealed()
	for i := range text {
		for what, edited := range map[string][]byte{
			"another byte": slices.Concat(text[:i], []byte{text[i] ^ 1}, text[i+1:]),
			"a byte more":  slices.Concat(text[:i], []byte("a"), text[i:]),
			"a byte less":  slices.Concat(text[:i], text[i+1:]),
		} {
			if have, err := readSealed(edited); err == nil && !reflect.DeepEqual(have.Sealed, l.Sealed) {
				t.Errorf("%s at %d is taken:\n%s", what, i, edited)
			} else if err != nil {
				wellTold(t, what, err, edited)
			}
		}
		if have, err := readSealed(text[:i]); err == nil && (len(have.Sealed) >= len(l.Sealed) || !reflect.DeepEqual(have.Sealed, l.Sealed[:len(have.Sealed)])) {
			t.Errorf("cut at %d it is taken:\n%s", i, text[:i])
		} else if err != nil {
			wellTold(t, "cut", err, text[:i])
		}
	}
}

// wellTold checks that a refusal has a line of the file, and says what to do.
func wellTold(t *testing.T, what string, err error, text []byte) {
	t.Helper()
	var faults diag.List
	if !errors.As(err, &faults) || len(faults) != 1 {
		t.Fatalf("%s: %v", what, err)
	}
	d := faults[0]
	if d.File != sealedName || d.Line < 1 || d.Line > 1+bytes.Count(text, []byte("\n")) || d.Code != diag.BadSealed || !strings.Contains(d.Hint, "restore the file from git") {
		t.Errorf("%s: %+v", what, d)
	}
}

// TestSealedValuesSayWhereTheyAreWrong checks the line and message for each kind of damage to the file.
func TestSealedValuesSayWhereTheyAreWrong(t *testing.T) {
	good := string(sealedValues().MarshalSealed())
	lines := strings.SplitAfter(strings.TrimSuffix(good, "\n"), "\n")
	const first = 6 // line of the first record
	line := func(n int) string { return strings.TrimSuffix(lines[n-1], "\n") }
	field := func(n int, name string) string {
		_, rest, _ := strings.Cut(line(n), `"`+name+`":"`)
		value, _, _ := strings.Cut(rest, `"`)
		return value
	}
	record, digest := "want a record, as relayform writes it on one line", "the record was edited, or cut: its digest differs"
	for what, c := range map[string]struct {
		text string
		line int
		want string
	}{
		"nothing in it":                 {"", 1, "not as relayform writes it"},
		"another comment":               {strings.Replace(good, "Commit it", "Keep it", 1), 1, "not as relayform writes it"},
		"another version":               {strings.Replace(good, "relayform/v1", "relayform/v2", 1), 2, "not as relayform writes it"},
		"another kind":                  {strings.Replace(good, "SealedValues", "Topology", 1), 3, "not as relayform writes it"},
		"of another topology":           {strings.Replace(good, "topology: demo", "topology: other", 1), 4, "want topology: demo, whose lockfile is beside it"},
		"of a topology with more":       {strings.Replace(good, "topology: demo", "topology: demo2", 1), 4, "want topology: demo, whose lockfile is beside it"},
		"no records":                    {strings.Join(lines[:first-1], ""), 5, "no value follows"},
		"no end of its last line":       {strings.TrimSuffix(good, "\n"), len(lines), record},
		"a line that is empty":          {strings.Replace(good, line(first+1), "\n"+line(first+1), 1), first + 1, record},
		"a git merge conflict":          {strings.Replace(good, line(first+2), "<<<<<<< HEAD\n"+line(first+2)+"\n=======\n"+line(first+2)+"\n>>>>>>> other", 1), first + 2, "a git merge conflict begins here"},
		"the end of a conflict":         {strings.Replace(good, line(first+3), line(first+3)+"\n>>>>>>> other", 1), first + 4, record},
		"a record's ciphertext swapped": {strings.Replace(good, "ENC[0,edge", "ENC[1,edge", 1), first + 4, digest},
		"a record cut":                  {strings.Replace(good, "ENC[2,fleet", "ENC[2", 1), first + 3, digest},
		"for somebody else":             {strings.Replace(good, `"holds":"aa","for":"edge"`, `"holds":"aa","for":"fleet"`, 1), first, digest},
		"of another key":                {strings.Replace(good, `"holds":"aa","for":"edge"`, `"holds":"bb","for":"edge"`, 1), first, digest},
		"bound to another place":        {strings.Replace(good, "data:tls.key", "data:token", 1), first, digest},
		"put together from two":         {strings.Replace(good, field(first, "sha256"), field(first+1, "sha256"), 1), first, digest},
		"a field that is unknown":       {strings.Replace(good, `{"holds":"bb"`, `{"more":1,"holds":"bb"`, 1), first + 2, record},
		"text behind a record":          {strings.Replace(good, line(first+1), line(first+1)+" # mine", 1), first + 1, record},
		"a record behind a record":      {strings.Replace(good, line(first+1), line(first+1)+" {}", 1), first + 1, record},
		"a brace behind a record":       {strings.Replace(good, line(first+1), line(first+1)+"}", 1), first + 1, record},
		"no dash":                       {strings.Replace(good, line(first), strings.TrimPrefix(line(first), "- "), 1), first, record},
		"no field":                      {strings.Replace(good, line(first), "- {}", 1), first, digest},
		"null":                          {strings.Replace(good, line(first), "- null", 1), first, digest},
		"a list":                        {strings.Replace(good, line(first), "- []", 1), first, record},
	} {
		if c.text == good {
			t.Errorf("%s: nothing is changed", what)
			continue
		}
		_, err := readSealed([]byte(c.text))
		if err == nil {
			t.Errorf("%s: taken\n%s", what, c.text)
			continue
		}
		wellTold(t, what, err, []byte(c.text))
		if at := fmt.Sprintf("%s:%d:1: ", sealedName, c.line); !strings.HasPrefix(err.Error(), at+c.want) {
			t.Errorf("%s: got %v, want %s%s", what, err, at, c.want)
		}
	}
}

// TestRefusedSealedValuesShowNothingPrivate checks that a private key pasted into the file is not quoted.
func TestRefusedSealedValuesShowNothingPrivate(t *testing.T) {
	private := "AGE-SECRET-KEY-1X8X6M83Y9P6GWE6RU2Y0LVMNGLRNHRWUH6HCFC6KGFJAAJ9K8GLSGS6EJ0"
	for n := range 40 {
		_, err := readSealed(append(sealedValues().MarshalSealed(), "- "+strings.Repeat(" ", n)+private+"\x1b[2J\xff\n"...))
		var faults diag.List
		if !errors.As(err, &faults) || strings.Contains(faults[0].Text+err.Error(), "1X8X6M83Y9P6") || strings.Contains(faults[0].Text, "\x1b") || !utf8.ValidString(faults[0].Text) {
			t.Errorf("%d spaces before it: got %q, %v", n, faults[0].Text, err)
		}
	}
}
