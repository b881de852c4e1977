package schema

import (
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"cuelang.org/go/cue"

	"relayform/schema/source"
)

// TestVerdictIsCUEs checks that the checker accepts exactly the documents that CUE accepts as a whole: every fixture, and thousands of
// documents that differ from a fixture in one or two places.
func TestVerdictIsCUEs(t *testing.T) {
	if testing.Short() {
		t.Skip("nothing in it runs side by side")
	}
	lock := map[bool]string{true: "#Lock", false: "#Topology"}
	var texts []string
	eachFixture(t, func(path string, text []byte, isLock bool) {
		if isLock {
			text, _ = SplitLock(text) // CUE does not check the section of records
		}
		agree(t, path, text, lock[isLock])
		if !isLock && !strings.Contains(path, "hostile") {
			texts = append(texts, string(text))
		}
	})
	random := rand.New(rand.NewPCG(1, 2))
	verdicts := map[bool]int{}
	mutations := 5000
	if os.Getenv("RELAYFORM_LONG") == "" {
		mutations = 1500
	}
	for i := range mutations {
		text := mutate(random, texts[random.IntN(len(texts))])
		verdicts[agree(t, fmt.Sprintf("mutation %d", i), []byte(text), "#Topology")]++
		if t.Failed() {
			t.Fatalf("\n%s", text)
		}
	}
	if verdicts[true] < mutations/50 || verdicts[false] < mutations/50 {
		t.Errorf("%d mutations accepted, %d refused; want many of both", verdicts[true], verdicts[false])
	}
}

// eachFixture visits every YAML file of the fixtures.
func eachFixture(t *testing.T, visit func(path string, text []byte, isLock bool)) {
	t.Helper()
	err := filepath.WalkDir("../fixtures", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(path, ".yaml") || d.Type()&fs.ModeSymlink != 0 {
			return err
		}
		text, err := os.ReadFile(path)
		if err == nil {
			visit(path, text, strings.HasSuffix(path, ".lock.yaml"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// agree compares the two verdicts, and returns them. A document that is refused before CUE sees it (see source.Parse), or because it
// contains private material, is not compared.
func agree(t *testing.T, name string, text []byte, definition string) bool {
	t.Helper()
	file, faults := source.Parse(name, text)
	if file == nil || len(faults) > 0 || len(file.Private()) > 0 {
		return false
	}
	l := compiled()
	whole := l.file.LookupPath(cue.ParsePath(definition)).Unify(l.context.Encode(plain(file.Root)))
	cueErr := whole.Validate(cue.Concrete(true))
	var err error
	if definition == "#Lock" {
		_, _, err = ParseLock(name, text)
	} else {
		_, _, err = ParseTopology(name, text)
	}
	if (err == nil) != (cueErr == nil) {
		t.Errorf("%s: the walk says %v, and CUE %v", name, err, cueErr)
	}
	return err == nil
}

// plain returns a document as CUE takes it. A scalar that YAML versions read differently has no plain value: it becomes a list in a list,
// which the language never accepts.
func plain(n *source.Node) any {
	switch n.Kind {
	case source.Map:
		m := map[string]any{}
		for _, k := range n.Keys {
			m[k.Name] = plain(k.Value)
		}
		return m
	case source.List:
		list := []any{}
		for _, item := range n.Items {
			list = append(list, plain(item))
		}
		return list
	}
	switch i, err := strconv.ParseInt(n.Value, 10, 64); {
	case n.Tag == "!!str":
		return n.Value
	case n.Tag == "!!bool" && (strings.EqualFold(n.Value, "true") || strings.EqualFold(n.Value, "false")):
		return strings.EqualFold(n.Value, "true")
	case n.Tag == "!!int" && err == nil && strconv.FormatInt(i, 10) == n.Value:
		return i
	case n.Null():
		return nil
	}
	return []any{[]any{n.Value}}
}

// mutate changes a document in one or two places: it drops or indents a line, or replaces a value or key.
func mutate(random *rand.Rand, text string) string {
	values := []string{"{}", "[]", "[a]", "{a: b}", "true", "no", "0", "1", "443", "65536", "-1", "1.10", "\"\"", "east", "East", "a.b", "a_b", "~", "8760h", "365d", "1y", "0h",
		"rsa", "ecdsa", "ed25519", "gloo-platform", "host:443", "[2001:db8::7]:443", "{istio: {}}", "{nodePort: {nodePort: 1}}", "{istio: {}, nodePort: {}}", "{x: {}}", strings.Repeat("a", 64)}
	keys := []string{"name", "context", "remotes", "ingress", "istio", "loadBalancer", "nodePort", "labels", "x", "patches", "components", "agent", "port", "selfSigned", "validity", "secrets", "local"}
	lines := strings.Split(strings.TrimRight(text, "\n"), "\n")
	for range 1 + random.IntN(2) {
		i := random.IntN(len(lines))
		key, _, found := strings.Cut(lines[i], ":")
		switch random.IntN(6) {
		case 0:
			lines = append(lines[:i], lines[i+1:]...)
		case 1:
			lines[i] = "  " + lines[i]
		case 2:
			lines[i] = strings.TrimPrefix(lines[i], "  ")
		case 3:
			if found {
				lines[i] = key[:len(key)-len(strings.TrimLeft(key, " "))] + keys[random.IntN(len(keys))] + lines[i][len(key):]
			}
		default:
			if found {
				lines[i] = key + ": " + values[random.IntN(len(values))]
			}
		}
		if len(lines) == 0 {
			return ""
		}
	}
	return strings.Join(lines, "\n") + "\n"
}
