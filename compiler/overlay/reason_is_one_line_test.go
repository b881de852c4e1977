package overlay

import (
	"errors"
	"strings"
	"testing"
)

// TestReasonIsOneLineOfKustomizes removes what kustomize wraps around a reason, this machine's paths, and what it quotes from the input.
func TestReasonIsOneLineOfKustomizes(t *testing.T) {
	for said, want := range map[string]string{
		"accumulating components: accumulateDirectory: \"recursed accumulation of path '/home/me/own': trouble configuring builtin PatchTransformer with config: `\npatch: |\n  a `secret`: b\n`: unable to parse SM or JSON patch from [patch: \"a `secret`: b\"]\"": "want a piece of an object, or a list of operations with a target",
		"accumulating resources: accumulation err='merging resources from 's.yaml': no': must build at directory: '/home/me/own/s.yaml': file is not directory":                                                                                                       "merging resources from 's.yaml': no",
		"open /home/me/own/a.yaml: gone": "open own/a.yaml: gone",
		`no resource matches strategic merge patch "Namespace.v1.[noGrp]/a.b.[noNs]": no matches for Id`:         "the overlay has no Namespace a.b",
		`no resource matches strategic merge patch "Gateway.v1.networking.istio.io/a.b.mesh": no matches for Id`: "the overlay has no Gateway a.b in namespace mesh",
		"wrong node kind: expected MappingNode but got ScalarNode: node contents:\nsecret\n":                     "wrong node kind: expected MappingNode but got ScalarNode",
		"two\nlines\x1b[1m":          `two lines\x1b[1m`,
		strings.Repeat("long ", 100): strings.Repeat("long ", 60) + "…",
	} {
		err := &BuildError{Overlay: "edge", Err: errors.New(said), project: "/home/me"}
		if got := Reason(err); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		if got := Reason(errors.Join(err)); got != want || err.Error() != "kustomize: edge: "+want {
			t.Errorf("wrapped it is %q, and in full %q", got, err)
		}
	}
}
