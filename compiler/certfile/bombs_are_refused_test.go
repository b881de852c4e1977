package certfile

import (
	"bytes"
	"crypto/aes"
	"crypto/cipher"
	"crypto/pbkdf2"
	"crypto/sha256"
	"crypto/x509/pkix"
	"encoding/asn1"
	"encoding/pem"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/compiler/pki"
)

var (
	oidPBES2      = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 13}
	oidPBKDF2     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidScrypt     = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
	oidHMACSHA256 = asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}
	oidSHA1       = asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}
	oidPBMAC1     = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 14}
	oidTripleDES  = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 1, 3}
	oidAES256     = asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 1, 42}
)

// der marshals for a test.
func der(t *testing.T, v any) []byte {
	t.Helper()
	out, err := asn1.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func explicit(content []byte) asn1.RawValue {
	return asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, IsCompound: true, Bytes: content}
}

type any2 struct {
	Type  asn1.ObjectIdentifier
	Value asn1.RawValue
}

func pbkdf2Of(t *testing.T, rounds, keyLength int) []byte {
	type params struct {
		Salt      []byte
		Rounds    int
		KeyLength int `asn1:"optional"`
		PRF       pkix.AlgorithmIdentifier
	}
	return der(t, any2{oidPBKDF2, asn1.RawValue{FullBytes: der(t, params{[]byte("saltsalt"), rounds, keyLength, pkix.AlgorithmIdentifier{Algorithm: oidHMACSHA256}})}})
}

func pbes2(t *testing.T, derivation []byte, iv []byte) pkix.AlgorithmIdentifier {
	params := der(t, []asn1.RawValue{{FullBytes: derivation}, {FullBytes: der(t, any2{oidAES256, asn1.RawValue{FullBytes: der(t, iv)}})}})
	return pkix.AlgorithmIdentifier{Algorithm: oidPBES2, Parameters: asn1.RawValue{FullBytes: params}}
}

func scryptOf(t *testing.T, n, r, p int) []byte {
	return der(t, any2{oidScrypt, asn1.RawValue{FullBytes: der(t, struct {
		Salt    []byte
		N, R, P int
	}{[]byte("saltsalt"), n, r, p})}})
}

// shrouded returns a bag with a key encrypted with the algorithm.
func shrouded(t *testing.T, algorithm pkix.AlgorithmIdentifier) safeBag {
	return safeBag{Type: oidShroudedBag, Value: explicit(der(t, encryptedKey{algorithm, make([]byte, 64)}))}
}

func plainPart(t *testing.T, bags ...safeBag) contentInfo {
	return contentInfo{oidData, explicit(der(t, der(t, bags)))}
}

// sealedPart returns bags encrypted with the empty password, in one round.
func sealedPart(t *testing.T, bags ...safeBag) contentInfo {
	plain := der(t, bags)
	key, err := pbkdf2.Key(sha256.New, "", []byte("saltsalt"), 1, 32)
	if err != nil {
		t.Fatal(err)
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		t.Fatal(err)
	}
	n := 16 - len(plain)%16
	plain = append(plain, bytes.Repeat([]byte{byte(n)}, n)...)
	iv := make([]byte, 16)
	cipher.NewCBCEncrypter(block, iv).CryptBlocks(plain, plain)
	return encryptedPart(t, pbes2(t, pbkdf2Of(t, 1, 0), iv), plain)
}

func encryptedPart(t *testing.T, algorithm pkix.AlgorithmIdentifier, text []byte) contentInfo {
	var data encryptedData
	data.Content.Type, data.Content.Algorithm = oidData, algorithm
	data.Content.Text = asn1.RawValue{Class: asn1.ClassContextSpecific, Tag: 0, Bytes: text}
	return contentInfo{oidEncryptedData, explicit(der(t, data))}
}

func pfxOf(t *testing.T, parts ...contentInfo) pfx {
	return pfx{Version: 3, Content: contentInfo{oidData, explicit(der(t, der(t, parts)))}}
}

