package diag

import (
	"embed"
	"io/fs"
	"path"
	"strings"
	"sync"
)

//go:embed codes
var codes embed.FS

// Explanation explains a code.
type Explanation struct {
	Code  Code
	Group string // the group that the code belongs to, if its subject has groups
	Title string // one sentence, without a period
	Text  string // what it means, why it matters and what to do; an input's also has a wrong and a right example
}

// Explanations are the explanations of one subject's codes.
type Explanations []Explanation

// Inputs explains the codes of faults in inputs, by name.
var Inputs = sync.OnceValue(func() Explanations { return ReadExplanations(codes) })

// ReadExplanations reads embedded explanations: for each code a file codes/CODE.txt or codes/GROUP/CODE.txt, with a title, a blank line,
// and the text.
func ReadExplanations(files fs.FS) Explanations {
	var all Explanations
	_ = fs.WalkDir(files, "codes", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			panic(err) // it is part of the program
		}
		if d.IsDir() {
			return nil
		}
		text, err := fs.ReadFile(files, name)
		if err != nil {
			panic(err)
		}
		e := Explanation{Code: Code(strings.TrimSuffix(path.Base(name), ".txt"))}
		if dir := path.Dir(name); dir != "codes" {
			e.Group = path.Base(dir)
		}
		e.Title, e.Text, _ = strings.Cut(string(text), "\n\n")
		all = append(all, e)
		return nil
	})
	return all
}

// Of returns the explanation of a code; false if there is none.
func (es Explanations) Of(code Code) (Explanation, bool) {
	for _, e := range es {
		if e.Code == code {
			return e, true
		}
	}
	return Explanation{Code: code}, false
}

// Paragraph returns the text on one line, without examples.
func (e Explanation) Paragraph() string {
	text, _, _ := strings.Cut(e.Text, "\n\nWrong:")
	return strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", " ")
}
