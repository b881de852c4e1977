package main

import (
	"strings"
	"unicode/utf8"

	"relayform/schema/diag"
)

// fitting writes a page for a screen, line by line.
type fitting struct {
	screen           diag.Screen
	out              strings.Builder
	paragraph, table []string
	code             bool
}

// fitted is a page for a screen. Lines of a paragraph are joined before they are filled. A table that is wider than the screen
// becomes a list, and a comment behind code that is too wide goes in front of it.
func fitted(text string, s diag.Screen) string {
	if s == (diag.Screen{}) {
		return text
	}
	f := fitting{screen: s}
	for line := range strings.Lines(text) {
		f.add(strings.TrimSuffix(line, "\n"))
	}
	f.end()
	return f.out.String()
}

func (f *fitting) add(line string) {
	fence := strings.HasPrefix(line, "```")
	switch {
	case fence:
		f.end()
		f.out.WriteString(line + "\n")
	case f.code:
		f.addCode(line)
	case strings.HasPrefix(line, "|"):
		if len(f.table) == 0 {
			f.end()
		}
		f.table = append(f.table, line)
	case line == "", strings.HasPrefix(line, "#"), strings.HasPrefix(line, "    "):
		f.end()
		if strings.HasPrefix(line, "#") {
			line = f.screen.Bold(line)
		}
		f.out.WriteString(line + "\n")
	default:
		if strings.HasPrefix(line, "- ") || len(f.table) > 0 {
			f.end()
		}
		f.paragraph = append(f.paragraph, line)
	}
	f.code = f.code != fence
}

// end writes the paragraph or the table that ends.
func (f *fitting) end() {
	if len(f.paragraph) > 0 {
		indent := 0
		if strings.HasPrefix(f.paragraph[0], "- ") {
			indent = 2
		}
		f.screen.Fill(&f.out, "", indent, strings.Join(f.paragraph, " "))
	}
	if len(f.table) > 0 {
		f.addTable()
	}
	f.paragraph, f.table = nil, nil
}

func (f *fitting) wide(line string) bool {
	return f.screen.Width > 0 && utf8.RuneCountInString(line) > f.screen.Width
}

// addCode writes a line of code, of shell or YAML, whose comment may stand on lines of its own.
func (f *fitting) addCode(line string) {
	code, comment, ok := strings.Cut(line, "  # ")
	if code = strings.TrimRight(code, " "); !ok || !f.wide(line) || strings.TrimSpace(code) == "" {
		f.out.WriteString(line + "\n")
		return
	}
	head := strings.Repeat(" ", len(code)-len(strings.TrimLeft(code, " "))) + "# "
	var text strings.Builder
	diag.Screen{Width: f.screen.Width - len(head)}.Fill(&text, "", 0, comment)
	for line := range strings.Lines(text.String()) {
		f.out.WriteString(head + line)
	}
	f.out.WriteString(code + "\n")
}

// addTable writes a table as it is where it fits; else a list of its rows, each of its cells with what heads it.
func (f *fitting) addTable() {
	fits := true
	for _, line := range f.table {
		fits = fits && !f.wide(line)
	}
	if fits || len(f.table) < 3 {
		f.out.WriteString(strings.Join(f.table, "\n") + "\n")
		return
	}
	heads := cells(f.table[0])
	for _, line := range f.table[2:] {
		for i, cell := range cells(line) {
			switch {
			case i == 0:
				f.screen.Fill(&f.out, "- ", 2, cell)
			case cell == "":
			case i < len(heads) && heads[i] != "":
				f.screen.Fill(&f.out, "  ", 4, heads[i]+": "+cell)
			default:
				f.screen.Fill(&f.out, "  ", 4, cell)
			}
		}
	}
}

// cells are those of a table's row.
func cells(row string) []string {
	all := strings.Split(strings.Trim(row, "|"), " | ")
	for i := range all {
		all[i] = strings.TrimSpace(all[i])
	}
	return all
}
