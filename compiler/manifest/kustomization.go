package manifest

import (
	"strings"

	"sigs.k8s.io/yaml"
)

// KustomizationFiles are the possible names of a kustomization (kustomize, RecognizedKustomizationFileNames).
var KustomizationFiles = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// Kustomization is the part of a kustomization or component that relayform writes. Lists keep their order. It is written field by field
// because it contains comments, and a YAML library that supports comments breaks the lines of patches differently.
type Kustomization struct {
	Comment    string // lines before everything else
	Component  bool
	Resources  []string
	Components []string
	Patches    []Patch
}

// Patch is a patch: a user's as text, or relayform's in a file next to the kustomization.
type Patch struct {
	Path   string            `json:"-"`
	Text   string            `json:"patch"`
	Target map[string]string `json:"target,omitempty"` // kustomize's selector; may be empty
}

// Marshal encodes the kustomization as YAML.
func (k Kustomization) Marshal() []byte {
	var b strings.Builder
	comment(&b, k.Comment)
	if k.Component {
		b.WriteString("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\n")
	} else {
		b.WriteString("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n")
	}
	list(&b, "", "resources", k.Resources)
	list(&b, "", "components", k.Components)
	if len(k.Patches) > 0 {
		b.WriteString("patches:\n")
	}
	for _, p := range k.Patches {
		if p.Path != "" {
			b.WriteString("- path: " + Text(p.Path) + "\n")
			continue
		}
		text, err := yaml.Marshal(p)
		if err != nil {
			panic(err) // encoding a string never fails
		}
		for i, line := range strings.SplitAfter(strings.TrimSuffix(string(text), "\n"), "\n") {
			switch {
			case i == 0:
				b.WriteString("- " + line)
			case line == "\n":
				b.WriteString(line)
			default:
				b.WriteString("  " + line)
			}
		}
		b.WriteString("\n")
	}
	return []byte(b.String())
}

func list(b *strings.Builder, indent, key string, items []string) {
	if len(items) == 0 {
		return
	}
	b.WriteString(indent + key + ":\n")
	for _, i := range items {
		b.WriteString(indent + "- " + Text(i) + "\n")
	}
}

func comment(b *strings.Builder, text string) {
	for line := range strings.Lines(text) {
		b.WriteString("# " + strings.TrimSuffix(line, "\n") + "\n")
	}
}

// Text encodes a string as a YAML scalar, quoted if it would otherwise be read as something else.
func Text(s string) string {
	if plain(s) {
		return s
	}
	text, err := yaml.Marshal(s)
	if err != nil {
		panic(err) // encoding a string never fails
	}
	return strings.TrimSuffix(string(text), "\n")
}

// plain reports whether a string certainly needs no quotes: it begins with a letter, consists of letters, digits and - . / : (the colon not
// at the end) and is longer than every word that YAML 1.1 reads as something else.
func plain(s string) bool {
	if len(s) < len("false")+1 || !letter(s[0]) {
		return false
	}
	for i := 1; i < len(s); i++ {
		if c := s[i]; !letter(c) && (c < '0' || c > '9') && c != '-' && c != '.' && c != '/' && (c != ':' || i == len(s)-1) {
			return false
		}
	}
	return true
}

func letter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }
