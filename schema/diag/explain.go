package diag

import (
	"embed"
	"strings"
)

// explanations is one file for each code: a title, a paragraph, and examples.
//
//go:embed codes/*.txt
var explanations embed.FS

// Explanation says what a code means.
type Explanation struct {
	Code  Code
	Title string // one sentence, without a period
	Text  string // what it means and why it is refused
	Full  string // all of it, with a wrong and a right example
}

// Codes are all codes, by name.
func Codes() []Code {
	entries, err := explanations.ReadDir("codes")
	if err != nil {
		panic(err) // it is part of the program
	}
	codes := make([]Code, len(entries))
	for i, e := range entries {
		codes[i] = Code(strings.TrimSuffix(e.Name(), ".txt"))
	}
	return codes
}

// Explain is the explanation of a code; false where there is no such code.
func Explain(code Code) (Explanation, bool) {
	text, err := explanations.ReadFile("codes/" + string(code) + ".txt")
	if err != nil {
		return Explanation{Code: code}, false
	}
	e := Explanation{Code: code, Full: string(text)}
	var rest string
	e.Title, rest, _ = strings.Cut(e.Full, "\n\n")
	e.Text, _, _ = strings.Cut(rest, "\n\nWrong:")
	e.Text = strings.ReplaceAll(e.Text, "\n", " ")
	return e, true
}
