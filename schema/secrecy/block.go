package secrecy

import (
	"bytes"
	"encoding/base64"

	"relayform/schema/pattern"
)

// marker is a line that begins or ends a private key in PEM (RFC 7468), or in the formats of OpenSSH, SSH2 (RFC 4716) or OpenPGP (RFC 9580
// 6.2).
type marker struct {
	start, end int
	begins     bool
	sealed     bool // encrypted with a password
}

// blocks returns the private keys between markers.
func blocks(text []byte) []Place {
	var places []Place
	from := 0
	for m, ok := nextMarker(text, 0); ok; {
		next, more := nextMarker(text, m.end)
		p := Place{Kind: Key, Start: m.start, End: m.end}
		switch {
		case !m.begins:
			p.Start = bodyBefore(text, max(from, m.start-maxBlock), m.start)
		case more && !next.begins && next.start-m.end < maxBlock:
			body := text[m.end:next.start]
			p.End = next.end
			if !m.sealed {
				p.Material = bodyOf(body)
			}
			m = next
			next, more = nextMarker(text, m.end)
			if len(noDigit().ReplaceAll(body, nil)) < 4 {
				p.End = 0 // text that only mentions keys
			}
		default:
			p.End = bodyBehind(text, m.end)
		}
		if p.End > 0 {
			places = append(places, p)
		}
		from = m.end
		m, ok = next, more
	}
	return append(places, putty(text)...)
}

// nextMarker returns the first marker at or after from.
func nextMarker(text []byte, from int) (marker, bool) {
	for {
		i := bytes.Index(text[from:], []byte("PRIVATE"))
		if i < 0 {
			return marker{}, false
		}
		at := from + i
		if m, ok := markerAt(text, from, at); ok {
			return m, true
		}
		from = at + len("PRIVATE")
	}
}

var (
	// markerHead and markerTail match a marker before and from the word PRIVATE. Between its words, the line may be folded or percent-encoded.
	markerHead = pattern.Late(`-{3,}[\s+_]*(BEGIN|END)((?:[\s+_\\"']|%20|[A-Z0-9]){1,48})$`)
	markerTail = pattern.Late(`^PRIVATE(?:[\s+_\\"']|%20){1,32}KEY(?:(?:[\s+_]|%20)+BLOCK)?[\s+_]*-{3,}`)
)

const maxHead = 96

// markerAt returns the marker whose word PRIVATE is at a position.
func markerAt(text []byte, from, at int) (marker, bool) {
	tail := markerTail().Find(text[at:min(len(text), at+maxHead)])
	if tail == nil {
		return marker{}, false
	}
	low := max(from, at-maxHead)
	head := markerHead().FindSubmatchIndex(text[low:at])
	if head == nil {
		return marker{}, false
	}
	return marker{
		start: low + head[0], end: at + len(tail),
		begins: string(text[low+head[2]:low+head[3]]) == "BEGIN",
		sealed: bytes.Contains(text[low+head[4]:low+head[5]], []byte("ENCRYPTED")),
	}, true
}

var (
	// bodyLine matches a line of a key: base64, with indentation, quotes, escapes or list marks around it; or a header of PEM.
	bodyLine = pattern.Late(`^[\s"'\\,#>|+*-]*(?:[0-9A-Za-z+/=[:^ascii:]]+(?:\\+[nr]|[\s"'\\,])*)*$|^[\s"'#>|+*-]*(?:Proc-Type|DEK-Info|Comment|Version|Subject|x-[a-z]+): ?\S`)
	// restOfLine matches the part of a key that is on the line of its marker.
	restOfLine = pattern.Late(`^(?:[0-9A-Za-z+/=[:^ascii:]]|\\+[nrt]?|[ \t",])*`)
)

// bodyBehind returns where a key without an end marker ends.
func bodyBehind(text []byte, from int) int {
	limit := text[:min(len(text), from+maxBlock)]
	end := from + len(restOfLine().Find(limit[from:]))
	if eol := bytes.IndexByte(limit[end:], '\n'); eol < 0 || len(bytes.TrimSpace(limit[end:end+eol])) > 0 {
		return end
	}
	for line := range bytes.Lines(limit[end:]) {
		if !bodyLine().Match(bytes.TrimRight(line, "\r\n")) {
			break
		}
		end += len(line)
	}
	return end
}

// indent has the characters that may precede a line of a key.
const indent = " \t\r\"'\\,#>|+*-"

// bodyBefore returns where a key without a begin marker begins, but not before low.
func bodyBefore(text []byte, low, end int) int {
	start := end
	if rest := text[low:end]; len(rest) > 0 {
		line := rest[bytes.LastIndexByte(rest, '\n')+1:]
		i := len(line)
		for i > 0 && (class[line[i-1]] == letter || bytes.IndexByte([]byte(" \t\\=,\""), line[i-1]) >= 0) {
			i--
		}
		if start = end - (len(line) - i); len(bytes.Trim(line[:i], indent)) > 0 {
			return start
		}
		start = end - len(line)
	}
	for start > low {
		line := text[low : start-1]
		line = line[bytes.LastIndexByte(line, '\n')+1:]
		if len(bytes.TrimSpace(line)) == 0 || !bodyLine().Match(bytes.TrimRight(line, "\r")) {
			break
		}
		start -= len(line) + 1
	}
	return start
}

var (
	header  = pattern.Late(`(?:Proc-Type|DEK-Info|Comment|Version|Subject|x-[a-z]+):[^\n\\]*`)
	noDigit = pattern.Late(`\\+[nrt]|[^0-9A-Za-z+/]`)
)

// bodyOf decodes the text between two markers; nil if it is not base64.
func bodyOf(text []byte) []byte {
	if bytes.Contains(text, []byte("DEK-Info")) {
		return nil
	}
	digits := noDigit().ReplaceAll(header().ReplaceAll(text, nil), nil)
	der := make([]byte, base64.RawStdEncoding.DecodedLen(len(digits)))
	n, err := base64.RawStdEncoding.Decode(der, digits)
	if err != nil {
		return nil
	}
	return der[:n]
}

// putty returns the private keys in PuTTY's format.
func putty(text []byte) []Place {
	var places []Place
	for from := 0; ; {
		i := bytes.Index(text[from:], []byte(puttyLines))
		if i < 0 {
			return places
		}
		at := from + i + len(puttyLines)
		start := max(from, at-maxBlock)
		if i := bytes.LastIndex(text[start:at], []byte("PuTTY-User-Key")); i >= 0 {
			start += i
		} else {
			start = at - len(puttyLines)
		}
		from = bodyBehind(text, at)
		if len(noDigit().ReplaceAll(text[at:from], nil)) >= minWord {
			places = append(places, Place{Kind: Key, Start: start, End: from})
		}
	}
}

// puttyLines precedes the private half of a PuTTY key.
const puttyLines = "Private-Lines:"
