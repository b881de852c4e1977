package source

import (
	"fmt"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// TestItemsBoundNodes checks that no text has more than twice as many nodes as Items counts, for every form of node in YAML, and that the
// count is close to the number of nodes for typical text.
func TestItemsBoundNodes(t *testing.T) {
	const n = 1000
	for _, c := range []struct {
		name, text string
		atLeast    float64 // nodes for each item
	}{
		{"keys", lines("k%d: v\n"), .9},
		{"keys, no values", lines("k%d:\n"), .9},
		{"carriage returns", lines("k%d: v\r"), .9},
		{"carriage returns and line feeds", lines("k%d: v\r\n"), .9},
		{"tabs", lines("k%d:\tv\n"), .9},
		{"quoted", lines("\"k%d\": v\n"), .9},
		{"entries", strings.Repeat("- a\n", n), .4},
		{"empty entries", strings.Repeat("-\n", n), .4},
		{"entries in entries", strings.Repeat("- - - - - a\n", n), .8},
		{"blocks in entries", strings.Repeat("- a: b\n  c: d\n", n), .9},
		{"a list in brackets", "[" + strings.Repeat("a,", n) + "]", .9},
		{"blocks in braces", "[" + strings.Repeat("{a: b, c: d},", n) + "]", .8},
		{"blocks in braces without blanks", "[" + strings.Repeat(`{"a":b,"c":d},`, n) + "]", .8},
		{"pairs in brackets", "[" + strings.Repeat("a: b,", n) + "]", .9},
		{"empty pairs in brackets", "[" + strings.Repeat(`"":"",`, n) + "]", .9},
		{"pairs of nothing", "[" + strings.Repeat(`? : ,`, n) + "]", .5},
		{"questions", strings.Repeat("? a\n: b\n", n), .4},
		{"questions alone", strings.Repeat("?\n", n), .4},
		{"questions in questions", strings.Repeat("- ? ? ? ? ? ? ? ? ? ? a\n", n), .9},
		{"brackets", "[" + strings.Repeat("[],{},", n) + "]", .4},
		{"anchors", lines("k%d: &a b\n"), .9},
		{"aliases", "- &a b\n" + strings.Repeat("- *a\n", n), .4},
		{"tags", lines("k%d: !!str\n"), .9},
		{"texts of many lines", "a: |\n" + strings.Repeat("  b: c, d\n", n), 0},
		{"comments", "a: b\n" + strings.Repeat("# c: d\n", n), 0},
	} {
		var root yaml.Node
		if err := yaml.Unmarshal([]byte(c.text), &root); err != nil {
			t.Errorf("%s: %v", c.name, err)
			continue
		}
		have, items := nodes(&root), Items([]byte(c.text))
		if have > 2*items+1 || float64(have) < c.atLeast*float64(items) {
			t.Errorf("%s: %d nodes, %d items", c.name, have, items)
		}
	}
}

func lines(format string) string {
	var b strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&b, format, i)
	}
	return b.String()
}

func nodes(n *yaml.Node) int {
	sum := 1
	for _, child := range n.Content {
		sum += nodes(child)
	}
	return sum
}
