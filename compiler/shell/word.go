// Package shell formats commands for users to paste into a shell.
package shell

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// plain are the characters without special meaning to a POSIX shell, anywhere in a word (POSIX.1-2017, Shell Command Language, 2.2).
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,"

// Word quotes a text if necessary, so that a POSIX shell reads it as one word without expansion. What a terminal would interpret is written
// in octal, so that the word is on one line, except for line breaks at the end of the text, which stay, within quotes.
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

// ends quotes line breaks, which a command substitution would remove.
func ends(breaks string) string {
	if breaks == "" {
		return ""
	}
	return quoted(breaks)
}

// hidden reports whether a terminal may not display a character as it is; also for an invalid byte.
func hidden(r rune) bool { return r == utf8.RuneError || !unicode.IsPrint(r) }

// octal returns a text as a printf format, between single quotes (POSIX.1-2017, File Format Notation).
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

// Path quotes a file's path. One that begins with a dash would be taken for an option.
func Path(s string) string {
	if strings.HasPrefix(s, "-") {
		s = "./" + s
	}
	return Word(s)
}

// Paths quotes the paths of files, separated by spaces.
func Paths(paths ...string) string {
	words := make([]string, len(paths))
	for i, p := range paths {
		words[i] = Path(p)
	}
	return strings.Join(words, " ")
}

// Item returns a path as an item in a list of files, which kubectl and helm parse as a line of CSV.
func Item(path string) string {
	if !strings.ContainsAny(path, ",\"\r\n") {
		return path
	}
	return `"` + strings.ReplaceAll(path, `"`, `""`) + `"`
}
