package compiler

import (
	"bytes"
	"strings"
	"testing"
)

// TestReviewersSeeNoBase64 shows every YAML file of compiled fixtures, and every record of encrypted values, as git diff and compile
// --check do: no line is too long for reviewers, everything else is unchanged, and changes of values are visible.
func TestReviewersSeeNoBase64(t *testing.T) {
	values := 0
	for name, project := range fixtures(t) {
		c := compileFixture(t, project)
		shown := map[string][]byte{}
		for _, f := range c.tree {
			if strings.HasSuffix(f.Name, ".yaml") {
				shown[f.Name] = f.Data
			}
		}
		if sealed := c.lock.MarshalSealed(); sealed != nil {
			shown["topology.sealed.yaml"] = sealed
		}
		for file, data := range shown {
			text := string(InWords(data))
			if !bytes.HasPrefix(data, []byte("# ")) {
				continue
			}
			for line := range strings.Lines(text) {
				if len(line) > 330 && !strings.HasPrefix(line, "#") && !strings.Contains(file, "register") {
					t.Errorf("%s: %s: a line of %d characters: %.100s", name, file, len(line), line)
				}
			}
			for line := range strings.Lines(string(data)) { // in the file's order, with gaps
				if m := longValue().FindStringSubmatch(strings.TrimSuffix(line, "\n")); m != nil {
					values++
					other := strings.Replace(string(data), m[2], strings.Replace(m[2], m[2][:60], m[2][1:60]+"A", 1), 1)
					if string(InWords([]byte(other))) == text {
						t.Errorf("%s: %s: another value of %s looks the same", name, file, m[1])
					}
				} else if len(line) < 60 && !strings.HasPrefix(line, "      ") && !strings.Contains(text, line) {
					t.Errorf("%s: %s lacks the line %s", name, file, line)
				}
			}
		}
	}
	if values < 50 {
		t.Errorf("only %d values were shortened", values)
	}
}

// TestBlocksAreShortenedWhole keeps what looks like a PEM block but has no end, or a different one.
func TestBlocksAreShortenedWhole(t *testing.T) {
	whole := "a: |\n  -----BEGIN CERTIFICATE-----\n  MIIB\n  -----END CERTIFICATE-----\nb: 1\n"
	for text, want := range map[string]string{
		whole: "a: |\n  ‹CERTIFICATE, sha256 ",
		strings.Replace(whole, "  -----END", "-----END", 1):                      "  MIIB\n",
		strings.Replace(whole, "END CERT", "END SERT", 1):                        "  MIIB\n",
		strings.TrimSuffix(whole, "  -----END CERTIFICATE-----\nb: 1\n"):         "  MIIB\n",
		"- {\"sha256\":\"" + strings.Repeat("0", 64) + "\",\"text\":\"AAAA\"}\n": "- {\"sha256\":\"" + strings.Repeat("0", 64) + "\"}\n",
		"  key: " + strings.Repeat("A", 80) + "\n":                               "  key: ‹80 characters, sha256 ",
		"  key: " + strings.Repeat("A", 79) + "\n":                               "  key: " + strings.Repeat("A", 79) + "\n",
		"  key: " + strings.Repeat("A", 80) + " and words\n":                     " and words\n",
	} {
		if got := string(abridge([]byte(text))); !strings.Contains(got, want) || strings.HasSuffix(text, "\n") != strings.HasSuffix(got, "\n") {
			t.Errorf("%s\nbecame\n%s\nwant %s", text, got, want)
		}
	}
}
