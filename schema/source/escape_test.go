package source

import "testing"

func TestEscape(t *testing.T) {
	for text, want := range map[string]string{
		"":                          "",
		"CN=relay root g1,O=demo":   "CN=relay root g1,O=demo",
		"CN=Zürich\n\t\\, \"x\"":    "CN=Zürich\n\t\\, \"x\"",
		"a\x1b[31mb":                `a\1B[31mb`,
		"a\u202eb\u200b\u00a0\x00c": `a\E2\80\AEb\E2\80\8B\C2\A0\00c`,
		"a\xffb\ufffd":              `a\FFb\EF\BF\BD`,
	} {
		got := Escape(text)
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
		if Escape(got) != got {
			t.Errorf("%q: escaped twice it is %q", text, Escape(got))
		}
	}
}
