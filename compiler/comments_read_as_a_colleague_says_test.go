package compiler

import (
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// archaicInComments are further patterns for comments, beyond those for messages.
var archaicInComments = []wording{
	{`\bholds? (?:[\w'.,/-]+ ){1,12}against\b`, "compares with, or checks", "the test holds the list against the code"},
	{`\bwhich is said\b`, "already reported", "which is said"},
	{`\b(is|are) to be had\b|\bcannot be had\b`, "is available, or not available", "why the keys cannot be had"},
	{`\b(what|that) becomes of\b|\bwhat became of\b`, "what happens to, or the result of", "what became of a job"},
	{`\bTest\w+ proves\b`, "checks", "TestX proves that it ends"},
	{`\b(run|write|unlock|compile|adoption|sealing) (that )?(was|is) cut short\b`, "interrupted", "what a run that was cut short left behind"},
	{`\bmade again\b`, "recreated, or reissued", "the CAs were made again"},
	{`\b(bears|bear) (a|the|its) name\b`, "is named", "whatever bears a name"},
	{`\b(leads|led) (\w+ ){0,4}to (an|the|its|one of the) (anchor|anchors|root|roots)\b`, "chains to", "a chain that leads to an anchor"},
	{`\b(may|can|could|should|would|might) stand (anywhere|nowhere|there|at|beside|below|above|in (a|the))\b`, "may be", "private text may stand nowhere"},
	{`\bwhat there is to (say|know)\b|\ball there is to (say|know)\b`, "findings, or details", "all there is to say of it"},
	{`\bwho is told\b`, "users that are told", "who is told of none looks elsewhere"},
	{`\bby which it is known\b`, "that identifies it", "the digest by which it is known"},
	{`\bputs? (\w+ ){1,4}into words\b`, "describes", "puts a certificate into words"},
	{`\bits own to say\b|\bwhose turn it is\b`, "plain words", "a block with its own to say"},
}

// TestCommentsReadAsAColleagueSays checks every comment in Go code, tests and fixtures included, against the word lists.
func TestCommentsReadAsAColleagueSays(t *testing.T) {
	list := append(append([]wording{}, archaic...), archaicInComments...)
	all := make([]*regexp.Regexp, len(list))
	for i, w := range list {
		all[i] = w.regexp()
		if !all[i].MatchString(w.example) || all[i].MatchString(w.better) {
			t.Errorf("%s: want a pattern that matches %q and not %q", w.pattern, w.example, w.better)
		}
	}
	read := 0
	err := filepath.WalkDir("..", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == ".git" || file == filepath.Join("..", "bin")) {
			return fs.SkipDir
		}
		if e.IsDir() || filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_gen.go") {
			return nil
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, nil, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, group := range parsed.Comments {
			read++
			text := group.Text()
			for i, re := range all {
				if at := re.FindString(text); at != "" {
					t.Errorf("%s: %q; a colleague says: %s", set.Position(group.Pos()), at, list[i].better)
				}
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 5000 {
		t.Errorf("read %d comments, which cannot be all", read)
	}
}
