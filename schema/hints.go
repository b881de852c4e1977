package schema

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"relayform/schema/diag"
	"relayform/schema/pattern"
	"relayform/schema/source"
)

// hint says why a text is not what the shape wants, for the end of a message, and what to write instead; both may be empty.
func (c *checker) hint(s *shape, text string) (why, hint string) {
	last := s.at[strings.LastIndexByte(s.at, '.')+1:]
	switch {
	case text == "":
		return "", ""
	case len(text) > source.MaxKey: // too long to guess
		return tooLong(s, text), ""
	case source.Foreign(text) != "":
		why = "; " + source.Foreign(text)
		if fold := source.Fold(text); fold != text && c.takesText(s, fold) {
			hint = "type it again: " + fold
		}
		return why, hint
	case last == "relayAddress":
		return c.hintAddress(s, text)
	case last == "context":
		return "", "kubectl config get-contexts lists the contexts, and kubectl config rename-context renames one"
	case last == "authority" || last == "clusterDomain" || strings.HasPrefix(s.at, "management.dnsNames"):
		return c.hintDNSName(s, last, text)
	case last == "keyAlgorithm" && strings.Contains(strings.ToLower(text), "25519"):
		return "; Envoy, which the mesh's proxies are, refuses Ed25519", "write ecdsa for small and fast keys"
	case s.at == "apiVersion" && strings.HasPrefix(text, "relayform/v"):
		return "", "this relayform knows version 1 only; a newer relayform may know this one"
	case strings.HasPrefix(s.wanted, "a span of time"):
		return hintDuration(text)
	case s.local:
		return "", ""
	case strings.HasPrefix(s.wanted, "an age recipient"):
		return hintRecipient(text)
	}
	prefixed := strings.HasSuffix(s.at, "*.name") && s.at != "remotes.*.name" && strings.Contains(text, "/") // a label's key
	for _, try := range []string{
		strings.TrimSpace(text), strings.ToLower(text),
		strings.Trim(notLabel().ReplaceAllString(strings.ToLower(text), "-"), "-"),
	} {
		if try != text && !prefixed && c.takesText(s, try) {
			return "", "write " + try
		}
	}
	return tooLong(s, text), ""
}

func tooLong(s *shape, text string) string {
	if len(text) > 63 && strings.Contains(s.wanted, "at most 63") {
		return fmt.Sprintf("; it has %d", len(text))
	}
	return ""
}

// hintDNSName returns hint's result for a DNS name.
func (c *checker) hintDNSName(s *shape, field, text string) (why, hint string) {
	bare := strings.Trim(stripAddress(strings.ToLower(strings.TrimSpace(text))), ".")
	if field == "authority" {
		if _, err := netip.ParseAddr(text); err == nil {
			return "; TLS carries no address as server name (RFC 6066 3)", "remove the authority; the address that agents dial is management.relayAddress"
		}
		if strings.HasPrefix(text, "*") {
			return "; agents verify one name, and a wildcard is not one", "remove the authority, or write the full name"
		}
	}
	if strings.HasPrefix(s.at, "management.dnsNames") && strings.Contains(text, "*") && !c.takesText(s, bare) {
		return "; a wildcard stands for one label, the first", "write it as *.example.com, or each name that it stands for"
	}
	if len(bare) > 253 {
		return fmt.Sprintf("; it has %d characters, and a DNS name at most 253", len(bare)), ""
	}
	for _, try := range []string{bare, strings.ReplaceAll(bare, "_", "-"), strings.ReplaceAll(bare, "..", ".")} {
		if try != text && c.takesText(s, try) {
			return "", "write " + try
		}
	}
	return "", ""
}

// notLabel matches characters that a DNS label cannot contain.
var notLabel = pattern.Late(`[^a-z0-9]+`)

func (c *checker) takesText(s *shape, text string) bool {
	return len(text) <= source.MaxKey && c.language.takes(s, text)
}