// plain returns a container without encryption or MAC.
func plain(t *testing.T, parts ...contentInfo) []byte {
	type withoutMAC struct {
		Version int
		Content contentInfo
	}
	p := pfxOf(t, parts...)
	return der(t, withoutMAC{p.Version, p.Content})
}

// TestBombs checks that no file causes more work than the limits allow, wherever in it the work is requested.
func TestBombs(t *testing.T) {
	const many = 20_000_000
	bomb := pbes2(t, pbkdf2Of(t, many, 0), make([]byte, 16))
	legacyParams := der(t, struct {
		Salt   []byte
		Rounds int
	}{[]byte("saltsalt"), many})
	withMAC := pfxOf(t)
	withMAC.MAC.Digest.Algorithm.Algorithm, withMAC.MAC.Salt, withMAC.MAC.Iterations = oidSHA1, []byte("saltsalt"), many
	pbmac := pfxOf(t)
	pbmac.MAC.Digest.Algorithm = pkix.AlgorithmIdentifier{Algorithm: oidPBMAC1, Parameters: asn1.RawValue{FullBytes: der(t, []asn1.RawValue{{FullBytes: pbkdf2Of(t, many, 32)}, {FullBytes: der(t, pkix.AlgorithmIdentifier{Algorithm: oidHMACSHA256})}})}}
	pbmac.MAC.Digest.Value, pbmac.MAC.Salt = []byte("x"), []byte("x")
	inside := shrouded(t, bomb)
	for range 3 {
		inside = safeBag{Type: oidSafeBag, Value: explicit(der(t, []safeBag{inside}))}
	}
	deep := shrouded(t, bomb)
	for range 100 {
		deep = safeBag{Type: oidSafeBag, Value: explicit(der(t, []safeBag{deep}))}
	}
	key := func(derivation []byte) []byte {
		return der(t, encryptedKey{pbes2(t, derivation, make([]byte, 16)), make([]byte, 64)})
	}
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"MAC", der(t, withMAC), "opening it would take 20000000 rounds; the limit is 10000000"},
		{"PBMAC1", der(t, pbmac), "opening it would take 20000000 rounds; the limit is 10000000"},
		{"certificates", plain(t, encryptedPart(t, bomb, make([]byte, 64))), "opening it would take 20000000 rounds"},
		{"certificates, old cipher", plain(t, encryptedPart(t, pkix.AlgorithmIdentifier{Algorithm: oidTripleDES, Parameters: asn1.RawValue{FullBytes: legacyParams}}, make([]byte, 64))), "opening it would take 20000000 rounds"},
		{"key", plain(t, plainPart(t, shrouded(t, bomb))), "opening it would take 20000000 rounds"},
		{"key among what is encrypted", plain(t, sealedPart(t, shrouded(t, bomb))), "opening it would take 20000000 rounds after 1 already; the limit is 10000000 in all"},
		{"key in bags in bags", plain(t, sealedPart(t, inside)), "opening it would take 20000000 rounds after 1 already"},
		{"bags in bags in bags", plain(t, plainPart(t, deep)), "the limit is 32 levels"},
		{"PKCS #8", key(pbkdf2Of(t, many, 0)), "opening it would take 20000000 rounds; the limit is 10000000"},
		{"PKCS #8, no rounds", key(pbkdf2Of(t, 0, 0)), "opening it would take 0 rounds; want one at least"},
		{"PKCS #8, negative rounds", key(pbkdf2Of(t, -5, 0)), "opening it would take -5 rounds"},
		{"PKCS #8, a long key", key(pbkdf2Of(t, 1, 1<<30)), "it asks for a key of 1073741824 bytes"},
		{"scrypt, memory", key(scryptOf(t, 1<<20, 8, 1)), "opening it with scrypt would take more than 256 MiB"},
		{"scrypt, block", key(scryptOf(t, 2, 1<<30, 1)), "opening it with scrypt would take more than 256 MiB"},
		{"scrypt, overflow", key(scryptOf(t, 1<<62, 1<<62, 1<<62)), "opening it with scrypt would take more than 256 MiB"},
		{"scrypt, times", key(scryptOf(t, 1<<17, 8, 16)), "opening it would take 1048576 rounds; the limit is 10000000"},
		{"scrypt, nothing", key(scryptOf(t, 0, 0, 0)), "want positive ones"},
		{"scrypt, no power of two", key(scryptOf(t, 3, 1, 1)), "which cannot be"},
		{"no whole blocks", der(t, encryptedKey{pbes2(t, pbkdf2Of(t, 1, 0), make([]byte, 16)), make([]byte, 63)}), "want a multiple of 16"},
		{"nothing encrypted", der(t, encryptedKey{pbes2(t, pbkdf2Of(t, 1, 0), make([]byte, 16)), nil}), "want a multiple of 16"},
		{"a short initial vector", der(t, encryptedKey{pbes2(t, pbkdf2Of(t, 1, 0), make([]byte, 8)), make([]byte, 64)}), "its initial vector has 8 bytes; want 16"},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, err := Read(c.data, secret, new(Allowance))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %q", err, c.want)
			}
			if len(got.Certificates)+len(got.Keys) > 0 {
				t.Error("something was taken")
			}
		})
	}
}

