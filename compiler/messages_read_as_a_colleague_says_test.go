package compiler

import (
	"bytes"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// wording is words that nobody uses at work, and those that a colleague would use. A space in the pattern is any white space, so that
// a line may break there.
type wording struct{ pattern, better, example string }

var archaic = []wording{
	{`\banew\b`, "again, or recreated", "the root was made anew"},
	{`\b(hitherto|henceforth|thereof|therein|wherein|whereby|forthwith|lest|unasked|heed)\b`, "plain words", "it is never done unasked"},
	{`\b(ought|shall)\b`, "should, or must", "it ought to be renewed"},
	{`\bof before\b`, "previous, or earlier", "the token of before"},
	{`\bfalls? due\b`, "is due", "it falls due on 2030-01-01"},
	{`\bcommonest\b`, "most common", "the commonest mistake"},
	{`\b(must|has to|have to) stand\b`, "must exist, or be installed", "its chart must stand"},
	{`\b(once|until|when) (the|its|an) \w+ (stands|exists)\b`, "once it has an address, or is installed", "find it once the ingress stands"},
	{`\bstands? (here|there|at|under|in (the|its|both|clear|a|git|each)|beside|behind|above|below|before|after|inside|outside|already)\b`, "is, or exists; a certificate chains to a root", "a private key stands here"},
	{`\blies? (here|there|in|on|at|among|beside|below|behind|outside|where)\b`, "is", "a private key lies among the certificates"},
	{`\blinks? that leads?\b|\bname (what|the folder|the file that) it leads to\b|\b(path|link) leads\b`, "points to", "a symbolic link that leads to no file"},
	{`\bleads? (out of|back to itself)\b`, "points outside, or includes itself", "the path leads out of the folder"},
	{`\b(has|have|signed|issued|is) none yet\b`, "not in … yet", "the lockfile has none yet"},
	{`\b(is|are) another than\b|\banother \w+ than\b`, "differs from, or not the same", "the token is another than the lockfile's"},
	{`\bin another order\b`, "in a different order", "your values in another order"},
	{"\\b(rotation|phase|drain|kustomize|chart|engine|cluster|it)`? wants\\b", "needs", "a rotation wants the new anchors"},
	{`\bputs? .{1,40} down to\b`, "reports the cause of", "puts each failure down to its cause"},
	{`\b(is|are) told of\b`, "is reported", "an agent that is given another's is told of"},
	{`\bcomes? about\b|\bcame about\b`, "happens", "no handshake came about"},
	{`\bgoe?s? before (a|own|the)\b`, "takes precedence over", "your annotations go before a preset's"},
	{`\bsay it is so\b`, "confirm it", "say it is so with --yes"},
	{`\bby the way\b`, "nothing", "never replaced by the way"},
	{`\btalks? to (stderr|stdout)\b`, "writes to", "talk to stderr"},
	{`\ball the same[;,.]|\ball the same$|\bto go on all the same\b`, "anyway", "to go on all the same"},
	{`\bin the place of\b`, "in place of, or instead of", "a folder in the place of a file"},
	{`\b(look whether|see that)\b`, "check", "see that controllers are there"},
	{`\b(start|contact|lockfile|git) alone\b`, "only", "agents read it at start alone"},
	{`\btrusts? the old one alone\b`, "trusts only the old one", "agents that trust the old one alone"},
	{`\bis no (CA|root|address|base64|text|character|certificate|regular|IPv4|IPv6|DNS|name of)\b`, "is not", "an issuer that is no CA"},
	{`\bbelongs? into\b`, "belongs in", "private keys belong into keys/"},
	{`\b(take|taken) .{1,20} from git again\b`, "restore from git", "take the lockfile from git again"},
	{`\bhold(s)? together\b`, "is consistent", "the record does not hold together"},
	{`\ba remote (more|less)\b`, "to add, or to remove, a remote", "a remote more"},
	{`\b(turned away|let in)\b`, "refused, or accepted", "the agent is turned away"},
	{`\bonce more\b`, "again", "every value is encrypted once more"},
	{`\bby comma\b`, "separated by commas", "names of clusters, by comma"},
	{`\b(falls?|fell) short\b`, "has errors, or fails a check", "the input was judged and falls short"},
	{`\bknown already\b`, "if it is known", "host:port, where it is known already"},
	{`\bwithout a word\b`, "silently", "charts ignore it without a word"},
	{`\bspeaks? against\b`, "a reason against", "what the clusters hold speaks against it"},
	{`\bthe one's\b`, "each side's", "hides the one's certificate from the other"},
	{`\bdemands? it of\b`, "requires it in", "RFC 5280 demands it of every CA"},
	{`\bwhat there is fits\b`, "the certificates fit", "what there is fits together until 2030"},
	{`\b(leaves?|left) out a phase\b`, "skips a phase", "a rotation left out a phase"},
	{`\banswers? for (it|them|what)\b`, "is responsible for", "it changes what relayform answers for, or relayform answers for it"},
	{`\b(goes|go) with every\b`, "works with every", "keys.encryptTo goes with every store"},
	{`\bwritten in a form that is not changed by machine\b`, "in a form that relayform cannot edit", "it is written in a form that is not changed by machine"},
}

func (w wording) regexp() *regexp.Regexp {
	return regexp.MustCompile(`(?i)` + strings.ReplaceAll(w.pattern, " ", `\s+`))
}

// TestMessagesReadAsAColleagueSays checks what users read against the list: every text in the program, its pages, and its runbooks.
func TestMessagesReadAsAColleagueSays(t *testing.T) {
	all := make([]*regexp.Regexp, len(archaic))
	for i, w := range archaic {
		all[i] = w.regexp()
		if !all[i].MatchString(w.example) || all[i].MatchString(w.better) {
			t.Errorf("%s: want a pattern that matches %q and not %q", w.pattern, w.example, w.better)
		}
	}
	read := 0
	judge := func(file string, line int, text string) {
		read++
		for i, re := range all {
			for _, at := range re.FindAllStringIndex(text, -1) {
				t.Errorf("%s:%d: %q; a colleague says: %s", file, line+strings.Count(text[:at[0]], "\n"), text[at[0]:at[1]], archaic[i].better)
			}
		}
	}
	err := filepath.WalkDir("..", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() {
			if name := e.Name(); name == ".git" || file == filepath.Join("..", "fixtures") || file == filepath.Join("..", "bin") {
				return fs.SkipDir
			}
			return nil
		}
		if filepath.Ext(file) == ".go" {
			if strings.HasSuffix(file, "_test.go") {
				return nil
			}
			return literals(file, judge)
		}
		if !readByUsers(file) {
			return nil
		}
		text, err := os.ReadFile(file)
		judge(file, 1, string(text))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if read < 5000 {
		t.Errorf("read %d texts, which cannot be all", read)
	}
}

// readByUsers reports whether a file is a page, an explanation, the language with its comments, or a runbook.
func readByUsers(file string) bool {
	if strings.HasPrefix(file, filepath.Join("..", "golden")) {
		return filepath.Base(file) == "RUNBOOK.md"
	}
	switch filepath.Ext(file) {
	case ".md", ".txt", ".cue":
		return true
	}
	return false
}

// literals hands over each string literal of a Go file. One that is built of several, as "a " + "b", is one text.
func literals(file string, judge func(string, int, string)) error {
	source, err := os.ReadFile(file)
	if err != nil || bytes.HasPrefix(source, []byte("// Code generated")) {
		return err
	}
	set := token.NewFileSet()
	parsed, err := parser.ParseFile(set, file, source, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	ast.Inspect(parsed, func(n ast.Node) bool {
		if _, ok := n.(*ast.ImportSpec); ok {
			return false
		}
		e, ok := n.(ast.Expr)
		if !ok {
			return true
		}
		text, ok := constant(e)
		if ok {
			judge(file, set.Position(e.Pos()).Line, text)
		}
		return !ok
	})
	return nil
}

// constant is a literal, or several joined with +.
func constant(e ast.Expr) (string, bool) {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			text, err := strconv.Unquote(e.Value)
			return text, err == nil
		}
	case *ast.BinaryExpr:
		left, one := constant(e.X)
		right, other := constant(e.Y)
		return fmt.Sprint(left, right), e.Op == token.ADD && one && other
	}
	return "", false
}
