package schema

import (
	"encoding/json"
	"testing"
)

// TestJSONIsTheLibrarys holds the short way of writing a string against the library's.
func TestJSONIsTheLibrarys(t *testing.T) {
	for c := rune(0); c < 0x180; c++ {
		s := "a" + string(c) + "b"
		want, err := json.Marshal(s)
		if err != nil {
			t.Fatal(err)
		}
		if got := string(appendJSON(nil, s)); got != string(want) {
			t.Errorf("U+%04X: got %s, want %s", c, got, want)
		}
	}
}
