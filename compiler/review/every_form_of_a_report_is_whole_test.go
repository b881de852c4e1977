package review_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/review"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// TestWhatCannotBeReproducedIsTold has files that the topology does not explain, private values, and a state that cannot be checked: the
// worst comes first.
func TestWhatCannotBeReproducedIsTold(t *testing.T) {
	before, after := stateOf(t, "HEAD", 0), stateOf(t, "now", 0)
	before.Blind, before.Stale = "line 1: no", []string{"x"}
	after.Stale, after.Clear = []string{"a", "b", "c", "d", "e"}, []string{"n:1: a private key is here in clear", "n:9: an identity is here in clear"}
	r := review.Review(&before, after, "topology.yaml", noon)
	if got, want := codes(r), []string{"error build-unexplained", "error key-in-clear", "error key-in-clear", "note not-compiled", "note build-unexplained"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	var told []string
	for _, f := range r.Findings {
		told = append(told, f.Message)
	}
	want := []string{
		"the build folder is not what topology and lockfile compile to: a, b, c, d, e", "n:1: a private key is here in clear", "n:9: an identity is here in clear",
		"the topology of HEAD cannot be checked, so it is not compared: line 1: no",
		"at HEAD the build folder is not what topology and lockfile compile to, so clusters may hold something else: x",
	}
	if !slices.Equal(told, want) {
		t.Errorf("%q", told)
	}
	after.Stale, after.Lacks = append(after.Stale, "f", "g"), []string{"server", "token"}
	told = nil
	for _, f := range review.Review(&before, after, "topology.yaml", noon).Findings[:2] {
		told = append(told, f.Message)
	}
	want = []string{"the lockfile lacks what the topology asks for: server; token", "the build folder is not what topology and lockfile compile to: a, b, c, d, e and 2 more"}
	if !slices.Equal(told, want) {
		t.Errorf("%q", told)
	}
}

// TestExceptionsAreOfTheirCodesAlone allows one of two findings: the other still breaks, and only that one is in machine-readable output.
func TestExceptionsAreOfTheirCodesAlone(t *testing.T) {
	before, after := stateOf(t, "HEAD", 0), stateOf(t, "now", 2)
	r := review.Review(&before, after, "topology.yaml", noon)
	for _, c := range []struct {
		allow         []diag.Code
		breaks        bool
		summary, head string
	}{
		{nil, true, "2 errors; 3 certificates made; clusters: 0 added, 0 removed, 0 changed, 4 unchanged", "**do not merge**: 2 errors"},
		{[]diag.Code{review.PhaseSkipped}, true, "1 error; 1 exception; 3 certificates made; clusters: 0 added, 0 removed, 0 changed, 4 unchanged", "**do not merge**: 1 error"},
		{[]diag.Code{review.PhaseSkipped, review.ServerRefused}, false, "2 exceptions; 3 certificates made; clusters: 0 added, 0 removed, 0 changed, 4 unchanged", "2 exceptions that this pipeline allows"},
	} {
		r.Allow(c.allow)
		if r.Breaks() != c.breaks || r.Summary() != c.summary {
			t.Errorf("%v allowed: breaks %v: %s", c.allow, r.Breaks(), r.Summary())
		}
		if head, _, _ := strings.Cut(written(t, r, "markdown"), "\n"); head != "### relayform: "+c.head {
			t.Errorf("%v allowed: %s", c.allow, head)
		}
		if n := strings.Count(written(t, r, "github"), "::error file=topology.yaml"); n != 2-len(c.allow) {
			t.Errorf("%v allowed: %d annotations", c.allow, n)
		}
		if n := strings.Count(written(t, r, "sarif"), `"ruleId":`); n != 2-len(c.allow) {
			t.Errorf("%v allowed: %d results", c.allow, n)
		}
		if n := strings.Count(written(t, r, "text"), "\nallowed ["); n != len(c.allow) {
			t.Errorf("%v allowed: told of %d", c.allow, n)
		}
		if n := strings.Count(written(t, r, "markdown"), "\n☑️ "); n != len(c.allow) {
			t.Errorf("%v allowed: marked %d", c.allow, n)
		}
	}
}

// TestCommentsBeginWithWhatMatters checks the title for a minor change.
func TestCommentsBeginWithWhatMatters(t *testing.T) {
	first, renewed := stateOf(t, "HEAD", 0), stateOf(t, "now", 1)
	moved, swapped := stateOf(t, "now", 0, "31443", "31444"), stateOf(t, "now", 5)
	if text := written(t, review.Review(&first, swapped, "topology.yaml", noon), "markdown"); !strings.Contains(text, "<summary>Certificates: 3 made, 2 replaced, 1 removed, 1 kept</summary>") {
		t.Errorf("the root is swapped: %s", text)
	}
	for name, c := range map[string]struct {
		r       *review.Report
		head    string
		picture bool
	}{
		"nothing":       {review.Review(&first, first, "topology.yaml", noon), "nothing changes for the mesh", false},
		"a new mesh":    {review.Review(nil, first, "topology.yaml", noon), "a new mesh", true},
		"a rotation":    {review.Review(&first, renewed, "topology.yaml", noon), "no agent is cut off", true},
		"a new address": {review.Review(&first, moved, "topology.yaml", noon), "no agent is cut off, 1 warning", false},
	} {
		text := written(t, c.r, "markdown")
		if head, _, _ := strings.Cut(text, "\n"); head != "### relayform: "+c.head {
			t.Errorf("%s: %s", name, head)
		}
		if picture := strings.Contains(text, "```mermaid"); picture != c.picture {
			t.Errorf("%s: a picture: %v", name, picture)
		}
		if name == "a new mesh" && (!strings.Contains(text, `subgraph s0 ["after"]`) || strings.Contains(text, "subgraph s1")) {
			t.Errorf("%s: %s", name, text)
		}
		if json := written(t, c.r, "json"); strings.Contains(json, "null") {
			t.Errorf("%s: whoever reads it finds null in place of a list:\n%s", name, json)
		}
	}
}

// TestThePictureIsShownWhereTrustChanges replaces the roots, the server certificate and the signing CA, one at a time.
func TestThePictureIsShownWhereTrustChanges(t *testing.T) {
	was := review.Trust{State: "HEAD", Roots: []string{"root 1"}, Server: "server 1", ServerBy: "root 1", Signing: "signing 1", SigningBy: "root 1"}
	for want, change := range map[string]func(*review.Trust){
		"":           func(*review.Trust) {},
		"root 2":     func(x *review.Trust) { x.Roots = append([]string{"root 2"}, x.Roots...) },
		"server 2":   func(x *review.Trust) { x.Server, x.ServerBy = "server 2", "" },
		"signing 2":  func(x *review.Trust) { x.Signing = "signing 2" },
		"-- trust -": func(x *review.Trust) { x.Server = "" },
	} {
		is := was
		change(&is)
		text := written(t, &review.Report{Trust: []review.Trust{was, is}}, "markdown")
		if shown := strings.Contains(text, "```mermaid"); shown != (want != "") || !strings.Contains(text, want) {
			t.Errorf("%q: %s", want, text)
		}
		if strings.Contains(text, `[""]`) || strings.Contains(text, "s1 -- signed") {
			t.Errorf("%q: nobody is in the picture:\n%s", want, text)
		}
	}
}

// TestNothingInACommentActs has a topology whose text closes code fences, mentions people and contains HTML.
func TestNothingInACommentActs(t *testing.T) {
	r := &review.Report{Topology: "a`b", From: "x`y", To: "z", Mesh: []string{"name ```` → @all"}, Findings: []review.Finding{{
		Fault: diag.Fault{Code: review.RelayMoved, Message: "<b>@all *x* [y](z) `c` #1 ~s~ |t| a_b! \\ &lt;", Hint: "<i>"}, Severity: verify.Warning, Clusters: []string{"<c>"}, Until: noon,
	}}}
	text := written(t, r, "markdown")
	const want = "\n⚠️ **relay-moved** &lt;b&gt;&#64;all \\*x\\* \\[y\\](z) \\`c\\` \\#1 \\~s\\~ \\|t\\| a\\_b\\! \\\\ &amp;lt; Hits &lt;c&gt;. Until 2026-12-01T12:00:00Z.<br>&lt;i&gt;\n"
	if !strings.Contains(text, want) || !strings.Contains(text, "\n`a'b`, `x'y` → `z`\n") || !strings.Contains(text, "\n`````\nname ```` → @all\n`````\n") {
		t.Errorf("%s", text)
	}
	if text := written(t, r, "text"); !strings.Contains(text, "  until: 2026-12-01T12:00:00Z\n") {
		t.Errorf("%s", text)
	}
}

// TestSentencesAreCutAtTheEdgeOfTheScreen fills a line to the last column, and beyond.
func TestSentencesAreCutAtTheEdgeOfTheScreen(t *testing.T) {
	for length, want := range map[int]string{
		75: "  one " + strings.Repeat("x", 74) + "\n  two\n", 71: "  one " + strings.Repeat("x", 70) + " two\n", 70: "  one " + strings.Repeat("x", 69) + " two\n",
		72: "  one " + strings.Repeat("x", 71) + "\n  two\n", 76: "  one\n  " + strings.Repeat("x", 75) + "\n  two\n", 200: "  one\n  " + strings.Repeat("x", 199) + "\n  two\n",
	} {
		r := &review.Report{Findings: []review.Finding{{Fault: diag.Fault{Code: review.RelayMoved, Message: "one " + strings.Repeat("x", length-1) + " two"}, Severity: verify.Note}}}
		if text := written(t, r, "text"); !strings.Contains(text, "]\n"+want) || strings.Contains(text, "hint") || strings.Contains(written(t, r, "markdown"), "<br>") {
			t.Errorf("%d: %s", length, text)
		}
	}
}

var errFull = errors.New("the disk is full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }

// TestReportsThatCannotBeWrittenAreTold writes each format to a full disk.
func TestReportsThatCannotBeWrittenAreTold(t *testing.T) {
	before, after := stateOf(t, "HEAD", 0), stateOf(t, "now", 2)
	r := review.Review(&before, after, "topology.yaml", noon)
	for form, err := range map[string]error{
		"text": r.WriteText(full{}, diag.Screen{}), "markdown": r.WriteMarkdown(full{}), "json": r.WriteJSON(full{}), "github": r.WriteGitHub(full{}), "sarif": r.WriteSARIF(full{}, "v1"),
		"faults": review.WriteMarkdownFaults(diag.List{{}}, full{}),
	} {
		if !errors.Is(err, errFull) {
			t.Errorf("%s: %v", form, err)
		}
	}
}
