package main

import (
	"io/fs"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"relayform/schema"
	"relayform/schema/diag"
)

// TestEveryTopicHasItsPage reads each page, and checks that each file of help/ is a page.
func TestEveryTopicHasItsPage(t *testing.T) {
	for _, topic := range topics {
		text, err := pageOf(topic.name)
		if err != nil || !strings.HasPrefix(text, "# ") {
			t.Errorf("%s: %v, begins with %.20q", topic.name, err, text)
		}
	}
	files, err := fs.Glob(pages, "help/*.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if name := strings.TrimSuffix(strings.TrimPrefix(f, "help/"), ".md"); !slices.Contains(topicNames(), name) {
			t.Errorf("%s is no topic", f)
		}
	}
	for _, name := range topicNames() {
		if slices.Contains(commandNames(newRoot(os.Stdout, os.Stderr)), name) {
			t.Errorf("%s is a command too", name)
		}
	}
}

// TestTheReferenceHasEveryField looks for each field of the language on its page, under its block.
func TestTheReferenceHasEveryField(t *testing.T) {
	text := topologyPage()
	for _, path := range schema.Fields() {
		parts := strings.Split(path, ".")
		if name := parts[len(parts)-1]; name != "*" && !strings.Contains(text, "\n- `"+name+"`") {
			t.Errorf("%s is not in the reference", path)
		}
	}
}

// mentioned finds commands and topics in a page.
var mentioned = regexp.MustCompile("relayform ([a-z-]+)(?: ([a-z-]+))?")

// TestPagesNameWhatThereIs checks that each command and flag that a page names exists. It runs no command.
func TestPagesNameWhatThereIs(t *testing.T) {
	root := newRoot(os.Stdout, os.Stderr)
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	commands := commandNames(root)
	flag := regexp.MustCompile(` (--[a-z-]+)`)
	for _, name := range append(topicNames(), "README") {
		text, err := pageOf(name)
		if name == "README" {
			var readme []byte
			readme, err = os.ReadFile("../../README.md")
			text = string(readme)
		}
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(text) {
			if !strings.Contains(line, "`relayform ") && !strings.HasPrefix(strings.TrimSpace(line), "relayform ") && !strings.HasPrefix(strings.TrimSpace(line), "- relayform ") {
				continue
			}
			m := mentioned.FindStringSubmatch(line)
			if m == nil {
				continue
			}
			if !slices.Contains(commands, m[1]) {
				t.Errorf("%s: no such command: %s", name, line)
				continue
			}
			if m[1] == "help" && m[2] != "" && !slices.Contains(topicNames(), m[2]) {
				t.Errorf("%s: no such topic: %s", name, line)
			}
			c, _, err := root.Find(m[1:2])
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range flag.FindAllStringSubmatch(strings.Split(strings.Split(line, "`, ")[0], " | ")[0], -1) {
				if strings.HasPrefix(strings.TrimSpace(line), "relayform ") && c.Flags().Lookup(f[1][2:]) == nil && f[1] != "--help" {
					t.Errorf("%s: relayform %s has no %s: %s", name, m[1], f[1], line)
				}
			}
		}
	}
}

// TestPagesFitTheScreen wraps a page for a terminal: no line except code is wider, and no word is lost except those in table headings.
func TestPagesFitTheScreen(t *testing.T) {
	for _, topic := range topics {
		text, err := pageOf(topic.name)
		if err != nil {
			t.Fatal(err)
		}
		shown := fitted(text, diag.Screen{Width: 80})
		left := map[string]int{}
		for _, word := range strings.Fields(shown) {
			left[word]++
		}
		lines := strings.Split(text, "\n")
		for i, line := range lines {
			if strings.HasPrefix(line, "|--") || i+1 < len(lines) && strings.HasPrefix(lines[i+1], "|--") {
				continue
			}
			for _, word := range strings.Fields(line) {
				if word = strings.Trim(word, "|"); word == "" {
					continue
				}
				if left[word]--; left[word] < 0 {
					t.Errorf("%s: %q is lost: %s", topic.name, word, line)
				}
			}
		}
		code := false
		for line := range strings.Lines(shown) {
			line = strings.TrimSuffix(line, "\n")
			if strings.HasPrefix(line, "```") {
				code = !code
			}
			if !code && !strings.HasPrefix(line, "    ") && utf8.RuneCountInString(line) > 80 && strings.Count(strings.TrimSpace(line), " ") > 1 {
				t.Errorf("%s: wide: %s", topic.name, line)
			}
		}
	}
}

// TestWidePartsArePutBelowEachOther shows a table and code on a narrow screen, and on one that is wide enough.
func TestWidePartsArePutBelowEachOther(t *testing.T) {
	const page = "| file | who writes it | in git |\n|---|---|---|\n| `a` | you, with an editor | yes |\n| `b` | relayform | |\n\n```sh\n  relayform compile   # then apply what it wrote\n# no comment behind code, however long\n```\n"
	if wide := fitted(page, diag.Screen{Width: 60}); wide != page {
		t.Errorf("on a wide screen:\n%s", wide)
	}
	const want = "- `a`\n  who writes it: you, with\n    an editor\n  in git: yes\n- `b`\n  who writes it: relayform\n\n```sh\n  # then apply what it wrote\n  relayform compile\n# no comment behind code, however long\n```\n"
	if narrow := fitted(page, diag.Screen{Width: 28}); narrow != want {
		t.Errorf("on a narrow screen:\n%s", narrow)
	}
}
