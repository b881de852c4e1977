package pbe

import (
	"encoding/binary"
	"encoding/hex"
	"math/bits"
)

// pi is PITABLE of RFC 2268 2: 256 bytes of digits of pi.
const pi = "d978f9c419ddb5ed28e9fd794aa0d89dc67e37832b76538e624c6488448bfba2" +
	"179a59f587b34f1361456d8d09817d32bd8f40eb86b77b0bf09521225c6b4e82" +
	"54d66593ce60b21c7356c014a78cf1dc1275ca1f3bbee4d1423dd430a33cb626" +
	"6fbf0eda4669075727f21d9bbc944303f811c7f690ef3ee706c3d52fc8661ed7" +
	"08e8eade8052eef784aa72ac354d6a2a961ad2715a1549744b9fd05e0418a4ec" +
	"c2e0416e0f51cbcc2491af50a1f47039997c3a8523b8b47afc02365b25559731" +
	"2d5dfa98e38a92ae05df2910676cbac9d300e6cfe19ea82c6316013f58e289a9" +
	"0d38341bab33ffb0bb480c5fb9b1cd2ec5f3db47e5a59c770aa62068fe7fc1ad"

// rc2 is the cipher of RFC 2268, with the full effective key length. It is obsolete; Windows and OpenSSL up to 1.1 encrypted certificates
// with it.
type rc2 [64]uint16

func newRC2(key []byte) (decrypter, error) {
	table, err := hex.DecodeString(pi)
	if err != nil {
		return nil, err
	}
	var l [128]byte
	n := copy(l[:], key)
	for i := n; i < 128; i++ {
		l[i] = table[l[i-1]+l[i-n]]
	}
	l[128-n] = table[l[128-n]]
	for i := 127 - n; i >= 0; i-- {
		l[i] = table[l[i+1]^l[i+n]]
	}
	k := new(rc2)
	for i := range k {
		k[i] = binary.LittleEndian.Uint16(l[2*i:])
	}
	return k, nil
}

func (k *rc2) BlockSize() int { return 8 }

// Decrypt implements RFC 2268 4: five rounds of mixing backwards, a mashing one, six, one, five.
func (k *rc2) Decrypt(dst, src []byte) {
	var r [4]uint16
	for i := range r {
		r[i] = binary.LittleEndian.Uint16(src[2*i:])
	}
	for round := 15; round >= 0; round-- {
		k.mix(&r, round)
		if round == 11 || round == 5 {
			k.mash(&r)
		}
	}
	for i := range r {
		binary.LittleEndian.PutUint16(dst[2*i:], r[i])
	}
}

func (k *rc2) mix(r *[4]uint16, round int) {
	for i := 3; i >= 0; i-- {
		r[i] = bits.RotateLeft16(r[i], -[4]int{1, 2, 3, 5}[i])
		a, b, c := r[(i+1)%4], r[(i+2)%4], r[(i+3)%4]
		r[i] -= k[4*round+i] + (c & b) + (^c & a)
	}
}

func (k *rc2) mash(r *[4]uint16) {
	for i := 3; i >= 0; i-- {
		r[i] -= k[r[(i+3)%4]&63]
	}
}
