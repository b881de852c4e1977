package certfile

import (
	"bytes"
	"encoding/asn1"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/pki"
)

const imported = "../../fixtures/import"

func secret() (string, error) { return "correct horse", nil }

// indefinite converts DER to the BER of a streaming encoder: with indefinite lengths, and octet strings in segments. The content of a
// string is a separate file.
func indefinite(t *testing.T, der []byte) []byte {
	t.Helper()
	var out []byte
	for len(der) > 0 {
		var v asn1.RawValue
		rest, err := asn1.Unmarshal(der, &v)
		if err != nil {
			t.Fatal(err)
		}
		whole, tag := v.FullBytes, v.FullBytes[0]
		switch {
		case v.IsCompound:
			out = append(append(out, tag, 0x80), indefinite(t, v.Bytes)...)
			out = append(out, 0, 0)
		case v.Class == asn1.ClassUniversal && v.Tag == asn1.TagOctetString || v.Class == asn1.ClassContextSpecific && len(v.Bytes) > 200:
			out = append(out, tag|constructed, 0x80)
			for rest := v.Bytes; len(rest) > 0; {
				n := min(100, len(rest))
				out = append(append(out, octets, byte(n)), rest[:n]...)
				rest = rest[n:]
			}
			out = append(out, 0, 0)
		default:
			out = append(out, whole...)
		}
		der = rest
	}
	return out
}

// TestBERIsRead reads PKCS #7 and #12 from programs that do not write DER.
func TestBERIsRead(t *testing.T) {
	paths, err := filepath.Glob(imported + "/sealed/*.p12")
	if err != nil || len(paths) < 10 {
		t.Fatal(len(paths), err)
	}
	for _, path := range append(paths, imported+"/chain.p7b", imported+"/legacy.pfx") {
		der, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want, err := Read(der, secret, new(Allowance))
		if err != nil {
			t.Fatal(err)
		}
		got, err := Read(indefinite(t, der), secret, new(Allowance))
		if err != nil || len(got.Certificates) != len(want.Certificates) || len(got.Keys) != len(want.Keys) {
			t.Errorf("%s: %d certificates, %d keys, %v", filepath.Base(path), len(got.Certificates), len(got.Keys), err)
		}
	}
}

// TestDERStaysAsItIs checks that DER is not changed.
func TestDERStaysAsItIs(t *testing.T) {
	for _, name := range []string{"server.der", "chain.p7b", "modern.p12", "aes.der"} {
		der, err := os.ReadFile(filepath.Join(imported, name))
		if err != nil {
			t.Fatal(err)
		}
		got, err := distinguished(der)
		if err != nil || !bytes.Equal(got, der) {
			t.Errorf("%s: changed, %v", name, err)
		}
	}
}

// TestDamagedBER checks that damaged input returns an error, without a panic.
func TestDamagedBER(t *testing.T) {
	for _, damaged := range []string{
		"", "\x30", "\x30\x80", "\x30\x81", "\x30\x85\x01\x01\x01\x01\x01", "\x30\x84\xff\xff\xff\xff", "\x30\x84\x7f\xff\xff\xff", "\x04\x80", "\x1f", "\x1f\x80", "\x3f\x81",
		"\x30\x03\x02\x01", "\x30\x80\x02\x01", "\x30\x80\x00", "\x24\x80\x02\x01\x05\x00\x00", "\x24\x03\x02\x01\x05", "\x30\x02\x04\x80", strings.Repeat("\x30\x80", 40), strings.Repeat("\xff", 100),
	} {
		if der, err := distinguished([]byte(damaged)); err == nil {
			t.Errorf("%x: %x", damaged, der)
		}
	}
}

// TestNestedBER checks that depth costs nothing: a mebibyte of it is refused at the limit.
func TestNestedBER(t *testing.T) {
	for name, data := range map[string][]byte{
		"indefinite": bytes.Repeat([]byte{0x30, 0x80}, MaxFile/2),
		"in strings": bytes.Repeat([]byte{0x24, 0x80}, MaxFile/2),
	} {
		_, err := Read(append([]byte{0x30, 0x80}, data...), secret, new(Allowance))
		if err == nil || !strings.Contains(err.Error(), "the limit is 32 levels") {
			t.Errorf("%s: %v", name, err)
		}
	}
	// Many values with indefinite lengths, side by side.
	wide := append([]byte{0x30, 0x80}, bytes.Repeat([]byte{0x30, 0x80, 0, 0}, MaxFile/4)...)
	if _, err := Read(append(wide, 0, 0), secret, new(Allowance)); err == nil {
		t.Error("half a million empty sequences were read")
	}
	if _, err := pki.ParsePKCS8(wide); err == nil {
		t.Error("they are no key")
	}
}
