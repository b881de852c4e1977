package source

import (
	"errors"
	"fmt"
	"io"
	"sort"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"

	"relayform/schema/diag"
	"relayform/schema/pattern"
)

// wording translates the parser's messages into a user's words.
var wording = []struct{ theirs, message, hint string }{
	{"mapping values are not allowed in this context", "a : where none is allowed", "indent the keys of one block alike; put text that contains a colon and a space into quotes"},
	{"could not find expected ':'", "want a : after the key", "write key: value; put a text of several lines into quotes"},
	{"did not find expected key", "this line does not fit the block it is in", "indent the keys of one block alike, and close every quote and bracket"},
	{"did not find expected '-' indicator", "this line does not fit the list it is in", "begin each entry with - in the same column"},
	{"did not find expected ',' or ']'", "want , or ]", "close the list with ]; put text with a colon or a bracket into quotes"},
	{"did not find expected ',' or '}'", "want , or }", "close the block with }; put text with a colon or a brace into quotes"},
	{"did not find expected node content", "a value is missing here", ""},
	{"did not find expected <document start>", "there is text outside the document", "indent the keys of one block alike"},
	{"found unexpected end of stream", "a quote that opens here is never closed", "close the quote"},
	{"found unexpected document indicator", "a quote is still open at this line", "close the quote above"},
	{"found unknown escape character", "an escape that YAML does not know", "in double quotes a \\ begins an escape; write it in single quotes, or as \\\\"},
	{"block sequence entries are not allowed in this context", "a list entry where none is allowed", "put the list on lines of its own, below the key"},
	{"mapping keys are not allowed in this context", "a key where none is allowed", "put each key on a line of its own"},
	{"did not find expected alphabetic or numeric character", "an * or & begins an alias or anchor in YAML", "put the text into quotes"},
}

var (
	yamlLine      = pattern.Late(`^(?:yaml: )?(?:line (\d+): )?(.*)$`)
	noSpace       = pattern.Late(`^[A-Za-z]+:[^\s:/]+$`)
	unknownAnchor = pattern.Late(`^unknown anchor '(.*)' referenced$`)
)

// syntaxErrors turns the parser's message, which has a line at most, into diagnostics.
func (f *File) syntaxErrors(err error) diag.List {
	m := yamlLine().FindStringSubmatch(strings.SplitN(err.Error(), "\n", 2)[0])
	said, _ := strconv.Atoi(m[1])
	line := f.breaksAt(err, said)
	text, _ := f.around(line, 1)
	at := func(fault *diag.Fault) diag.List {
		column := 1 + utf8.RuneCountInString(text) - utf8.RuneCountInString(strings.TrimLeft(text, " \t"))
		return diag.List{f.At(line, column, utf8.RuneCountInString(strings.TrimSpace(text)), "", fault)}
	}
	if strings.Contains(m[2], "exceeded max depth") {
		return at(diag.LimitExceeded.Fault(tooDeep(), ""))
	}
	if a := unknownAnchor().FindStringSubmatch(m[2]); a != nil {
		return at(diag.UnsupportedYAML.Fault("aliases are not part of the language: *"+diag.Shorten(a[1]), "write the value out; quote a text that begins with *"))
	}
	if tabs := f.tabs(); len(tabs) > 0 && strings.HasPrefix(strings.TrimLeft(text, " "), "\t") {
		return tabs
	}
	for _, n := range []int{line - 1, line} { // an invisible character above is the usual cause
		column := 0
		for _, r := range f.Line(n) {
			column++
			if why := hidden(r); why != "" && r != blank {
				return diag.List{f.At(n, column, 1, "", diag.BadCharacter.Fault(fmt.Sprintf(why, nameOf(r)), remedy(r)))}
			}
		}
	}
	trimmed := strings.TrimSpace(text)
	switch {
	case strings.HasPrefix(text, "<<<<<<<"), strings.HasPrefix(text, "======="), strings.HasPrefix(text, ">>>>>>>"):
		return at(diag.YAMLSyntax.Fault("an unresolved merge conflict", "keep one side, and delete git's conflict markers"))
	case strings.HasPrefix(text, "%"):
		return at(diag.UnsupportedYAML.Fault("directives are not part of the language", "remove the line"))
	case noSpace().MatchString(trimmed):
		return at(diag.YAMLSyntax.Fault("want a space after the :", "write "+strings.Replace(diag.Shorten(trimmed), ":", ": ", 1)))
	}
	if i := strings.Index(trimmed, ": "); i >= 0 || strings.HasSuffix(trimmed, ":") {
		value := strings.TrimSpace(trimmed[max(i, 0)+1:])
		if value != "" && strings.ContainsRune("@`%", rune(value[0])) {
			return at(diag.YAMLSyntax.Fault("a plain text may not begin with "+value[:1], "put it into quotes"))
		}
	}
	for _, w := range wording {
		if m[2] == w.theirs {
			return at(diag.YAMLSyntax.Fault("not valid YAML: "+w.message, w.hint))
		}
	}
	return at(diag.YAMLSyntax.Fault("not valid YAML here", "indent the keys of one block alike, and put text with special characters into quotes"))
}

// maxSearch is the maximum size, in bytes, of a text that is searched for a syntax error line by line.
const maxSearch = 256 << 10

// breaksAt returns the line at which the parser fails: the first line with which the text is refused for the same reason. The parser itself
// often names the line at which the block began.
func (f *File) breaksAt(err error, said int) int {
	if len(f.text) > maxSearch {
		return min(max(said, 1), len(f.lines))
	}
	reason := func(err error) string { return yamlLine().FindStringSubmatch(err.Error())[2] }
	return 1 + sort.Search(len(f.lines)-1, func(i int) bool {
		var n yaml.Node
		dec := yaml.NewDecoder(strings.NewReader(f.text[:f.lines[i+1]]))
		for {
			switch e := dec.Decode(&n); {
			case errors.Is(e, io.EOF):
				return false
			case e != nil:
				return reason(e) == reason(err)
			}
		}
	})
}

// tabs reports the lines that are indented with a tab.
func (f *File) tabs() diag.List {
	var faults diag.List
	for n := 1; n <= len(f.lines) && len(faults) < maxKept; n++ {
		line := f.Line(n)
		if i := strings.IndexByte(line, '\t'); i >= 0 && strings.Trim(line[:i], " ") == "" && strings.TrimLeftFunc(line, unicode.IsSpace) != "" {
			faults = append(faults, f.At(n, i+1, 1, "", diag.YAMLSyntax.Fault("a tab in the indentation; YAML allows spaces only", "indent with two spaces a level")))
		}
	}
	return faults
}

// maxKept is the maximum number of faults kept for one file.
const maxKept = diag.MaxCounted
