package source

import (
	"bytes"
	"fmt"
	"strings"

	"relayform/schema/diag"
)

// notUTF8 stands for a byte that is not part of a character.
const notUTF8 rune = -1

// maxBlanked is the maximum number of refused characters in a file; a file with more is not text.
const maxBlanked = 10_000

// read sets the text of the file. Bytes and characters that are not permitted anywhere are replaced, and reported once per line for each
// kind. It returns false if the rest is not worth judging.
func (f *File) read(text []byte) (diag.List, bool) {
	text = bytes.TrimPrefix(text, []byte("\ufeff"))
	f.set(string(text))
	if strings.IndexFunc(f.text, func(r rune) bool { return r == blank || dangerous(r) != "" }) < 0 {
		f.show(text)
		return nil, true
	}
	faults, readable := f.blank()
	f.show([]byte(f.text))
	for i := range faults {
		faults[i].Text, faults[i].Skipped = f.around(faults[i].Line, faults[i].Column)
	}
	return faults, readable
}

// blank replaces each character that is not permitted anywhere. If there are too many, it returns false, and does not change the text.
func (f *File) blank() (faults diag.List, readable bool) {
	var out strings.Builder
	out.Grow(len(f.text))
	blanked := 0
	for n, start := range f.lines {
		told := map[rune]bool{}
		column := 0
		for i, r := range f.whole(n + 1) {
			column++
			why := dangerous(r)
			if why == "" {
				out.WriteRune(r)
				continue
			}
			if blanked++; blanked > maxBlanked {
				return faults, false
			}
			out.WriteRune(blank)
			b := f.text[start+i]
			if r == blank && b != "\ufffd"[0] {
				r = notUTF8
			}
			if !told[r] && len(faults) < maxKept {
				told[r] = true
				faults = append(faults, f.unwanted(n+1, column, r, b, why))
			}
		}
	}
	f.blanked = true
	f.set(out.String())
	return faults, true
}

// unwanted reports a character that is not permitted anywhere, or the byte b if it is not part of a character.
func (f *File) unwanted(line, column int, r rune, b byte, why string) diag.Diagnostic {
	if r != notUTF8 {
		return f.At(line, column, 1, "", diag.BadCharacter.Fault(fmt.Sprintf(why, nameOf(r)), remedy(r)))
	}
	hint := "save the file as UTF-8"
	if b >= 0xa0 {
		hint += fmt.Sprintf("; in Latin-1 this byte is %c", rune(b))
	}
	return f.At(line, column, 1, "", diag.Encoding.Fault(fmt.Sprintf("the byte 0x%02X is not UTF-8; want UTF-8", b), hint))
}
