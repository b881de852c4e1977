package source

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"relayform/schema/diag"
	"relayform/schema/pattern"
)

// Words and numbers without quotes that YAML 1.1 does not read as text (YAML 1.1 type repository: bool, int and float). Tools that use
// either version of YAML read these files.
var (
	yes         = []string{"y", "Y", "yes", "Yes", "YES", "on", "On", "ON"}
	no          = []string{"n", "N", "no", "No", "NO", "off", "Off", "OFF"}
	sexagesimal = pattern.Late(`^[-+]?[1-9][0-9_]{0,8}(:[0-5]?[0-9]){1,5}(\.[0-9_]*)?$`)
)

// tagOf returns the tag of a text without quotes, if either version of YAML does not read it as text.
func tagOf(text string) string {
	switch {
	case len(text) <= 3 && (slices.Contains(yes, text) || slices.Contains(no, text)):
		return "!!bool"
	case len(text) <= MaxKey && strings.Contains(text, ":") && sexagesimal().MatchString(text):
		return "!!int"
	}
	return "!!str"
}

// Reading describes a value as written in the file and, if that differs, as YAML reads it.
func (n *Node) Reading() string {
	switch {
	case n.Kind != Scalar:
		return n.Kind.String()
	case n.Null():
		if n.Value == "" {
			return "nothing"
		}
		return n.Value + ", which YAML reads as nothing"
	case n.Quoted || n.Tag == "!!str":
		return diag.Quote(n.Value)
	}
	as := map[string]string{"!!timestamp": "a date", "!!bool": "true or false", "!!int": "a number", "!!float": "a number"}[n.Tag]
	text := n.Value
	switch {
	case slices.Contains(yes, text):
		return text + ", which YAML 1.1 reads as true"
	case slices.Contains(no, text):
		return text + ", which YAML 1.1 reads as false"
	case n.Tag == "!!bool":
		return "the truth value " + text
	case sexagesimal().MatchString(text):
		return text + ", which YAML 1.1 reads as a number in base 60"
	case n.Tag == "!!int":
		if i, err := strconv.ParseInt(strings.ReplaceAll(text, "_", ""), 0, 64); err == nil && strconv.FormatInt(i, 10) != text {
			return fmt.Sprintf("%s, which YAML reads as the number %d", diag.Shorten(text), i)
		}
		return "the number " + diag.Shorten(text)
	case n.Tag == "!!float" && strings.Trim(text, "0123456789") != "":
		if x, err := strconv.ParseFloat(text, 64); err == nil && strconv.FormatFloat(x, 'f', -1, 64) != text {
			return fmt.Sprintf("%s, which YAML reads as the number %s", diag.Shorten(text), strconv.FormatFloat(x, 'g', -1, 64))
		}
		return "the number " + diag.Shorten(text)
	}
	if n.Tag == "!!float" {
		return "the number " + diag.Shorten(text)
	}
	return diag.Shorten(text) + ", which YAML reads as " + as
}
