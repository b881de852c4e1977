package pbe

import (
	"bytes"
	"crypto/hmac"
	"crypto/x509/pkix"
	"encoding/asn1"
	"hash"
)

// Purposes of derived keys (RFC 7292 B.3).
const (
	forKey byte = 1
	forIV  byte = 2
	forMAC byte = 3
)

// pkcs12 is the key derivation of RFC 7292 B.2, and uses its names.
func (w *Work) pkcs12(h func() hash.Hash, id byte, password Password, salt []byte, iterations int64, size int) ([]byte, error) {
	u, v := h().Size(), h().BlockSize()
	count := blocks(size, u)
	if err := w.spend(iterations, int64(count)); err != nil {
		return nil, err
	}
	d := bytes.Repeat([]byte{id}, v)
	i := append(stretch(salt, v), stretch(password.bmp, v)...)
	var out []byte
	f := h()
	for range count {
		a := sum(f, nil, d, i)
		for range iterations - 1 {
			a = sum(f, a[:0], a)
		}
		out = append(out, a...)
		b := stretch(a, v)[:v]
		for at := 0; at < len(i); at += v {
			increase(i[at:at+v], b)
		}
	}
	return out[:size], nil
}

// sum hashes concatenated parts into to, which may be one of them.
func sum(f hash.Hash, to []byte, parts ...[]byte) []byte {
	f.Reset()
	for _, p := range parts {
		f.Write(p)
	}
	return f.Sum(to)
}

// stretch repeats a text up to the next multiple of v.
func stretch(text []byte, v int) []byte {
	if len(text) == 0 {
		return nil
	}
	size := v * blocks(len(text), v)
	return bytes.Repeat(text, blocks(size, len(text)))[:size]
}

// increase adds b and one to a number of the same size, and drops the carry.
func increase(a, b []byte) {
	carry := 1
	for i := len(a) - 1; i >= 0; i-- {
		carry += int(a[i]) + int(b[i])
		a[i] = byte(carry)
		carry >>= 8
	}
}

// MAC protects the integrity of a PKCS #12 file (RFC 7292 4).
type MAC struct {
	Digest struct {
		Algorithm pkix.AlgorithmIdentifier
		Value     []byte
	}
	Salt       []byte
	Iterations int64 `asn1:"optional,default:1"`
}

var oidPBMAC1 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 14}

// Check checks the code of a text with a password. The error is ErrWrong if it does not match.
func (m *MAC) Check(text []byte, password Password, work *Work) error {
	key, h, err := m.key(password, work)
	if err != nil {
		return err
	}
	code := hmac.New(h, key)
	code.Write(text)
	if !hmac.Equal(code.Sum(nil), m.Digest.Value) {
		return ErrWrong
	}
	return nil
}

func (m *MAC) key(password Password, work *Work) ([]byte, func() hash.Hash, error) {
	oid := m.Digest.Algorithm.Algorithm
	if oid.Equal(oidPBMAC1) {
		return pbmac1Key(m.Digest.Algorithm.Parameters, password, work)
	}
	for _, d := range digests {
		if d.oid.Equal(oid) {
			key, err := work.pkcs12(d.new, forMAC, password, m.Salt, m.Iterations, d.new().Size())
			return key, d.new, err
		}
	}
	return nil, nil, unknown("hash function", oid)
}

// pbmac1Key implements RFC 9579, with a key as long as the code. Shorter ones make forgery easy.
func pbmac1Key(parameters asn1.RawValue, password Password, work *Work) ([]byte, func() hash.Hash, error) {
	var params struct{ Derivation, Code pkix.AlgorithmIdentifier }
	if err := unmarshal(parameters.FullBytes, &params); err != nil {
		return nil, nil, err
	}
	h, err := hmacOf(params.Code.Algorithm)
	if err != nil {
		return nil, nil, err
	}
	key, err := work.derive(params.Derivation, password.utf8, h().Size())
	return key, h, err
}
