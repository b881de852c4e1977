package source

import "strings"

// A line of more than longLine bytes has an index with an entry for every stride characters, and a diagnostic quotes only a part of it.
// Otherwise a thousand faults in one line would take quadratic time.
const longLine, stride = 64 << 10, 4 << 10

// set sets the file's text, and records where its lines start. Nothing may be quoted before show.
func (f *File) set(text string) { f.text, f.lines = text, lineStarts(text) }

// show prepares the text that may be quoted, and indexes its long lines. The argument must be the file's text.
func (f *File) show(text []byte) {
	f.conceal(text)
	f.marks = map[int][]int{}
	for n := range f.shownLines {
		line := f.Line(n + 1)
		if len(line) <= longLine {
			continue
		}
		characters := 0
		for at := range line {
			if characters%stride == 0 {
				f.marks[n+1] = append(f.marks[n+1], at)
			}
			characters++
		}
	}
}

func lineStarts(s string) []int {
	starts := make([]int, 1, 2+strings.Count(s, "\n"))
	for i := 0; i < len(s); i++ {
		if s[i] == '\r' && i+1 < len(s) && s[i+1] == '\n' {
			continue
		}
		if (s[i] == '\n' || s[i] == '\r') && i+1 < len(s) {
			starts = append(starts, i+1)
		}
	}
	return starts
}

// Line returns line n without its end and with private values masked; "" if there is no such line.
func (f *File) Line(n int) string {
	return strings.TrimRight(lineOf(f.shown, f.shownLines, n), "\r\n")
}

// whole returns line n with its end and its private values; it must not be quoted.
func (f *File) whole(n int) string { return lineOf(f.text, f.lines, n) }

func lineOf(text string, starts []int, n int) string {
	switch {
	case n < 1 || n > len(starts):
		return ""
	case n < len(starts):
		return text[starts[n-1]:starts[n]]
	}
	return text[starts[n-1]:]
}

// around returns line n, or the part around a column if the line is long, and how many characters of the line come before that part.
func (f *File) around(n, column int) (text string, skipped int) {
	line, marks := f.Line(n), f.marks[n]
	if marks == nil {
		return line, 0
	}
	first := min(max((column-1)/stride-1, 0), len(marks)-1)
	if last := first + 3; last < len(marks) {
		line = line[:marks[last]]
	}
	return line[marks[first]:], first * stride
}
