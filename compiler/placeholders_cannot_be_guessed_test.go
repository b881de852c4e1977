package compiler

import (
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"strings"
	"testing"

	"relayform/compiler/overlay"
	"relayform/schema/diag"
)

// TestPlaceholdersCannotBeGuessed has users replace the token with its placeholder in the overlay check, as far as that could be predicted:
// the mesh would use the placeholder as its token, and the check would see no change.
func TestPlaceholdersCannotBeGuessed(t *testing.T) {
	s := newCustoms(t)
	l, err := s.project.ReadLock(demo)
	if err != nil {
		t.Fatal(err)
	}
	file := "remote/" + l.Token.SHA256 + ".token"
	words := func(parts ...[]byte) string {
		h := sha256.New()
		for _, p := range parts {
			h.Write(p)
		}
		return base64.StdEncoding.EncodeToString(fmt.Appendf(nil, "in place of %s: %x\n", file, h.Sum(nil)))
	}
	nothing := sha256.Sum256(nil)
	patch := func(value string) string { return tokenHead + "data: {token: " + value + "}\n" }
	component := func(value string) string {
		return "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{patch: '- {op: replace, path: /data/token, value: " + value + "}', target: {kind: Secret, name: relay-identity-token-secret}}]\n\n"
	}
	// Names and sizes in a component are known whatever it contains.
	path := overlay.Root + "/own/kustomization.yaml"
	sizes := sha256.Sum256(fmt.Appendf(nil, "%d %s %d ", len(path), path, len(component(words()))))
	text := func(component string) map[string]string { // without what the custom component writes itself
		return map[string]string{"k": strings.TrimSuffix(strings.SplitN(component, "\n", 3)[2], "\n")}
	}
	length := func(text string) []byte { return fmt.Appendf(nil, "%d ", len(text)) }
	for name, c := range map[string]customization{
		"nothing":             {patch: patch(words())},
		"no component":        {patch: patch(words(nothing[:]))},
		"a patch's size":      {patch: patch(words(nothing[:], length(patch(words()))))},
		"its size alone":      {patch: patch(words(length(patch(words()))))},
		"no patch":            {files: text(component(words()))},
		"a component's size":  {files: text(component(words(sizes[:])))},
		"no component's text": {files: text(component(words(nothing[:])))},
	} {
		for _, at := range []string{"management", "edge"} {
			c.at = at
			field := c.write(s)
			_, err := Compile(s.project, s.env(), Options{Locked: true, Check: true})
			var faults diag.List
			if !errors.As(err, &faults) || faults[0].Path != field || !strings.Contains(faults[0].Message, "changes data.token of Secret relay-identity-token-secret") {
				t.Errorf("%s, %s: got %v", name, at, err)
			}
		}
	}
}
