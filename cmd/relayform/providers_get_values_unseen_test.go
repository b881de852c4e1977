package main

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"relayform/compiler"
	"relayform/compiler/delivery"
)

// TestProvidersAreAskedInTheirOwnWords checks the commands of each provider: if a word were missing, a key would go to another place, or
// the program would wait for input from a terminal.
func TestProvidersAreAskedInTheirOwnWords(t *testing.T) {
	for _, c := range []struct{ name, in, find, write string }{
		{"vault", "kv", "vault kv get -mount=kv -field=value K", "vault kv put -mount=kv K value=-"},
		{"aws", "", "aws secretsmanager describe-secret --secret-id K", "aws secretsmanager create-secret --name K --secret-string file:///dev/stdin"},
		{"aws", "eu", "aws secretsmanager describe-secret --secret-id K --region eu", "aws secretsmanager create-secret --name K --secret-string file:///dev/stdin --region eu"},
		{"gcp", "", "gcloud secrets describe K", "gcloud secrets create K --data-file=-"},
		{"gcp", "p", "gcloud secrets describe K --project p", "gcloud secrets create K --data-file=- --project p"},
		{"azure", "v", "az keyvault secret show --vault-name v --name K --query id", "az keyvault secret set --vault-name v --name K --file /dev/stdin --query id"},
		{"kubernetes", "hub/ns", "kubectl --context=hub --namespace=ns get secret K --output=name", "kubectl --context=hub --namespace=ns create secret generic K --from-file=value=/dev/stdin"},
		{"kubernetes", "arn:x/hub/ns", "kubectl --context=arn:x/hub --namespace=ns get secret K --output=name", "kubectl --context=arn:x/hub --namespace=ns create secret generic K --from-file=value=/dev/stdin"},
	} {
		found := false
		for _, p := range providers {
			if p.name != c.name {
				continue
			}
			found = true
			if got := strings.Join(p.find(c.in, "K"), " "); got != c.find {
				t.Errorf("%s asks %s\nwant %s", c.name, got, c.find)
			}
			if got := strings.Join(p.write(c.in, "K"), " "); got != c.write {
				t.Errorf("%s writes %s\nwant %s", c.name, got, c.write)
			}
			if wrapped := c.name == "aws" || c.name == "gcp" || c.name == "azure"; p.json != wrapped {
				t.Errorf("%s: JSON %v", c.name, p.json)
			}
			want := c.write + " <'a b.key'"
			if p.json {
				want = "jq -Rs '{value: .}' 'a b.key' | " + c.write
			}
			if got := p.command(c.in, delivery.Entry{Key: "K"}, "a b.key"); got != want {
				t.Errorf("%s prints %s\nwant %s", c.name, got, want)
			}
		}
		if !found {
			t.Errorf("%s: no such provider", c.name)
		}
	}
}

// TestAValueIsWrittenOnceAndNeverShown runs a store's program that already has one entry: the other one receives its value only on standard
// input, as it is or as JSON. If the program fails, its own message is shown.
func TestAValueIsWrittenOnceAndNeverShown(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the program of this test is a shell script")
	}
	dir := t.TempDir()
	script := "#!/bin/sh\necho \"$@\" >>" + dir + "/arguments\ncase $2 in there) [ $1 = get ]; exit;; esac\n[ $1 = get ] && exit 1\n" +
		"case $2 in refused) echo ' it is full ' >&2; exit 4;; silent) exit 5;; esac\ncat >" + dir + "/$2\n"
	if err := os.WriteFile(filepath.Join(dir, "vaulty"), []byte(script), 0o700); err != nil {
		t.Fatal(err)
	}
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	words := func(verb string) func(in, key string) []string {
		return func(in, key string) []string { return []string{"vaulty", verb, key, in} }
	}
	unopened := errors.New("it is encrypted")
	for _, c := range []struct {
		key          string
		json         bool
		broken       error
		want, stored string
		fails        string
	}{
		{key: "there", want: "there already"},
		{key: "plain", want: "written", stored: "a \"secret\""},
		{key: "wrapped", json: true, want: "written", stored: `{"value":"a \"secret\""}`},
		{key: "refused", fails: "vaulty put refused: it is full"},
		{key: "silent", fails: "vaulty put silent: exit status 5"},
		{key: "locked", broken: unopened, fails: "it is encrypted"},
	} {
		p := provider{name: "vaulty", find: words("get"), write: words("put"), json: c.json}
		read := false
		said, err := p.push(t.Context(), "where", compiler.Pushed{Entry: delivery.Entry{Key: c.key}, Value: func() ([]byte, error) {
			read = true
			return []byte(`a "secret"`), c.broken
		}})
		if string(said) != c.want || (err == nil) != (c.fails == "") || err != nil && err.Error() != c.fails {
			t.Errorf("%s: %q, %v", c.key, said, err)
		}
		if read == (c.key == "there") {
			t.Errorf("%s: its value was read: %v", c.key, read)
		}
		stored, _ := os.ReadFile(filepath.Join(dir, c.key))
		if string(stored) != c.stored {
			t.Errorf("%s: stored %q, want %q", c.key, stored, c.stored)
		}
	}
	asked, err := os.ReadFile(filepath.Join(dir, "arguments"))
	if err != nil || strings.Contains(string(asked), "secret") || strings.Contains(string(asked), "put locked") || strings.Contains(string(asked), "put there") {
		t.Errorf("asked:\n%s%v", asked, err)
	}
	p := provider{find: func(_, key string) []string { return []string{"no-such-program-here", key} }}
	if _, err := p.push(t.Context(), "", compiler.Pushed{}); err == nil || !strings.Contains(err.Error(), "install it, or print the commands with --print") {
		t.Errorf("without the program: %v", err)
	}
}
