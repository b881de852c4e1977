package compiler

import (
	"crypto"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"html"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"relayform/compiler/issue"
	"relayform/compiler/page"
	"relayform/compiler/pki"
	"relayform/compiler/project"
	"relayform/schema/secrecy"
)

// reported returns the report on a project at a time.
func reported(t *testing.T, p project.Project, at time.Time) string {
	t.Helper()
	env := Env{Now: at, NewKey: func(a pki.Algorithm) (crypto.Signer, error) { return pki.GenerateKey(a) }}
	env.Identities, _ = os.ReadFile(filepath.Join(p.Dir(), "identity.txt"))
	made, err := Report(t.Context(), p, env, at, Reporting{})
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	if err := made.Write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// between returns the text between two others, each of which occurs once.
func between(t *testing.T, text, from, until string) string {
	t.Helper()
	_, rest, ok := strings.Cut(text, from)
	inside, after, closed := strings.Cut(rest, until)
	if !ok || !closed || strings.Contains(rest, from) {
		t.Fatalf("want one %s…%s in the page; %d bytes after it", from, until, len(after))
	}
	return inside
}

// remoteAddress matches an attribute by which a page would load or send something.
var remoteAddress = regexp.MustCompile(`(?i)\s(src|srcset|action|formaction|data|poster|xlink:href|ping|style|on[a-z]+)\s*=\s*["'a-z0-9]|\shref="[^#]|@import|url\(|<(iframe|object|embed|link|base|img)\b`)

// TestReportStandsAlone reports every fixture: the page permits only its own script and style, by their digests, refers to nothing to load,
// contains nothing private, and its data are its clusters.
func TestReportStandsAlone(t *testing.T) {
	for name, p := range someFixtures(t) {
		c := compileFixture(t, p)
		text := reported(t, p, fixtureTime)
		digest := func(of string) string {
			sum := sha256.Sum256([]byte(of))
			return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
		}
		style, script := between(t, text, "<style>", "</style>"), between(t, text, "<script>", "</script>")
		policy := html.UnescapeString(between(t, text, `http-equiv="Content-Security-Policy" content="`, `"`))
		if want := "default-src 'none'; script-src " + digest(script) + "; style-src " + digest(style) + "; base-uri 'none'; form-action 'none'"; policy != want {
			t.Errorf("%s: the policy %s, want %s", name, policy, want)
		}
		markup := strings.Replace(text, script, "", 1)
		if found := remoteAddress.FindString(markup); found != "" {
			t.Errorf("%s: %q in the page", name, found)
		}
		if found := secrecy.Find([]byte(text)); len(found) > 0 {
			t.Errorf("%s: %v", name, found)
		}
		var data struct{ Rows [][]string }
		if err := json.Unmarshal([]byte(between(t, text, `<script type="application/json" id="data">`, "</script>")), &data); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		clusters := c.plan.Clusters()
		if len(data.Rows) != len(clusters) {
			t.Errorf("%s: %d rows for %d clusters", name, len(data.Rows), len(clusters))
		}
		for i, r := range data.Rows {
			if r[0] != clusters[i] || !strings.Contains(text, `<th scope="row">`+clusters[i]+"<") {
				t.Errorf("%s: row %d is of %q", name, i, r[0])
			}
		}
	}
}

// TestReportsOfADayAreTheSame reports twice on a day, with different keys for the handshakes: the output is the same. On another day it
// differs.
func TestReportsOfADayAreTheSame(t *testing.T) {
	p := fixtures(t)["issued"]
	first, again := reported(t, p, fixtureTime), reported(t, p, fixtureTime)
	if first != again {
		t.Error("the same project on the same day, and another page")
	}
	elsewhere := p
	for _, path := range []*string{&elsewhere.Topology, &elsewhere.Lock, &elsewhere.Sealed, &elsewhere.Build, &elsewhere.Keys} {
		var err error
		if *path, err = filepath.Abs(*path); err != nil {
			t.Fatal(err)
		}
	}
	if reported(t, elsewhere, fixtureTime) != first {
		t.Error("named by other paths, the project has another page")
	}
	if reported(t, p, fixtureTime.AddDate(0, 0, 1)) == first {
		t.Error("the next day has the same page")
	}
}

// TestReportNeedsNoKeys removes the keys: the report says what it can, and what needs keys.
func TestReportNeedsNoKeys(t *testing.T) {
	p := fixtures(t)["address"]
	if with := reported(t, p, fixtureTime); !strings.Contains(with, `<span class="badge good">ok</span>`) {
		t.Error("with keys no handshake is told")
	}
	p.Keys = filepath.Join(t.TempDir(), "keys")
	without := reported(t, p, fixtureTime)
	for _, want := range []string{"handshakes need the private keys", "<td>not tried</td>", "Left out", "root 1"} {
		if !strings.Contains(without, want) {
			t.Errorf("%q is not in the page", want)
		}
	}
	p.Lock = filepath.Join(t.TempDir(), "topology.lock.yaml")
	_, err := Report(t.Context(), p, Env{}, fixtureTime, Reporting{})
	if due := (issue.DueError{}); !errors.As(err, &due) {
		t.Errorf("without a lockfile: %v", err)
	}
}

// TestPrivateTextKeepsAReportFromBeingWritten uses a key as a name: nothing is written.
func TestPrivateTextKeepsAReportFromBeingWritten(t *testing.T) {
	p := fixtures(t)["reference"]
	made, err := Report(t.Context(), p, Env{NewKey: pki.GenerateKey}, fixtureTime, Reporting{})
	if err != nil {
		t.Fatal(err)
	}
	keys, err := filepath.Glob(filepath.Join(p.Keys, "*.key"))
	if err != nil || len(keys) == 0 {
		t.Fatal("no key", err)
	}
	made.Judged.LeftOut = append(made.Judged.LeftOut, string(read(t, keys[0])))
	var b strings.Builder
	if err := made.Write(&b); err == nil || !strings.HasPrefix(err.Error(), "report: ") || b.Len() > 0 {
		t.Errorf("%v, and %d bytes written", err, b.Len())
	}
	if !strings.HasPrefix(page.Begin, "<!doctype html>") {
		t.Error(page.Begin)
	}
}
