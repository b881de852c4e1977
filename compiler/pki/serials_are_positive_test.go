package pki

import "testing"

// TestSerialsAreLongAndPositive generates serial numbers. Verifiers refuse one that is negative, zero or too long; a predictable one helps
// to forge a certificate.
func TestSerialsAreLongAndPositive(t *testing.T) {
	seen := map[string]bool{}
	for range 200 {
		serial, err := newSerial()
		if err != nil {
			t.Fatal(err)
		}
		if serial.Sign() != 1 || serial.BitLen() != 127 || seen[serial.String()] {
			t.Fatalf("%x has %d bits, sign %d", serial, serial.BitLen(), serial.Sign())
		}
		seen[serial.String()] = true
	}
}
