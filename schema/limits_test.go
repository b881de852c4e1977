package schema

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"relayform/schema/diag"
	"relayform/schema/source"
)

const head = "apiVersion: relayform/v1\nkind: Topology\nname: demo\nmanagement: {name: m, ingress: {istio: {}}}\npki: {selfSigned: {}}\n"

func remotes(n int) string {
	var b strings.Builder
	b.WriteString(head + "remotes:\n")
	for i := range n {
		fmt.Fprintf(&b, "  c%d: {}\n", i)
	}
	return b.String()
}

func nested(n int) string { return "x: " + strings.Repeat("[", n-1) + strings.Repeat("]", n-1) + "\n" }

// TestLimits checks that input at a limit is judged, and that input beyond it is refused with one fault, which names the limit.
func TestLimits(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side")
	}
	padded := func(size int) string { return head + "#" + strings.Repeat(" ", size-len(head)-1) }
	for _, c := range []struct{ name, text, want string }{
		{"size", padded(source.MaxBytes), ""},
		{"beyond size", padded(source.MaxBytes + 1), "the limit is 67108864 (64 MiB)"},
		{"clusters", remotes(MaxClusters), ""},
		{"beyond clusters", remotes(MaxClusters + 1), "50001 remotes; the limit is 50000 clusters"},
		{"beyond depth", nested(source.MaxDepth + 1), "nested deeper than the limit of 64 levels"},
		{"far beyond depth", nested(20000), "nested deeper than the limit of 64 levels"},
		{"beyond items", head + "remotes: [" + strings.Repeat("a,", source.MaxItems+1) + "]\n", "lines, values and entries; the limit is 1048576"},
		{"many of one key", strings.Repeat("a: b\n", 8<<20/5), "lines, values and entries; the limit is 1048576"},
		{"many comments", head + strings.Repeat("# c\n", source.MaxItems), "lines, values and entries; the limit is 1048576"},
		{"many documents", strings.Repeat("---\n", source.MaxItems+1), "lines, values and entries; the limit is 1048576"},
		{"many blank lines", head + strings.Repeat("\r\n", source.MaxItems), "lines, values and entries; the limit is 1048576"},
		{"beyond a key", head + "? " + strings.Repeat("k", source.MaxKey+1) + "\n: {}\n", "a key of 1025 bytes; the limit is 1024"},
	} {
		_, _, err := ParseTopology("t.yaml", []byte(c.text))
		var faults diag.List
		switch errors.As(err, &faults); {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", c.name, err)
		case c.want != "" && (len(faults) != 1 || faults[0].Code != diag.LimitExceeded || !strings.Contains(faults[0].Message, c.want)):
			t.Errorf("%s: got %v; want %s", c.name, err, c.want)
		}
	}
	if _, _, err := ParseTopology("t.yaml", []byte(nested(source.MaxDepth))); err == nil || strings.Contains(err.Error(), "limit") {
		t.Errorf("depth: got %v; want a fault of the form", err)
	}
}

// TestVerboseFleet checks that the limits leave room for 50,000 clusters with many settings each.
func TestVerboseFleet(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side")
	}
	var b strings.Builder
	b.WriteString(head + "remotes:\n")
	for i := range MaxClusters {
		fmt.Fprintf(&b, "  c%d:\n    context: arn:aws:eks:eu-central-1:123456789012:cluster/c%d\n    clusterDomain: c%d.example.com\n    labels: {tier: edge, zone: b, team: shop}\n", i, i, i)
	}
	if _, _, err := ParseTopology("t.yaml", []byte(b.String())); err != nil {
		t.Error(err)
	}
}

// TestManyFaultsAreCut checks that faults are listed up to a limit, and that the rest are counted.
func TestManyFaultsAreCut(t *testing.T) {
	for n, want := range map[int]string{
		diag.MaxFaults:     "",
		diag.MaxFaults + 7: "7 more faults; the first 100 are shown",
		50000:              "more than 900 more faults; the first 100 are shown",
	} {
		var text strings.Builder
		text.WriteString(head)
		for i := range n {
			fmt.Fprintf(&text, "k%d: 1\n", i)
		}
		_, doc, err := ParseTopology("t.yaml", []byte(text.String()))
		var faults diag.List
		errors.As(err, &faults)
		last := faults[len(faults)-1].Message
		if want == "" && len(faults) != diag.MaxFaults || want != "" && (last != want || len(faults) != diag.MaxFaults+1) {
			t.Errorf("%d faults: %d told, the last %q; want %q", n, len(faults), last, want)
		}
		again := diag.Join(doc.Faults().Err(), diag.List{{Fault: diag.Fault{Message: "one"}}})
		if errors.As(again, &faults); want != "" && len(faults) != diag.MaxFaults+1 {
			t.Errorf("%d faults and one: %d told", n, len(faults))
		}
	}
}

// TestLongLine checks that faults in a line of many mebibytes are reported at their place, each in a short time.
func TestLongLine(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side")
	}
	const n = 100_000
	text := head + "remotes: {a: {" + strings.Repeat("ä: {}, ", 7) + strings.Repeat("\"k\u200b"+strings.Repeat("k", 80)+"\": 1, ", n) + "}}\n"
	_, _, err := ParseTopology("t.yaml", []byte(text))
	var faults diag.List
	if !errors.As(err, &faults) {
		t.Fatal(err)
	}
	line := []rune(strings.Split(text, "\n")[5])
	for _, d := range faults {
		if d.Line != 6 {
			continue
		}
		if at := d.Column - 1 - d.Skipped; at < 0 || []rune(d.Text)[at] != line[d.Column-1] {
			t.Fatalf("%v: the quoted text does not have the column", d)
		}
		if len(d.Text) > 64<<10 {
			t.Fatalf("%v: quotes %d bytes", d, len(d.Text))
		}
	}
}

// BenchmarkHostileMebibyte measures the slowest mebibytes of input that are known; see also the limits.
func BenchmarkHostileMebibyte(b *testing.B) {
	fill := func(format string) string {
		var s strings.Builder
		for i := 0; s.Len() < 1<<20; i++ {
			fmt.Fprintf(&s, format, i)
		}
		return s.String()
	}
	for _, c := range []struct{ name, text string }{
		{"unknown-keys-on-one-line", head + "remotes: {a: {" + fill("K%d: {}, ") + "}}\n"},
		{"bad-labels", head + "remotes: {a: {labels: {" + fill("\"k %d\": \"v v\", ") + "}}}\n"},
		{"explicit-keys", strings.Repeat("?\n", 1<<19)},
		{"bad-bytes", head + strings.Repeat("\xff\n", 1<<19)},
		{"deep-long-keys", "{" + strings.Repeat("\""+strings.Repeat("k", 1000)+"\": {", 62) + fill("b%d\u200b: 1, ") + strings.Repeat("}", 63)},
		{"flow", strings.Repeat("[", 1<<20)},
		{"list", head + "remotes: [" + strings.Repeat("a,", 1<<19) + "]\n"},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				_, _, err := ParseTopology("t.yaml", []byte(c.text))
				var faults diag.List
				if !errors.As(err, &faults) {
					b.Fatal(err)
				}
				var out strings.Builder
				if err := faults.WriteText(&out); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
