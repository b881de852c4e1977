package overlay

import (
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/folder"
)

// outside counts what kustomize does outside the process: connections to an address, and runs of git.
type outside struct {
	address string
	touched chan struct{}
	git     string
}

func listen(t *testing.T) *outside {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	o := &outside{address: l.Addr().String(), touched: make(chan struct{}, 100), git: filepath.Join(t.TempDir(), "runs")}
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			o.touched <- struct{}{}
			_ = conn.Close()
		}
	}()
	bin := t.TempDir()
	if err := os.WriteFile(filepath.Join(bin, "git"), []byte("#!/bin/sh\necho \"$@\" >>"+o.git+"\nexit 1\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", bin+string(filepath.ListSeparator)+os.Getenv("PATH"))
	return o
}

// reached reports whether there was any since the last call.
func (o *outside) reached() bool {
	ran := os.Remove(o.git) == nil
	for {
		select {
		case <-o.touched:
			ran = true
		default: // clients wait until the connection ends, and it is counted before that
			return ran
		}
	}
}

// forms are what some version of kustomize may treat as an address.
var forms = []string{
	"http://HOST/x", "HTTP://HOST/x", "http:HOST", "http:/HOST/x", "https://HOST/x", "http://me@HOST/x?ref=a", "http://HOST/a/b?ref=main", "http://HOST/a/b.git//c",
	"git::http://HOST/a/b", "GIT::https://HOST/a/b", "git::me@HOST:a/b", "git::github.com/a/b", "git::git::a/b", "ssh://HOST/a/b", "SSH://me@HOST/a/b", "file:///a/b", "file://a/b", "FILE://a.git",
	"me@HOST/a/b", "me@HOST:a/b", "a-1@b:c/d", "me@b/c/d", "me@b:c", "github.com/a/b", "GitHub.COM/a/b", "github.com:a/b", "github.com/a/b?ref=c", "github.com/a/_git/b/c", "me@github.com/a/b",
	"gitlab.com/a/b", "gh:a/b", "a/b?ref=c", "a/b.git", "a//b", "_git/a", "git://HOST/a/b", "ftp://HOST/a", "//HOST/a", "1@a:b/c", "é@a:b/c", ":a/b", "@a/b/c", "a/http://HOST/x", "?ref=a", " http://HOST/x", "http://HOST/x\n", "https://HOST/a/b\n",
	"./http://HOST/x", "../me@HOST:a/b", "./github.com/a/b", "./git::http://HOST/x",
}

// places are the fields of a kustomization that may contain a FORM.
var places = []string{
	"resources: [FORM]", "bases: [FORM]", "components: [FORM]", "crds: [FORM]", "configurations: [FORM]", "generators: [FORM]", "transformers: [FORM]", "validators: [FORM]",
	"patchesStrategicMerge: [FORM]", "patches: [{path: FORM, target: {kind: A}}]", "patchesJson6902: [{path: FORM, target: {version: v1, kind: A, name: a}}]", "replacements: [{path: FORM}]", "openapi: {path: FORM}",
	"configMapGenerator: [{name: a, files: [FORM]}]", "configMapGenerator: [{name: a, files: [k=FORM]}]", "configMapGenerator: [{name: a, envs: [FORM]}]", "configMapGenerator: [{name: a, env: FORM}]",
	"secretGenerator: [{name: a, files: [FORM]}]", "secretGenerator: [{name: a, files: [k=FORM]}]", "secretGenerator: [{name: a, envs: [FORM]}]", "secretGenerator: [{name: a, env: FORM}]", "Resources: [FORM]",
}

// TestNothingIsFetched gives kustomize each form in each place, with and without the gate. Without it some are fetched, which shows that
// the test detects it; with it none is, and the checks of users' files treat each as an address.
func TestNothingIsFetched(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir()) // kustomize leaves a folder behind for each repository that it cannot fetch
	o := listen(t)
	fetched := map[string]int{}
	for _, place := range places {
		for _, form := range forms {
			form = strings.ReplaceAll(form, "HOST", o.address)
			quoted := `"` + strings.ReplaceAll(form, "\n", `\n`) + `"`
			if strings.Contains(place, "k=FORM") {
				quoted = `"k=` + quoted[1:]
			}
			text := []byte(strings.NewReplacer("k=FORM", quoted, "FORM", quoted).Replace("kind: Component\n" + place + "\n"))
			tree := Tree{{Name: "a/kustomization.yaml", Data: []byte("components: [../c]\n")}}
			component := []folder.File{{Name: "c/kustomization.yaml", Data: text}}

			guarded := NewWorkspace("/w", tree)
			if err := guarded.Add("/w", component); err == nil {
				_, _ = guarded.Render("a")
			}
			if o.reached() {
				t.Errorf("%s: %s is fetched", place, form)
			}
			open := NewWorkspace("/w", tree)
			open.files.add("/w", component)
			_, _ = open.Render("a")
			if o.reached() {
				fetched[place]++
				if !Address(form) {
					t.Errorf("%s: kustomize fetches %s, which is not an address", place, form)
				}
			}
		}
	}
	for _, place := range places {
		if fetched[place] == 0 {
			t.Errorf("%s: nothing is fetched without the gate either; the test sees nothing", place)
		}
	}
}

// TestPathsAreNoAddresses checks that Local makes any name a path.
func TestPathsAreNoAddresses(t *testing.T) {
	for _, form := range forms {
		if got := Local(form); !filepath.IsAbs(got) && (Address(got) || Fetches(got)) {
			t.Errorf("%s: %s", form, got)
		}
	}
}
