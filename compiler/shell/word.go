// Package shell writes commands that people paste into a shell.
package shell

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain are the characters that no POSIX shell gives a meaning to, wherever in a word they stand
// (POSIX.1-2017, Shell Command Language, 2.2).
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,"

// Word quotes a text, where that is needed, so that a POSIX shell takes it for one word and expands
// nothing in it. What a terminal would act upon is written in octal, so the word is one line, but for
// line breaks at the end of the text: they stay, within quotes.
func Word(s string) string {
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	if text := strings.TrimRight(s, "\n"); strings.ContainsFunc(text, hidden) {
		return `"$(printf '` + octal(text) + `')"` + ends(s[len(text):])
	}
	return quoted(s)
}

func quoted(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// ends quotes line breaks, which a command substitution would take away.
func ends(breaks string) string {
	if breaks == "" {
		return ""
	}
	return quoted(breaks)
}

// hidden reports whether a terminal may not show a character as it is; so also a byte that is none.
func hidden(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

// octal is a text as the format of printf, between single quotes (POSIX.1-2017, File Format Notation).
func octal(s string) string {
	var b strings.Builder
	for i, r := range s {
		size := max(utf8.RuneLen(r), 1)
		if r == utf8.RuneError {
			_, size = utf8.DecodeRuneInString(s[i:])
		}
		switch {
		case r == '%':
			b.WriteString("%%")
		case hidden(r), r == '\\', r == '\'', r == '-' && i == 0:
			for _, c := range []byte(s[i : i+size]) {
				fmt.Fprintf(&b, `\%03o`, c)
			}
		default:
			b.WriteRune(r)
		}
	}
	return b.String()
}

// Path quotes the path of a file. One that begins with a dash would be taken for an option.
func Path(s string) string {
	if strings.HasPrefix(s, "-") {
		s = "./" + s
	}
	return Word(s)
}

// Paths quotes the paths of files, and puts a space between them.
func Paths(paths ...string) string {
	words := make([]string, len(paths))
	for i, p := range paths {
		words[i] = Path(p)
	}
	return strings.Join(words, " ")
}

// Item is a path as an item of a list of files, which kubectl and helm read as a line of CSV.
func Item(path string) string {
	if !strings.ContainsAny(path, ",\"\r\n") {
		return path
	}
	return `"` + strings.ReplaceAll(path, `"`, `""`) + `"`
}
