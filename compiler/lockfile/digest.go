package lockfile

import "relayform/schema/pattern"

var digest = pattern.Late(`\b[0-9a-f]{64}\b`)

// maxDigests is more than any lockfile contains.
const maxDigests = 4096

// Digests returns the digests in a lockfile's text, whatever else is wrong with it: of public keys, and of the token, by which the token is
// recognized elsewhere.
func Digests(text []byte) []string {
	var all []string
	for _, d := range digest().FindAll(text, maxDigests) {
		all = append(all, string(d))
	}
	return all
}
