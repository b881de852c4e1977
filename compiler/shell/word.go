// Package shell writes commands that people paste into a shell.
package shell

import "strings"

// plain are the characters that no POSIX shell gives a meaning to, wherever in a word they stand
// (POSIX.1-2017, Shell Command Language, 2.2).
const plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,"

// Word quotes a text, where that is needed, so that a POSIX shell takes it for one word and expands
// nothing in it. A line break stays within the quotes.
func Word(s string) string {
	if s != "" && strings.Trim(s, plain) == "" {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
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