// stripAddress returns the host of an address, without scheme, path and port.
func stripAddress(text string) string {
	if _, rest, ok := strings.Cut(text, "://"); ok {
		text = rest
	}
	text, _, _ = strings.Cut(text, "/")
	if i := strings.LastIndexByte(text, ':'); i > 0 && strings.Trim(text[i+1:], "0123456789") == "" {
		text = text[:i]
	}
	return text
}

func (c *checker) hintAddress(s *shape, text string) (why, hint string) {
	bare := text
	if _, rest, ok := strings.Cut(text, "://"); ok {
		bare = rest
	}
	bare, _, _ = strings.Cut(bare, "/")
	_, bare, _ = cutLast(bare, "@")
	bare = strings.ReplaceAll(bare, " ", "")
	switch {
	case bare != text && c.takesText(s, bare):
		return "", "only host and port: " + bare
	case strings.Contains(bare, "%"):
		return "; an address with a zone is valid on one machine only", "give the address at which remote clusters reach the management cluster"
	case strings.HasPrefix(bare, ":"):
		return "", "put the host in front of the port"
	case !strings.Contains(bare, ":") && c.takesText(s, bare+":443"):
		return "", "add the port that agents dial, as " + bare + ":443"
	}
	if a, err := netip.ParseAddr(strings.Trim(bare, "[]")); err == nil && a.Is6() {
		return "", fmt.Sprintf("put an IPv6 address into brackets, and add a port: [%s]:443", a)
	}
	if i := strings.LastIndexByte(bare, ':'); i > 0 {
		if a, err := netip.ParseAddr(bare[:i]); err == nil && a.Is6() {
			return "", fmt.Sprintf("put an IPv6 address into brackets: [%s]%s", a, bare[i:])
		}
		if port := bare[i+1:]; len(port) > 5 || strings.Trim(port, "0123456789") != "" {
			return "", "a port is a number from 1 to 65535"
		}
	}
	return "", ""
}

func cutLast(s, sep string) (before, after string, found bool) {
	if i := strings.LastIndex(s, sep); i >= 0 {
		return s[:i], s[i+len(sep):], true
	}
	return "", s, false
}

// fingerprint matches the fingerprint of a PGP key.
var fingerprint = pattern.Late(`^(0x)?[0-9A-Fa-f ]{16,}$`)

// hintRecipient returns hint's result for a recipient of encryption.
func hintRecipient(text string) (why, hint string) {
	hint = "age-keygen -o identity.txt makes an identity, and prints its recipient"
	switch {
	case strings.HasPrefix(text, "ssh-"):
		return "; this is an SSH key", hint
	case strings.HasPrefix(text, "arn:") || strings.HasPrefix(text, "projects/"):
		return "; this is a key of a cloud's key management", hint
	case fingerprint().MatchString(text):
		return "; this looks like the fingerprint of a PGP key", hint
	case strings.ToLower(text) != text:
		return "", "write it in lower case"
	}
	return "", hint
}

// want says what the shape accepts, in a user's words.
func (s *shape) want() string {
	switch {
	case s.wanted != "":
		return s.wanted
	case s.oneOf:
		return "exactly one of " + strings.Join(s.fieldNames(), ", ")
	case len(s.options()) > 0:
		return strings.Join(s.options(), " or ")
	case s.form == structForm:
		return "a block with " + strings.Join(s.fieldNames(), ", ")
	case s.form == listForm:
		return "a list"
	case s.form == mapForm:
		return "a block of keys"
	case s.kind.String() == "bool":
		return "true or false"
	case s.kind.String() == "string":
		return "text"
	}
	return "a value"
}

// numbers returns the digits of a word.
func numbers(word string) string {
	return strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, word)
}

// nearOption returns the end of a message if one of the permitted words is similar.
func (s *shape) nearOption(text string) string {
	options := s.options()
	if s.at == "product" { // charts of another generation are not similar, even if they differ in one digit only
		options = slices.DeleteFunc(slices.Clone(options), func(o string) bool { return numbers(o) != numbers(text) })
	}
	near := diag.Nearest(text, options)
	for _, o := range options {
		if near == "" && len(text) > 2 && strings.HasPrefix(o, text) {
			near = o
		}
	}
	if s.at == "apiVersion" {
		return ""
	}
	return diag.Meant(near)
}
