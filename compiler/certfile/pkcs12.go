package certfile

import (
	"crypto/x509/pkix"
	"encoding/asn1"
	"errors"
	"fmt"

	"relayform/compiler/pbe"
	"relayform/compiler/pki"
)

// Object identifiers of RFC 7292 4.1 and 4.2, and of RFC 2985.
var (
	oidData          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 1}
	oidEncryptedData = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 7, 6}
	oidKeyBag        = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 1}
	oidShroudedBag   = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 2}
	oidCertBag       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 3}
	oidSafeBag       = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 12, 10, 1, 6}
	oidX509          = asn1.ObjectIdentifier{1, 2, 840, 113549, 1, 9, 22, 1}
)

// pfx is a PKCS #12 file (RFC 7292 4).
type pfx struct {
	Version int
	Content contentInfo
	MAC     pbe.MAC `asn1:"optional"`
}

// encryptedData is EncryptedData (RFC 5652 8).
type encryptedData struct {
	Version int
	Content struct {
		Type      asn1.ObjectIdentifier
		Algorithm pkix.AlgorithmIdentifier
		Text      asn1.RawValue `asn1:"optional,tag:0"`
	}
}

// encryptedKey is EncryptedPrivateKeyInfo (RFC 5958 3).
type encryptedKey struct {
	Algorithm pkix.AlgorithmIdentifier
	Text      []byte
}

type safeBag struct {
	Type       asn1.ObjectIdentifier
	Value      asn1.RawValue   `asn1:"explicit,tag:0"`
	Attributes []asn1.RawValue `asn1:"optional,set"`
}

type certBag struct {
	Type  asn1.ObjectIdentifier
	Value []byte `asn1:"explicit,tag:0"`
}

var errNotPKCS12 = errors.New("not a readable PKCS #12; convert it with: openssl pkcs12 -in FILE -nodes -out FILE.pem (-legacy for old ciphers)")

// pkcs12 opens a container, first without a password, since many have an empty one.
func (r *reader) pkcs12(data []byte) error {
	var file pfx
	if err := parse(data, &file); err != nil {
		return err
	}
	var content []byte
	if err := parse(file.Content.Content.Bytes, &content); err != nil || !file.Content.Type.Equal(oidData) {
		return errNotPKCS12
	}
	for _, empty := range pbe.Empty() {
		if err := r.open(&file, content, empty); !errors.Is(err, pbe.ErrWrong) {
			return err
		}
	}
	text, err := r.password()
	if err != nil {
		return err
	}
	return r.open(&file, content, pbe.NewPassword(text))
}

// open reads a container's contents. With the wrong password, it reads nothing.
func (r *reader) open(file *pfx, content []byte, password pbe.Password) error {
	if file.MAC.Digest.Algorithm.Algorithm != nil {
		if err := file.MAC.Check(content, password, r.work()); err != nil {
			return err
		}
	}
	var parts []contentInfo
	if err := parse(content, &parts); err != nil {
		return err
	}
	before := r.Contents
	for _, part := range parts {
		bags, err := r.decrypted(part, password)
		if err == nil {
			err = r.bags(bags, password, 0)
		}
		if err != nil {
			r.Contents = before
			return err
		}
	}
	return nil
}

// decrypted returns the bags of one part of a container.
func (r *reader) decrypted(part contentInfo, password pbe.Password) ([]byte, error) {
	switch {
	case part.Type.Equal(oidData):
		var bags []byte
		err := parse(part.Content.Bytes, &bags)
		return bags, err
	case part.Type.Equal(oidEncryptedData):
		var data encryptedData
		if err := parse(part.Content.Bytes, &data); err != nil {
			return nil, err
		}
		text, err := together(data.Content.Text)
		if err != nil {
			return nil, err
		}
		return pbe.Open(data.Content.Algorithm, text, password, r.work())
	}
	return nil, fmt.Errorf("it is encrypted with a key rather than a password (%s)", part.Type)
}

// together returns an octet string with an implicit tag, which may be constructed in BER.
func together(v asn1.RawValue) ([]byte, error) {
	if !v.IsCompound {
		return v.Bytes, nil
	}
	var all []byte
	for rest := v.Bytes; len(rest) > 0; {
		var piece []byte
		var err error
		if rest, err = asn1.Unmarshal(rest, &piece); err != nil {
			return nil, errNotPKCS12
		}
		all = append(all, piece...)
	}
	return all, nil
}

func (r *reader) bags(der []byte, password pbe.Password, depth int) error {
	var bags []safeBag
	if err := parse(der, &bags); err != nil {
		return err
	}
	for _, bag := range bags {
		if err := r.bag(bag, password, depth); err != nil {
			return err
		}
	}
	return nil
}

func (r *reader) bag(bag safeBag, password pbe.Password, depth int) error {
	switch content := bag.Value.Bytes; {
	case bag.Type.Equal(oidCertBag):
		var c certBag
		if err := parse(content, &c); err != nil {
			return err
		}
		if !c.Type.Equal(oidX509) {
			return nil
		}
		return r.certificates(c.Value)
	case bag.Type.Equal(oidKeyBag):
		return r.pkcs8(content)
	case bag.Type.Equal(oidShroudedBag):
		return r.shrouded(content, password)
	case bag.Type.Equal(oidSafeBag) && depth < MaxNesting:
		return r.bags(content, password, depth+1)
	case bag.Type.Equal(oidSafeBag):
		return limited("its bags are nested too deeply; the limit is %d levels", MaxNesting)
	}
	return nil // revocation lists and secrets
}

// shrouded decrypts a key.
func (r *reader) shrouded(der []byte, password pbe.Password) error {
	var sealed encryptedKey
	if err := parse(der, &sealed); err != nil {
		return err
	}
	plain, err := pbe.Open(sealed.Algorithm, sealed.Text, password, r.work())
	if err != nil {
		return err
	}
	return r.pkcs8(plain)
}

func (r *reader) pkcs8(der []byte) error {
	key, err := pki.ParsePKCS8(der)
	if err != nil {
		return err
	}
	return r.key(key)
}

// parse parses one BER value with nothing after it.
func parse(ber []byte, into any) error {
	der, err := distinguished(ber)
	if err != nil {
		return fmt.Errorf("PKCS #12: %w", err)
	}
	if rest, err := asn1.Unmarshal(der, into); err != nil || len(rest) > 0 {
		return errNotPKCS12
	}
	return nil
}
