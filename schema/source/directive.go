package source

import (
	"strings"
	"unicode/utf8"

	"relayform/schema/diag"
)

// directives reports the lines before the document that begin with %, such as %YAML and %TAG. It replaces them with spaces, so that the
// rest is judged as if they were not there.
func (f *File) directives() diag.List {
	var faults diag.List
	var out strings.Builder
	done := 0
	for n, start := range f.lines {
		line := strings.TrimRight(f.whole(n+1), "\r\n")
		if !strings.HasPrefix(line, "%") {
			if beside(line) {
				continue
			}
			break
		}
		if len(faults) < maxKept {
			faults = append(faults, f.directive(n+1))
		}
		out.WriteString(f.text[done:start])
		out.WriteString(strings.Repeat(" ", utf8.RuneCountInString(line)))
		done = start + len(line)
	}
	if len(faults) > 0 {
		out.WriteString(f.text[done:])
		f.set(out.String())
		f.show([]byte(f.text))
	}
	return faults
}

func (f *File) directive(n int) diag.Diagnostic {
	width := utf8.RuneCountInString(strings.TrimSpace(f.Line(n)))
	return f.At(n, 1, width, "", diag.UnsupportedYAML.Fault("directives are not part of the language", "remove the line"))
}

// beside reports whether a line is outside any document: it is blank, a comment, or only a mark that begins or ends a document.
func beside(line string) bool {
	if strings.HasPrefix(line, "---") || strings.HasPrefix(line, "...") {
		line = line[3:]
		if line != "" && line[0] != ' ' && line[0] != '\t' {
			return false
		}
	}
	line = strings.TrimLeft(line, " \t")
	return line == "" || line[0] == '#'
}

// another reports where a second document begins, and the directives before it.
func (f *File) another(line, column int) diag.List {
	var faults diag.List
	for strings.HasPrefix(f.Line(line), "%") || line < len(f.lines) && beside(f.Line(line)) && !begins(f.Line(line)) {
		if strings.HasPrefix(f.Line(line), "%") && len(faults) < maxKept {
			faults = append(faults, f.directive(line))
		}
		line, column = line+1, 1
	}
	for n := line; n > 0; n-- {
		if begins(f.Line(n)) {
			line, column = n, 1
			break
		}
	}
	return append(faults, f.At(line, column, 3, "", diag.UnsupportedYAML.Fault("a second document begins here; want one document in a file", "split the file here")))
}

func begins(line string) bool { return strings.HasPrefix(line, "---") }
