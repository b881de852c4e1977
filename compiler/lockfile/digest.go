package lockfile

import "relayform/schema/pattern"

var digest = pattern.Late(`\b[0-9a-f]{64}\b`)

// maxDigests is more than any lockfile has.
const maxDigests = 4096

// Digests are those that stand in the text of a lockfile, whatever else is wrong with it: of the token, by
// which it is known wherever else it stands, and of public keys.
func Digests(text []byte) []string {
	var all []string
	for _, d := range digest().FindAll(text, maxDigests) {
		all = append(all, string(d))
	}
	return all
}
