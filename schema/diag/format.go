package diag

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"
)

// WriteJSON writes an array with one object for each fault, each on a line.
func (l List) WriteJSON(w io.Writer) error {
	var b bytes.Buffer
	b.WriteByte('[')
	for i, d := range l {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteByte('\n')
		if err := WriteJSON(&b, "", d.masked()); err != nil {
			return err
		}
		b.Truncate(b.Len() - 1) // the line end, which may follow a comma
	}
	if len(l) > 0 {
		b.WriteByte('\n')
	}
	b.WriteString("]\n")
	_, err := w.Write(b.Bytes())
	return err
}

// WriteJSON writes v as JSON and a line end; everything that a terminal would interpret or hide is escaped.
func WriteJSON(w io.Writer, indent string, v any) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := w.Write(printableJSON(b.Bytes()))
	return err
}

// printableJSON escapes everything in a JSON text that a terminal would interpret or hide.
func printableJSON(text []byte) []byte {
	var out bytes.Buffer
	for _, r := range string(text) {
		switch {
		case r == '\n' || Printable(string(r)) == string(r):
			out.WriteRune(r)
		case r > 0xffff: // RFC 8259 7: a surrogate pair
			fmt.Fprintf(&out, "\\u%04x\\u%04x", 0xd800+(r-0x10000)>>10, 0xdc00+(r-0x10000)&0x3ff)
		default:
			fmt.Fprintf(&out, "\\u%04x", r)
		}
	}
	return out.Bytes()
}

// WriteGitHub writes workflow commands that annotate the lines of a pull request (GitHub Actions,
// "Workflow commands").
func (l List) WriteGitHub(w io.Writer) error { return WriteGitHub(w, l.results()) }

// WriteGitHub writes a workflow command for each result; a note is a notice there.
func WriteGitHub(w io.Writer, results []Result) error {
	var b strings.Builder
	for _, d := range results {
		properties := []string{"file=" + githubProperty(filepath.ToSlash(d.File))}
		if d.Line > 0 {
			properties = append(properties, fmt.Sprintf("line=%d,endLine=%d,col=%d,endColumn=%d", d.Line, d.EndLine, d.Column, d.EndColumn))
		}
		properties = append(properties, "title="+githubProperty("relayform "+string(d.Code)))
		message := d.Message
		if d.Hint != "" {
			message += "\nhint: " + d.Hint
		}
		fmt.Fprintf(&b, "::"+strings.Replace(d.Level, "note", "notice", 1)+" %s::%s\n", strings.Join(properties, ","), githubText(message))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// githubText escapes a message; intended line breaks stay.
func githubText(s string) string {
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		lines[i] = strings.ReplaceAll(Printable(line), "%", "%25")
	}
	return strings.Join(lines, "%0A")
}

func githubProperty(s string) string {
	return strings.NewReplacer("%", "%25", ":", "%3A", ",", "%2C").Replace(Printable(s))
}

// uri returns a file's name as a URI reference (RFC 3986 4.2).
func uri(file string) string {
	u := url.URL{Path: filepath.ToSlash(file)}
	if filepath.IsAbs(file) {
		u.Scheme = "file"
	}
	return u.String()
}
