package pbe

import (
	"bytes"
	"encoding/hex"
	"testing"
)

// TestRC2 checks the cipher with the vectors of RFC 2268 5 that use the full effective key length.
func TestRC2(t *testing.T) {
	for _, c := range []struct{ key, plain, text string }{
		{"ffffffffffffffff", "ffffffffffffffff", "278b27e42e2f0d49"},
		{"3000000000000000", "1000000000000001", "30649edf9be7d2c2"},
		{"88bca90e90875a7f0f79c384627bafb2", "0000000000000000", "2269552ab0f85ca6"},
	} {
		key, _ := hex.DecodeString(c.key)
		plain, _ := hex.DecodeString(c.plain)
		text, _ := hex.DecodeString(c.text)
		block, err := newRC2(key)
		if err != nil {
			t.Fatal(err)
		}
		got := make([]byte, len(text))
		if block.Decrypt(got, text); !bytes.Equal(got, plain) {
			t.Errorf("key %s: %x, want %x", c.key, got, plain)
		}
	}
}
