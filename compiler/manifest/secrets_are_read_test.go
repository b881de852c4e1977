package manifest

import (
	"maps"
	"slices"
	"strings"
	"testing"
)

// TestSecretsAreReadAsAServerReadsThem finds every Secret, and its data: a skipped one would not be checked.
func TestSecretsAreReadAsAServerReadsThem(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		want []string
	}{
		"none":              {"", nil},
		"another object":    {"kind: ConfigMap\ndata: {a: b}\n", nil},
		"one":               {"kind: Secret\nmetadata: {name: own, namespace: s}\ndata: {a: aGVsbG8=}\n", []string{"s/own a=hello"}},
		"no namespace":      {"kind: Secret\nmetadata: {name: own}\n", []string{"/own"}},
		"JSON":              {`{"kind": "Secret", "metadata": {"name": "own"}, "data": {"a": "aGVsbG8="}}`, []string{"/own a=hello"}},
		"lines in base64":   {"kind: Secret\nmetadata: {name: own}\ndata:\n  a: |\n    aGVs\n    bG8=\n", []string{"/own a=hello"}},
		"a null":            {"kind: Secret\nmetadata: {name: own}\ndata: {a: null}\n", []string{"/own a="}},
		"text":              {"kind: Secret\nmetadata: {name: own}\nstringData: {a: hello}\n", []string{"/own a=hello"}},
		"text before data":  {"kind: Secret\nmetadata: {name: own}\ndata: {a: eA==, b: eA==}\nstringData: {a: hello}\n", []string{"/own a=hello b=x"}},
		"several documents": {"---\nkind: Secret\nmetadata: {name: a}\n---\nkind: Other\n--- # more\nkind: Secret\nmetadata: {name: b}\n---  \n", []string{"/a", "/b"}},
		"a list":            {"kind: List\nitems:\n- kind: Secret\n  metadata: {name: a}\n- kind: Other\n- kind: Secret\n  metadata: {name: b}\n", []string{"/a", "/b"}},
		"three dashes":      {"kind: Secret\nmetadata: {name: own}\nstringData: {a: \"x\n---y\"}\n", []string{"/own a=x ---y"}},
		"four dashes":       {"kind: Secret\nmetadata: {name: own}\nstringData:\n  a: |-\n    -----BEGIN X-----\n", []string{"/own a=-----BEGIN X-----"}},
	} {
		secrets, err := ReadSecrets([]byte(c.text))
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var got []string
		for _, s := range secrets {
			text := s.Namespace + "/" + s.Name
			for _, key := range slices.Sorted(maps.Keys(s.Data)) {
				text += " " + key + "=" + string(s.Data[key])
			}
			got = append(got, text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// TestBrokenSecretsAreRefusedWithoutTheirValues names the document, the Secret and the key, and quotes nothing that may be private.
func TestBrokenSecretsAreRefusedWithoutTheirValues(t *testing.T) {
	for text, want := range map[string]string{
		"kind: Secret\nmetadata: {name: own}\ndata: {tls.key: precious!}\n":                          "document 1: Secret own: data tls.key is not base64",
		"kind: Secret\nmetadata: {name: own}\ndata: {a: aGVsbG8=, tls.key: 12345678}\n":              "document 1: Secret own: data tls.key is not base64",
		"kind: A\n---\nkind: Secret\nmetadata: {name: own}\nstringData: {token: 12345678}\n":         "document 2: Secret own: stringData token is not text",
		"kind: Secret\nmetadata: {name: own}\ndata: {tls.key: {precious: x}}\n":                      "document 1: Secret own: data tls.key is not base64",
		"kind: A\n---\nkind: B\n---\nprecious: [\n":                                                  "document 3: not a Kubernetes object in YAML or JSON",
		"kind: Secret\ndata: precious\n":                                                             "document 1: not a Kubernetes object in YAML or JSON",
		"kind: List\nitems: [{kind: Secret, metadata: {name: own}, data: {tls.key: precious!}}]\n":   "document 1: Secret own: data tls.key is not base64",
		"kind: Secret\nmetadata: {name: own}\ndata: {a: '!'}\n---\nkind: Secret\ndata: {b: '!'}\n":   "document 1: Secret own: data a is not base64",
		"kind: Secret\nmetadata: {name: own}\ndata: {a: precious!, b: precious!, c: precious!}\n":    "document 1: Secret own: data ",
		"kind: Secret\nmetadata: {name: own}\nstringData: {a: 12345678, b: 12345678, c: 12345678}\n": "document 1: Secret own: stringData ",
	} {
		secrets, err := ReadSecrets([]byte(text))
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "\n") || len(secrets) > 0 {
			t.Errorf("%q: got %v, want %q", text, err, want)
			continue
		}
		if strings.Contains(err.Error(), "precious") || strings.Contains(err.Error(), "12345678") {
			t.Errorf("%q is quoted: %v", text, err)
		}
	}
}
