package pbe

import (
	"crypto/pbkdf2"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"crypto/x509/pkix"
	"encoding/asn1"
	"fmt"
	"hash"

	"golang.org/x/crypto/scrypt"
)

// MaxRounds is the maximum number of key derivation rounds for all files that are read together, for any purpose and including retries.
// OpenSSL's default is 2048 for each.
const MaxRounds = 10_000_000

// MaxScrypt is the maximum memory for scrypt, in blocks of 128 bytes: 256 MiB. OpenSSL's default is 16 MiB.
const MaxScrypt = 1 << 21

// LimitError says that deriving a key would exceed a limit.
type LimitError string

// Error returns the message.
func (e LimitError) Error() string { return string(e) }

func limited(format string, args ...any) LimitError { return LimitError(fmt.Sprintf(format, args...)) }

// Work is the cost of key derivation so far.
type Work struct{ Rounds int64 }

// spend takes rounds, count times, from the remaining budget.
func (w *Work) spend(rounds, count int64) error {
	left := MaxRounds - w.Rounds
	switch {
	case rounds < 1:
		return fmt.Errorf("opening it would take %d rounds; want one at least", rounds)
	case rounds > left/count && w.Rounds > 0:
		return limited("opening it would take %d rounds after %d already; the limit is %d in all", rounds, w.Rounds, MaxRounds)
	case rounds > left/count:
		return limited("opening it would take %d rounds; the limit is %d", rounds, MaxRounds)
	}
	w.Rounds += rounds * count
	return nil
}

var (
	oidPBKDF2 = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 5, 12}
	oidScrypt = asn1.ObjectIdentifier{1, 3, 6, 1, 4, 1, 11591, 4, 11}
)

// digest is a hash function with the object identifiers of itself and of its HMAC.
type digest struct {
	oid, hmac asn1.ObjectIdentifier
	new       func() hash.Hash
}

// digests are those of RFC 8018 B.1.
var digests = []digest{
	{asn1.ObjectIdentifier{1, 3, 14, 3, 2, 26}, asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 7}, sha1.New},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 4}, asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 8}, sha256.New224},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 1}, asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 9}, sha256.New},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 2}, asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 10}, sha512.New384},
	{asn1.ObjectIdentifier{2, 16, 840, 1, 101, 3, 4, 2, 3}, asn1.ObjectIdentifier{1, 2, 840, 113549, 2, 11}, sha512.New},
}

func hmacOf(oid asn1.ObjectIdentifier) (func() hash.Hash, error) {
	for _, d := range digests {
		if d.hmac.Equal(oid) {
			return d.new, nil
		}
	}
	return nil, unknown("hash function", oid)
}

// derive derives a key of size bytes from the password.
func (w *Work) derive(algorithm pkix.AlgorithmIdentifier, password []byte, size int) ([]byte, error) {
	switch oid := algorithm.Algorithm; {
	case oid.Equal(oidPBKDF2):
		return w.pbkdf2(algorithm.Parameters, password, size)
	case oid.Equal(oidScrypt):
		return w.scrypt(algorithm.Parameters, password, size)
	default:
		return nil, unknown("key derivation", oid)
	}
}

// pbkdf2Params is PBKDF2-params of RFC 8018 A.2.
type pbkdf2Params struct {
	Salt       []byte
	Iterations int64
	KeyLength  int                      `asn1:"optional"`
	PRF        pkix.AlgorithmIdentifier `asn1:"optional"`
}

func (w *Work) pbkdf2(parameters asn1.RawValue, password []byte, size int) ([]byte, error) {
	var params pbkdf2Params
	if err := unmarshal(parameters.FullBytes, &params); err != nil {
		return nil, err
	}
	if params.KeyLength != 0 && params.KeyLength != size {
		return nil, fmt.Errorf("it asks for a key of %d bytes; its cipher takes %d", params.KeyLength, size)
	}
	h := sha1.New
	if params.PRF.Algorithm != nil {
		var err error
		if h, err = hmacOf(params.PRF.Algorithm); err != nil {
			return nil, err
		}
	}
	if err := w.spend(params.Iterations, int64(blocks(size, h().Size()))); err != nil {
		return nil, err
	}
	return pbkdf2.Key(h, string(password), params.Salt, int(params.Iterations), size)
}

func blocks(size, of int) int { return (size + of - 1) / of }

// scrypt implements RFC 7914. A round is one of its blocks, which takes about as long as one of PBKDF2.
func (w *Work) scrypt(parameters asn1.RawValue, password []byte, size int) ([]byte, error) {
	var params struct { // RFC 7914 7
		Salt      []byte
		N, R, P   int64
		KeyLength int `asn1:"optional"`
	}
	if err := unmarshal(parameters.FullBytes, &params); err != nil {
		return nil, err
	}
	switch {
	case params.N < 2 || params.R < 1 || params.P < 1:
		return nil, fmt.Errorf("scrypt's parameters are %d, %d and %d; want positive ones", params.N, params.R, params.P)
	case params.N > MaxScrypt/params.R:
		return nil, limited("opening it with scrypt would take more than %d MiB, which is the limit", MaxScrypt*128>>20)
	case params.KeyLength != 0 && params.KeyLength != size:
		return nil, fmt.Errorf("it asks for a key of %d bytes; its cipher takes %d", params.KeyLength, size)
	}
	if err := w.spend(params.N*params.R, params.P); err != nil {
		return nil, err
	}
	key, err := scrypt.Key(password, params.Salt, int(params.N), int(params.R), int(params.P), size)
	if err != nil {
		return nil, fmt.Errorf("scrypt's parameters are %d, %d and %d, which cannot be", params.N, params.R, params.P)
	}
	return key, nil
}
