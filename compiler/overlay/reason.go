package overlay

import (
	"errors"
	"path/filepath"
	"regexp"
	"strings"

	"relayform/schema/diag"
	"relayform/schema/pattern"
)

// BuildError says why kustomize does not build an overlay.
type BuildError struct {
	Overlay string
	Err     error
	project string // the parent of the build folder
}

// Error names the overlay and the reason.
func (e *BuildError) Error() string { return "kustomize: " + e.Overlay + ": " + e.reason() }

func (e *BuildError) Unwrap() error { return e.Err }

// Reason returns why an overlay does not build, without the text that kustomize wraps around it.
func Reason(err error) string {
	if b := (*BuildError)(nil); errors.As(err, &b) {
		return b.reason()
	}
	return err.Error()
}

// wrappings match the text that kustomize wraps around the reason, and what it quotes from the input, which may be as long as a file, and
// private.
var wrappings = []struct {
	what func() *regexp.Regexp
	to   string
}{
	{pattern.Late(`(?s)accumulation err='(.*)': must build at directory: .*`), "$1"},
	{pattern.Late(`accumulating (?:resources|components)(?: from '[^']*')?: `), ""},
	{pattern.Late(`accumulat\w+: "`), ""},
	{pattern.Late(`(?:recursed accumulation of|couldn't make target for) path '[^']*': `), ""},
	{pattern.Late(`(?s)unable to parse SM or JSON patch from .*`), "want a piece of an object, or a list of operations with a target"},
	{pattern.Late("(?s)trouble configuring builtin \\w+ with config: `.*`: "), ""},
	{pattern.Late(`(?s)no resource matches strategic merge patch "([^."]+)\.[^/"]*/([^"]+)\.\[noNs\]".*`), "the overlay has no $1 $2"},
	{pattern.Late(`(?s)no resource matches strategic merge patch "([^."]+)\.[^/"]*/([^"]+)\.([^."]+)".*`), "the overlay has no $1 $2 in namespace $3"},
	{pattern.Late(`(?s):? (?:node contents:|for the following resource:).*`), ""},
}

// reason returns one line in kustomize's wording.
func (e *BuildError) reason() string {
	text := e.Err.Error()
	for _, w := range wrappings {
		text = w.what().ReplaceAllString(text, w.to)
	}
	text = strings.Join(strings.Fields(strings.ReplaceAll(text, e.project+string(filepath.Separator), "")), " ")
	const enough = 300
	if len(text) > enough {
		text = strings.ToValidUTF8(text[:enough], "") + "…"
	}
	return diag.Printable(strings.Trim(text, `" `))
}
