package main

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
)

// TestFilesLeftAloneAreNamed lists users' files in a relayform folder: all if few, otherwise the first and how many more there are.
func TestFilesLeftAloneAreNamed(t *testing.T) {
	var names []string
	for i := range leftNamed + 5 {
		names = append(names, fmt.Sprintf("file-%02d\x1b", i))
	}
	for n, want := range map[int]string{0: "", 1: "file-00", leftNamed: "file-19", leftNamed + 1: " and 1 more", leftNamed + 5: " and 5 more"} {
		var b bytes.Buffer
		leftAlone(&b, "keys", names[:n])
		got := b.String()
		if n == 0 {
			if got != "" {
				t.Errorf("no file: %q", got)
			}
			continue
		}
		if !strings.HasPrefix(got, `warning: keys: not written by relayform, and left alone: file-00\x1b`) || !strings.Contains(got, want) ||
			strings.Contains(got, "more") != (n > leftNamed) || strings.Count(got, "file-") != min(n, leftNamed) || strings.Count(got, "\n") != 1 {
			t.Errorf("%d files: %q", n, got)
		}
	}
}
