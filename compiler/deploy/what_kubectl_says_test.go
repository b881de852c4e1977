package deploy

import (
	"strings"
	"testing"

	"relayform/compiler/manifest"
)

// TestSummariesCountWhatWasDone counts each kind of line that kubectl prints, and repeats no other.
func TestSummariesCountWhatWasDone(t *testing.T) {
	old := []manifest.Identity{{Kind: "Secret", Name: "old"}}
	for want, o := range map[string]Outcome{
		"":                                     {},
		"1 configured, 2 created, 1 unchanged": {Said: []string{"secret/a created", "service/b created", "secret/c configured", "namespace/mesh unchanged"}},
		"1 serverside-applied":                 {Said: []string{"gateway.networking.istio.io/x serverside-applied (server dry run)"}},
		"1 created, 1 deleted":                 {Said: []string{"secret/a created (dry run)", "Warning: created", "password created", "secret/b createdx"}, Deleted: old},
		"1 to delete, 1 unchanged":             {Said: []string{"secret/a unchanged"}, Doomed: old},
	} {
		if got := o.Summary(); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

// TestObjectsAreNotShown has kubectl print whole objects, with secrets that are too short or too plain to be recognized.
func TestObjectsAreNotShown(t *testing.T) {
	for _, said := range []string{
		`{"stringData":{"password":"hunter2"}}`, "  {\"password\": \"hunter2\"}", "\t&{map[password:hunter2]}", "&{hunter2}",
		"error:\r\n{\"a\":\"hunter2\"}\r\nend", "data: aHVudGVyMmh1bnRlcjJodW50ZXIyhunter2hunter2==",
	} {
		got := mask(said)
		if strings.Contains(got, "hunter2") || strings.Contains(got, "aHVu") {
			t.Errorf("%q is shown as %q", said, got)
		}
		if strings.Contains(said, "end") && got != "error:\n(an object, not shown)\nend" {
			t.Errorf("what stands around it is lost: %q", got)
		}
	}
	for said, want := range map[string]string{
		"apps/v1/namespaces/gloo2/a1":     "apps/v1/namespaces/gloo2/a1",
		"token 0123456789abcdef0123 here": "token *** here", // twenty characters
		"aaaaaaaaaaaaaaaaaaaaaa+=":        "***",
		"abcd/abcd+abcd/abcd/abcd":        "***",
	} {
		if got := mask(said); got != want {
			t.Errorf("%q is shown as %q, want %q", said, got, want)
		}
	}
}
