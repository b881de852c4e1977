package verify_test

import (
	"testing"

	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// TestHintsSayWhatToDo seeds each fault: everything above a note has a hint.
func TestHintsSayWhatToDo(t *testing.T) {
	without := map[diag.Code]string{}
	for _, f := range allFaults {
		m := goodMesh(t)
		f.change(t, m)
		for _, x := range judged(t, m).Findings {
			if x.Severity != verify.Note && x.Hint == "" {
				without[x.Code] = f.name
			}
		}
	}
	for code, fault := range without {
		t.Errorf("%s, %s: no hint", fault, code)
	}
}
