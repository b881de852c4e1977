package verify_test

import (
	"bytes"
	"strings"
	"testing"

	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// TestTableTellsUntilWhen checks a cluster's row: until when both handshakes work and, if the first cannot be tried, when it would end.
// Users plan renewals by it.
func TestTableTellsUntilWhen(t *testing.T) {
	first, second := noon.Add(10*days), noon.Add(5*days)
	for name, c := range map[string]struct {
		of   verify.Connection
		want string
	}{
		"both work":         {verify.Connection{FirstContact: verify.Outcome{Done: true, OK: true, Until: first}, MutualTLS: verify.Outcome{Done: true, OK: true, Until: second}}, "2026-11-28"},
		"it is not tried":   {verify.Connection{FirstContact: verify.Outcome{Until: first}}, "2026-12-03"},
		"nothing is known":  {verify.Connection{}, "-"},
		"the first fails":   {verify.Connection{FirstContact: verify.Outcome{Done: true, Until: first}, MutualTLS: verify.Outcome{Done: true, OK: true, Until: second}}, "-"},
		"the second fails":  {verify.Connection{FirstContact: verify.Outcome{Done: true, OK: true, Until: first}, MutualTLS: verify.Outcome{Done: true, Until: second}}, "-"},
		"no agent is there": {verify.Connection{Clusters: []string{"another"}}, "-"},
	} {
		if c.of.Clusters == nil {
			c.of.Clusters = []string{"east"}
		}
		r := &verify.Report{At: noon, Clusters: []string{"east"}, Connections: []verify.Connection{c.of}}
		var text bytes.Buffer
		if err := r.WriteWide(&text, diag.Screen{}); err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(text.String()) {
			if words := strings.Fields(line); len(words) > 1 && words[0] == "east" && words[len(words)-1] != c.want {
				t.Errorf("%s: %swant %s at the end", name, line, c.want)
			}
		}
		if !strings.Contains(text.String(), "\neast") && !strings.HasPrefix(text.String(), "east") {
			t.Errorf("%s: no row of the cluster:\n%s", name, text.String())
		}
	}
}

// TestAnIntermediateTwiceIsInOrder has an intermediate twice in tls.crt: that is not a wrong order, and breaks nothing.
func TestAnIntermediateTwiceIsInOrder(t *testing.T) {
	m := goodMesh(t)
	m.intermediate(t)
	m.tls["server"] = append(m.tls["server"], "intermediate")
	for _, c := range codes(judged(t, m)) {
		if c == verify.ChainDisordered {
			t.Error("whoever is told of disorder looks for it in vain")
		}
	}
}
