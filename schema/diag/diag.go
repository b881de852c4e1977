// Package diag describes faults of an input: where it is, what is wrong, what was wanted, and what to do.
package diag

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relayform/schema/secrecy"
)

// Pos is a position in an input file. Line and Column count from 1; Column and EndColumn count characters, and EndColumn is the one after
// the last. The zero Line means the whole file.
type Pos struct {
	File      string `json:"file" jsonschema:"The file, as it was named in the command."`
	Line      int    `json:"line,omitempty" jsonschema:"The line, from 1; absent if the whole file is meant."`
	Column    int    `json:"column,omitempty" jsonschema:"The first character in the line, from 1."`
	EndLine   int    `json:"endLine,omitempty" jsonschema:"The line of the last character."`
	EndColumn int    `json:"endColumn,omitempty" jsonschema:"The column after the last character."`
}

// String returns file:line:column, as far as known.
func (p Pos) String() string {
	if p.Line == 0 {
		return Printable(p.File)
	}
	return fmt.Sprintf("%s:%d:%d", Printable(p.File), p.Line, p.Column)
}

// Diagnostic is one fault of an input.
type Diagnostic struct {
	Pos
	// Path is the field, as management.ingress.istio; empty for the file as a whole.
	Path string `json:"path,omitempty" jsonschema:"The field, such as management.ingress.istio; absent for the file as a whole."`
	Fault
	// Text is the source line at Pos, without private values; only the part around Column if it is long.
	Text string `json:"-"`
	// Skipped is the number of characters of the line in front of Text.
	Skipped int `json:"-"`

	more int // the number of faults that this one stands for, beyond MaxFaults
}

// masked returns the diagnostic without private values: everything that is printed passes through here. Text comes from a source.File,
// which has masked it.
func (d Diagnostic) masked() Diagnostic {
	for _, text := range []*string{&d.File, &d.Path, &d.Message, &d.Hint} {
		*text = secrecy.Mask(*text)
	}
	return d
}

// Error returns the diagnostic on one line.
func (d Diagnostic) Error() string {
	d = d.masked()
	var b strings.Builder
	b.WriteString(d.Pos.String())
	b.WriteString(": ")
	if d.Path != "" {
		b.WriteString(Printable(d.Path))
		b.WriteString(": ")
	}
	b.WriteString(Printable(d.Message))
	return b.String()
}

// List is every fault of an input. It is an error; an empty list is not (see Err).
type List []Diagnostic

// Error returns every diagnostic on its own line.
func (l List) Error() string {
	lines := make([]string, len(l))
	for i, d := range l {
		lines[i] = d.Error()
	}
	return strings.Join(lines, "\n")
}

// Limits of a list. Collecting faults may stop at MaxCounted.
const (
	MaxFaults  = 100  // reported for one input
	MaxCounted = 1000 // counted exactly
)

// Err returns the list as an error, sorted, without duplicates, and cut at MaxFaults; nil if it is empty.
func (l List) Err() error {
	if len(l) == 0 {
		return nil
	}
	more := 0
	s := slices.DeleteFunc(l.Sorted(), func(d Diagnostic) bool { more += d.more; return d.more > 0 })
	if len(s) > MaxFaults {
		more += len(s) - MaxFaults
		s = s[:MaxFaults:MaxFaults]
	}
	if more > 0 {
		count := strconv.Itoa(more)
		if more >= MaxCounted-MaxFaults {
			count = fmt.Sprintf("more than %d", MaxCounted-MaxFaults)
		}
		s = append(s, Diagnostic{Pos: Pos{File: s[0].File}, Fault: *LimitExceeded.Fault(fmt.Sprintf("%s more faults; the first %d are shown", count, MaxFaults), ""), more: more})
	}
	return s
}

// Join combines the faults of two errors in one list. An error that is not a List takes precedence.
func Join(a, b error) error {
	var joined List
	for _, err := range []error{a, b} {
		var l List
		switch {
		case err == nil:
		case errors.As(err, &l):
			joined = append(joined, l...)
		default:
			return err
		}
	}
	return joined.Err()
}

// Sorted returns the list sorted by position, without duplicates.
func (l List) Sorted() List {
	s := slices.Clone(l)
	slices.SortStableFunc(s, func(a, b Diagnostic) int {
		return cmp.Or(
			cmp.Compare(a.File, b.File),
			cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Path, b.Path),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Message, b.Message),
		)
	})
	return slices.CompactFunc(s, func(a, b Diagnostic) bool {
		return a.Pos == b.Pos && a.Path == b.Path && a.Code == b.Code && a.Message == b.Message
	})
}
