package pki

import "testing"

// TestSerialsAreLongAndPositive makes serial numbers: one that is negative, zero, too long or short enough to guess
// is refused by those who check certificates, or lets another be made that looks alike.
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
