package compiler

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestUnlockedKeysFitTheOverlays unlocks with a build/ left by an interrupted run: kubectl would combine the lockfile's keys with other
// certificates. It unlocks if nothing is built yet.
func TestUnlockedKeysFitTheOverlays(t *testing.T) {
	s := sealedProject(t)
	good := s.all()
	changed := 0
	for name, text := range good {
		if !strings.HasPrefix(name, "build/") || !strings.HasSuffix(name, ".crt") {
			continue
		}
		s.write(name, []byte(text+"\n"))
		before := s.all()
		_, err := Unlock(s.project, s.env(), false)
		if ours := strings.HasPrefix(name, "build/mgmt-cluster/"); ours {
			changed++
			if err == nil || !strings.Contains(err.Error(), filepath.Base(name)+": not the certificate that the lockfile has") {
				t.Errorf("%s is another: %v", name, err)
			}
			s.sameFiles(name, before)
		} else if err != nil {
			t.Errorf("%s needs none of these keys: %v", name, err)
		}
		s.write(name, []byte(text))
		if _, err := Unlock(s.project, s.env(), true); err != nil {
			t.Fatal(err)
		}
	}
	if changed == 0 {
		t.Error("no certificate is in the management cluster's overlay")
	}
	s.write("build/.relayform", []byte("name: another\n"))
	if _, err := Unlock(s.project, s.env(), false); err == nil {
		t.Error("unlocked beside somebody else's build/")
	}
	if err := os.RemoveAll(s.project.Build); err != nil {
		t.Fatal(err)
	}
	if _, err := Unlock(s.project, s.env(), false); err != nil {
		t.Errorf("nothing is built yet: %v", err)
	}
}
