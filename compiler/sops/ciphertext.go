package sops

import (
	"crypto/aes"
	"crypto/cipher"
	"encoding/base64"
	"errors"
	"fmt"
	"io"

	"relayform/schema/pattern"
)

// Sizes in bytes. The nonce has more than GCM's usual twelve (aes/cipher.go in getsops/sops).
const (
	nonceSize = 32
	tagSize   = 16
)

const wantedForm = "want ENC[AES256_GCM,data:…,iv:…,tag:…,type:str]"

var form = pattern.Late(`^ENC\[AES256_GCM,data:([A-Za-z0-9+/=]+),iv:([A-Za-z0-9+/=]+),tag:([A-Za-z0-9+/=]+),type:str\]$`)

// Encrypted reports whether SOPS encrypted a text.
func Encrypted(text string) bool { return form().MatchString(text) }

// ciphertext is an encrypted text.
type ciphertext struct{ data, nonce, tag []byte }

// parse parses a ciphertext in SOPS's format.
func parse(text string) (ciphertext, error) {
	m := form().FindStringSubmatch(text)
	if m == nil {
		return ciphertext{}, errors.New("not encrypted by SOPS, cut or edited; " + wantedForm)
	}
	var parts [3][]byte
	for i, name := range []string{"data", "iv", "tag"} {
		var err error
		if parts[i], err = base64.StdEncoding.Strict().DecodeString(m[i+1]); err != nil {
			return ciphertext{}, fmt.Errorf("%s is not base64; %s", name, wantedForm)
		}
	}
	c := ciphertext{data: parts[0], nonce: parts[1], tag: parts[2]}
	if len(c.nonce) != nonceSize {
		return ciphertext{}, fmt.Errorf("iv has %d bytes; want %d", len(c.nonce), nonceSize)
	}
	if len(c.tag) != tagSize {
		return ciphertext{}, fmt.Errorf("tag has %d bytes; want %d", len(c.tag), tagSize)
	}
	return c, nil
}

func (c ciphertext) String() string {
	b64 := base64.StdEncoding.EncodeToString
	return "ENC[AES256_GCM,data:" + b64(c.data) + ",iv:" + b64(c.nonce) + ",tag:" + b64(c.tag) + ",type:str]"
}

func encrypt(text string, dataKey []byte, additional string, random io.Reader) (string, error) {
	nonce := make([]byte, nonceSize)
	if _, err := io.ReadFull(random, nonce); err != nil {
		return "", err
	}
	gcm, err := aead(dataKey)
	if err != nil {
		return "", err
	}
	out := gcm.Seal(nil, nonce, []byte(text), []byte(additional))
	end := len(out) - tagSize
	return ciphertext{data: out[:end], nonce: nonce, tag: out[end:]}.String(), nil
}

func decrypt(text string, dataKey []byte, additional string) (string, error) {
	c, err := parse(text)
	if err != nil {
		return "", err
	}
	gcm, err := aead(dataKey)
	if err != nil {
		return "", err
	}
	out, err := gcm.Open(nil, c.nonce, append(c.data, c.tag...), []byte(additional))
	if err != nil {
		return "", errors.New("edited or swapped since it was encrypted")
	}
	return string(out), nil
}

func aead(dataKey []byte) (cipher.AEAD, error) {
	block, err := aes.NewCipher(dataKey)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCMWithNonceSize(block, nonceSize)
}
