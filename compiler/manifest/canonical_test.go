package manifest

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"sigs.k8s.io/yaml"

	"relayform/compiler/product"
)

// words are scalars that YAML 1.1 or 1.2 reads as something other than text, and similar ones.
var words = []string{
	"", "~", "null", "Null", "true", "True", "yes", "no", "on", "off", "y", "n", "false", "falsely", "trueish", "1", "0x1f", "0b1", "1e3", "1.10", "12:30",
	"2026-01-31", "a", "abc", "relay.example.com:9900", "relay.example.com:", "a: b", "[2001:db8::7]:443", "203.0.113.7:31443", "eu-central-1", "-lead", "#hash",
	"with space", "tab\there", "ünïcödé", "{brace}", "*star", "&and", "!bang", "@at", "`tick", "%percent", "quote'd", "\"quoted\"", "a/b/c.d-e", "nullify", "Infinity", ".inf", ".nan", "NaN-like",
	"arn:aws:eks:eu:123:cluster/a", "line\nbreak", "trailing ", "=", "<<", "e1234567", "0123456", "abcdef:1", "example:port", "a\nbcdefgh",
}

// TestTextIsCanonical compares the fast path for scalars with the YAML library.
func TestTextIsCanonical(t *testing.T) {
	letters := []rune("abcefnotruyNYE019.:/-_ #'\"")
	random := rand.New(rand.NewPCG(1, 2))
	all := append([]string{}, words...)
	for range 20000 {
		var b strings.Builder
		for range random.IntN(12) {
			b.WriteRune(letters[random.IntN(len(letters))])
		}
		all = append(all, b.String())
	}
	for _, s := range all {
		want, err := yaml.Marshal(map[string]string{"k": s})
		if err != nil {
			t.Fatal(err)
		}
		if plain(s) && "k: "+s+"\n" != string(want) {
			t.Errorf("%q is written plain, and the library writes %s", s, want)
		}
	}
}

// TestClusterIsCanonical compares the object written without marshalling with a marshalled one.
func TestClusterIsCanonical(t *testing.T) {
	for i, w := range words {
		if strings.Contains(w, "\n") {
			continue // no name, label or domain contains one
		}
		labels := map[string]string{"region": w, "app.kubernetes.io/part-of": "x", "zone": "", ManagedByLabel: "someone"}
		if i%2 == 0 {
			labels = nil
		}
		want, err := Marshal(New("example.com/v1", "KubernetesCluster", w, w, labels, map[string]string{"clusterDomain": w}))
		if err != nil {
			t.Fatal(err)
		}
		got := string(make(Scalars).AppendCluster(nil, "example.com/v1", w, w, w, labels, nil))
		if w == "" { // omitted when marshalled, as no object has an empty namespace
			continue
		}
		if got != string(want) {
			t.Errorf("%q: got\n%swant\n%s", w, got, want)
		}
	}
}

// TestAgentValuesAreCanonical fills the placeholders with every word.
func TestAgentValuesAreCanonical(t *testing.T) {
	for _, p := range product.Profiles {
		settings := func(name, address string) []product.Setting {
			return p.AgentSettings("gloo-mesh", name, address, "relay.example.com", "")
		}
		values, err := NewAgentValues("# head\n", settings)
		if err != nil {
			t.Fatal(err)
		}
		for _, w := range words {
			for _, address := range []string{"", w, "relay.example.com:9900"} {
				if w == "" || strings.Contains(w, "\n") {
					continue
				}
				want, err := Values(settings(w, address))
				if err != nil {
					t.Fatal(err)
				}
				if got := string(values.Fill(make(Scalars), w, address)); got != "# head\n"+string(want) {
					t.Errorf("%s, %q: %s", p.Name, w, fmt.Sprintf("got\n%swant\n%s", got, want))
				}
			}
		}
	}
}
