package keystore_test

import (
	"os"
	"strings"
	"testing"
)

// TestStoreThatCannotBeListedIsToldFirst has a file where the store's folder of tokens belongs. Each operation that lists the store returns
// an error: treated as empty, the store would be half removed, encrypted or listed.
func TestStoreThatCannotBeListedIsToldFirst(t *testing.T) {
	for _, sealed := range []bool{false, true} {
		v := newTestStore(t, sealed)
		v.must(os.RemoveAll(v.at("remote")))
		v.put("remote", precious)
		steps := map[string]error{"settle": v.Settle()}
		if sealed {
			steps["claim"] = v.Claim()
		}
		for name, err := range steps {
			if err == nil || !strings.Contains(err.Error(), v.at("remote")) {
				t.Errorf("%s, sealed %t: %v", name, sealed, err)
			}
		}
		if v.text("remote") != precious {
			t.Error("a user's file is lost")
		}
	}
}
