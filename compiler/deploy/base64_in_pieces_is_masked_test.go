package deploy

import (
	"strings"
	"testing"
)

// TestBase64InShortPiecesIsMasked has base64 whose slashes split it into pieces that are too short to check one by one, or that look like
// words: a plus or an equals sign does not occur in a path.
func TestBase64InShortPiecesIsMasked(t *testing.T) {
	for _, secret := range []string{"aGk+bW/uZQm9/vYmFyy/QxMj/MTIz", "aGkbbWw/uZQmm/vYmFyy/QxMj==", "shorter/words/and=signs"} {
		if said := mask("the server said: " + secret + " is wrong"); strings.Contains(said, secret) || said != "the server said: *** is wrong" {
			t.Errorf("told: %s", said)
		}
	}
	for _, path := range []string{"apps/v1/namespaces/gloo-mesh/deployments", "namespaces/mesh/serviceAccounts"} {
		if said := mask("get " + path); said != "get "+path {
			t.Errorf("%s is told as %s", path, said)
		}
	}
}

// TestWordsOfEightLettersAreJudged tests both sides of the length from which a piece must look like words.
func TestWordsOfEightLettersAreJudged(t *testing.T) {
	const seven, eight = "aB3dE6g/aB3dE6g/aB3dE6g", "aB3dE6gH/aB3dE6g/aB3dE6g"
	if said := mask(seven); said != seven {
		t.Errorf("seven: %s", said)
	}
	if said := mask(eight); said != "***" {
		t.Errorf("eight: %s", said)
	}
}
