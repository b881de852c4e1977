package deploy

import (
	"strings"
	"testing"

	"relayform/compiler/kubectl"
	"relayform/compiler/overlay"
)

// TestPathsStayPaths checks that no folder's name is taken for an option, for an address to fetch, or for two files.
func TestPathsStayPaths(t *testing.T) {
	for path, want := range map[string]string{
		"build/m": "build/m", "../build/m": "../build/m", "./a@b/m": "./a@b/m", "/a@b/m": "/a@b/m", "my-build/m": "my-build/m",
		"-x/m": "./-x/m", "--all/m": "./--all/m", "github.com/a/b": "./github.com/a/b", "git@host:a/m": "./git@host:a/m", "a?ref=b/m": "./a?ref=b/m",
		"host:m": "./host:m", "a@b/m": "./a@b/m", "a.b/m": "./a.b/m", ".": ".", "..": "..", "...": "./...", "build/a.b@c:d": "build/a.b@c:d",
	} {
		if got := overlay.Local(path); got != want {
			t.Errorf("%s: got %s, want %s", path, got, want)
		}
	}
	for path, want := range map[string]string{
		`a,"b"/clusters.yaml`: `"a,""b""/clusters.yaml"`, "a,b": `"a,b"`, `a"b`: `"a""b"`, "a\nb": "\"a\nb\"", "a\rb": "\"a\rb\"", "a b": "a b", "a.b": "./a.b",
	} {
		if got := (Job{Overlay: path, Plain: true}).from(); len(got) != 2 || got[0] != "-f" || got[1] != want {
			t.Errorf("%q: got %q, want %s", path, got, want)
		}
	}
}

// TestContextsAreNoOptions runs kubectl with a context whose name looks like an option.
func TestContextsAreNoOptions(t *testing.T) {
	k := new(fake)
	j := job("m")
	j.Context = "--all"
	Run(t.Context(), k.run, [][]Job{{j}}, Options{}, silent)
	if k.calls[0] != "--context=--all apply -k build/m" {
		t.Errorf("got %q", k.calls)
	}
}

// TestOddAnswersAreNotTakenForAResult has kubectl print invalid output.
func TestOddAnswersAreNotTakenForAResult(t *testing.T) {
	for name, c := range map[string]struct {
		o      Options
		answer func(call string) (string, error)
	}{
		"a namespace of another name":     {Options{DryRun: true}, func(string) (string, error) { return "namespace/other\n", nil }},
		"a warning for a namespace":       {Options{Diff: true}, func(string) (string, error) { return "Warning: x\n", nil }},
		"differences that are not there":  {Options{Diff: true}, diffs("", &kubectl.Error{Code: 1, Said: "error: context \"x\" does not exist"})},
		"a diff that was killed":          {Options{Diff: true}, diffs("-a\n", &kubectl.Error{Code: -1, Said: "signal: killed"})},
		"a diff whose program is missing": {Options{Diff: true}, diffs("", &kubectl.Error{Code: 126, Said: "not found"})},
	} {
		k := &fake{answer: c.answer}
		if o := Run(t.Context(), k.run, [][]Job{{job("m")}}, c.o, silent)[0]; o.State != Failed {
			t.Errorf("%s: %+v", name, o)
		}
	}
}

func diffs(out string, err error) func(string) (string, error) {
	return func(call string) (string, error) {
		if strings.Contains(call, " diff ") {
			return out, err
		}
		return "namespace/mesh\n", nil
	}
}
