package compiler

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"relayform/compiler/seal"
)

// TestRenderingOpensTheStore renders what kubectl would apply with encrypted keys: with an identity whole Secrets, and without one an error
// that says so, not half of a Secret. Public output needs none.
func TestRenderingOpensTheStore(t *testing.T) {
	s := sealedProject(t)
	render := func(o RenderOptions) (string, error) {
		var all bytes.Buffer
		err := Render(s.project, s.env(), nil, o, func(_ string, yaml []byte) error { all.Write(yaml); return nil })
		return all.String(), err
	}
	if text, err := render(RenderOptions{}); err != nil || !strings.Contains(text, "tls.key: ") {
		t.Errorf("with an identity: %v", err)
	}
	s.ring.Identities = nil
	if _, err := render(RenderOptions{}); !errors.Is(err, seal.ErrNoIdentity) {
		t.Errorf("without an identity: %v", err)
	}
	if text, err := render(RenderOptions{Public: true}); err != nil || strings.Contains(text, "tls.key: ") {
		t.Errorf("what is public: %v", err)
	}
}
