package source

import (
	"fmt"
	"strings"
	"unicode"
)

// blank replaces a refused character, so that the rest of the file can be judged.
const blank = unicode.ReplacementChar

// character is a character that people cannot see, or mistake for another.
type character struct {
	r    rune
	name string
}

// characters are those that users may meet, with descriptive names.
var characters = []character{
	{0x00, "NUL"}, {0x08, "backspace"}, {0x0b, "vertical tab"}, {0x0c, "form feed"}, {0x1b, "escape"}, {0x7f, "delete"},
	{0x85, "next line"}, {0xa0, "no-break space"}, {0xad, "soft hyphen"}, {0x61c, "Arabic letter mark"},
	{0x200b, "zero-width space"}, {0x200c, "zero-width non-joiner"}, {0x200d, "zero-width joiner"},
	{0x200e, "left-to-right mark"}, {0x200f, "right-to-left mark"}, {0x2028, "line separator"}, {0x2029, "paragraph separator"},
	{0x202a, "left-to-right embedding"}, {0x202b, "right-to-left embedding"}, {0x202c, "pop directional formatting"},
	{0x202d, "left-to-right override"}, {0x202e, "right-to-left override"}, {0x202f, "narrow no-break space"},
	{0x2060, "word joiner"}, {0x2066, "left-to-right isolate"}, {0x2067, "right-to-left isolate"},
	{0x2068, "first strong isolate"}, {0x2069, "pop directional isolate"}, {0x3000, "ideographic space"}, {0x3164, "Hangul filler"},
	{0xfeff, "byte order mark"}, {0xfffd, "replacement character"},
}

func nameOf(r rune) string {
	for _, c := range characters {
		if c.r == r {
			return fmt.Sprintf("U+%04X (%s)", r, c.name)
		}
	}
	return fmt.Sprintf("U+%04X", r)
}

// dangerous says why a character is not permitted anywhere in a file, not even in a comment; empty if it is permitted.
func dangerous(r rune) string {
	switch {
	case r >= ' ' && r < 0x7f, r == '\t', r == '\n', r == '\r':
		return ""
	case unicode.Is(unicode.Bidi_Control, r):
		return "the character %s changes the order in which the line is shown; people read something else than it says"
	case unicode.IsControl(r), r == 0x2028, r == 0x2029:
		return "the control character %s; want plain text"
	case r == blank:
		return "the character %s is one that an earlier conversion left in place of the real one"
	case r&0xfffe == 0xfffe, r >= 0xfdd0 && r <= 0xfdef:
		return "%s is not a character; want plain text"
	}
	return ""
}

// hidden says why a character is not permitted in a key or a value; empty if it is permitted.
func hidden(r rune) string {
	switch why := dangerous(r); {
	case why != "":
		return why
	case unicode.Is(unicode.Cf, r), r == 0x115f, r == 0x1160, r == 0x3164, r == 0xffa0:
		return "the character %s cannot be seen; want text that looks like what it is"
	case r != ' ' && unicode.Is(unicode.Zs, r):
		return "the character %s looks like a space but is not one"
	}
	return ""
}

// remedy says what to do about a hidden character.
func remedy(r rune) string {
	if unicode.Is(unicode.Zs, r) {
		return "write a plain space, or none"
	}
	return "delete it; an editor that shows invisible characters finds it"
}

// wide returns the name of a text's encoding if it has two or four bytes for each character, or else an empty string.
func wide(text []byte) string {
	switch s := string(text[:min(len(text), 4)]); {
	case strings.HasPrefix(s, "\xff\xfe\x00\x00"), strings.HasPrefix(s, "\x00\x00\xfe\xff"):
		return "UTF-32"
	case strings.HasPrefix(s, "\xff\xfe"), strings.HasPrefix(s, "\xfe\xff"):
		return "UTF-16"
	case len(s) == 4 && (s[0] == 0) == (s[2] == 0) && (s[1] == 0) == (s[3] == 0) && (s[0] == 0) != (s[1] == 0):
		return "UTF-16"
	}
	return ""
}

// lookAlikes pairs letters of other scripts with the ASCII letters that they look like.
var lookAlikes = []struct{ other, ascii string }{
	{"аеорсухіјѕԁһӏкмтвнгпԛԝ", "aeopcyxijsdhlkmtbhrnqw"},
	{"АВЕКМНОРСТХІЈЅ", "ABEKMHOPCTXIJS"},
	{"αβεικνορτυχγ", "abeikvoptuxy"},
	{"ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEZHIKMNOPTYX"},
	{"ıɑɡ‐‑‒–—−“”„‘’", "iag------\"\"\"''"},
}

func asciiOf(r rune) rune {
	if r >= 0xff01 && r <= 0xff5e { // full-width forms
		return r - 0xff01 + '!'
	}
	for _, t := range lookAlikes {
		for i, other := range []rune(t.other) {
			if other == r {
				return rune(t.ascii[i])
			}
		}
	}
	return 0
}

// Fold returns s with each look-alike replaced by the ASCII character that it looks like, and without invisible characters.
func Fold(s string) string {
	return strings.Map(func(r rune) rune {
		if r < 0x80 {
			return r
		}
		if a := asciiOf(r); a != 0 {
			return a
		}
		if hidden(r) != "" {
			return -1
		}
		return r
	}, s)
}

var scripts = []struct {
	name  string
	table *unicode.RangeTable
}{{"Cyrillic", unicode.Cyrillic}, {"Greek", unicode.Greek}, {"Armenian", unicode.Armenian}, {"Hebrew", unicode.Hebrew},
	{"Arabic", unicode.Arabic}, {"Han", unicode.Han}, {"Hiragana", unicode.Hiragana}, {"Katakana", unicode.Katakana},
	{"Hangul", unicode.Hangul}, {"Latin", unicode.Latin}}

// Foreign describes the first character of s that is not ASCII, and what it looks like; empty if there is none.
func Foreign(s string) string {
	for _, r := range s {
		if r < 0x80 {
			continue
		}
		what := fmt.Sprintf("%c is U+%04X", r, r)
		for _, s := range scripts {
			if unicode.Is(s.table, r) {
				what += ", " + s.name
				break
			}
		}
		if a := asciiOf(r); a != 0 {
			what += fmt.Sprintf(", which looks like %c", a)
		}
		return what
	}
	return ""
}
