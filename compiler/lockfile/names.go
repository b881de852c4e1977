package lockfile

// TokenFolder is the part of the store that remote clusters need.
const TokenFolder = "remote"

// KeyFile is the name of a private key's file, from the digest of its public key.
func KeyFile(spki string) string { return spki + ".key" }

// TokenFile is the name of a token's file, from its digest.
func TokenFile(digest string) string { return TokenFolder + "/" + digest + ".token" }