// TestWorkIsCountedOverFiles checks that many files, each within the limits, cannot exceed them together.
func TestWorkIsCountedOverFiles(t *testing.T) {
	data := der(t, encryptedKey{pbes2(t, pbkdf2Of(t, 4_000_000, 0), make([]byte, 16)), make([]byte, 64)})
	allowance := new(Allowance)
	for i, want := range []string{"the password does not open it", "the password does not open it", "opening it would take 4000000 rounds after 8000000 already; the limit is 10000000 in all"} {
		if _, err := Read(data, secret, allowance); err == nil || err.Error() != want {
			t.Errorf("file %d: %v; want %s", i, err, want)
		}
	}
}

// TestManyOfAKind checks the limits on the number and size of certificates and keys.
func TestManyOfAKind(t *testing.T) {
	read := func(name string) []byte {
		text, err := os.ReadFile(filepath.Join(imported, name))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	certificate := read("server.der")
	large, err := pki.ParseCertificate(certificate)
	if err != nil {
		t.Fatal(err)
	}
	set := explicit(bytes.Repeat(certificate, pki.MaxCertificates+1))
	signed := der(t, contentInfo{oidSignedData, explicit(der(t, struct {
		Version      int
		Digests      []asn1.RawValue `asn1:"set"`
		Content      contentInfo
		Certificates asn1.RawValue
		Signers      []asn1.RawValue `asn1:"set"`
	}{1, nil, contentInfo{Type: oidData}, set, nil}))})
	for _, c := range []struct {
		name string
		data []byte
		want string
	}{
		{"PEM", bytes.Repeat(read("issuing.pem"), pki.MaxCertificates+1), "more than 1000 certificates in all, which is the limit"},
		{"DER", bytes.Repeat(certificate, pki.MaxCertificates+1), "more than 1000 certificates in all, which is the limit"},
		{"PKCS #7", signed, "more than 1000 certificates in all, which is the limit"},
		{"keys", bytes.Repeat(read("sec1.key"), MaxKeys+1), "more than 16 private keys in a file, which is the limit"},
		{"a large certificate", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der(t, []asn1.RawValue{{FullBytes: large.RawTBSCertificate}, {FullBytes: der(t, make([]byte, pki.MaxCertificate))}})}), "bytes; the limit is 65536"},
		{"a key of an odd type", []byte("-----BEGIN \x1b]0;\x07PRIVATE KEY-----\nAAAA\n-----END \x1b]0;\x07PRIVATE KEY-----\n"), "PEM block 1, an odd type: private key: no reader for an odd type"},
		{"a large key", pem.EncodeToMemory(&pem.Block{Type: "RSA PRIVATE KEY", Bytes: make([]byte, pki.MaxKey+1)}), "private key: 16385 bytes; the limit is 16384"},
	} {
		if _, err := Read(c.data, secret, new(Allowance)); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %q", c.name, err, c.want)
		}
	}
}
