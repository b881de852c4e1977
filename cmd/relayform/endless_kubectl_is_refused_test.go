package main

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestEndlessKubectlIsRefused runs a kubectl that never stops printing, to stdout or stderr: it is stopped, and its output does not exhaust
// memory or flood the screen.
func TestEndlessKubectlIsRefused(t *testing.T) {
	if _, err := os.Stat("/bin/sh"); err != nil {
		t.Skip("no /bin/sh for the script that stands in kubectl's place")
	}
	for _, output := range []string{"1", "2"} {
		k := program{path: filepath.Join(t.TempDir(), "kubectl")}
		if err := os.WriteFile(k.path, []byte("#!/bin/sh\nexec cat /dev/zero >&"+output+"\n"), 0o755); err != nil {
			t.Fatal(err)
		}
		out, err := k.run(context.Background())
		if err == nil || len(out) > 0 || !strings.Contains(err.Error(), "it printed more than") || len(err.Error()) > 200 {
			t.Errorf("output %s: %d bytes, %.200v", output, len(out), err)
		}
	}
}
