package verify

import (
	"slices"

	"relayform/schema/diag"
)

// Explanation is what a code means, for those who meet it.
type Explanation struct {
	Code  diag.Code
	Check Check
	Title string
	// Text says why it matters and what to do about it: a paragraph.
	Text string
}

// Explanations is every code that a report can hold, by check.
var Explanations = slices.Concat(secretExplanations, chainExplanations, nameExplanations, usageExplanations, formExplanations, validityExplanations, seenExplanations)

// Explain is the explanation of a code.
func Explain(code diag.Code) (Explanation, bool) {
	for _, e := range Explanations {
		if e.Code == code {
			return e, true
		}
	}
	return Explanation{}, false
}

// Check is a question that is asked of every cluster: a column of the table.
type Check string

// The checks, in the order of the table.
const (
	Secrets  Check = "secrets"
	Trust    Check = "trust"
	Chains   Check = "chain"
	Names    Check = "names"
	Usage    Check = "usage"
	Form     Check = "form"
	Validity Check = "validity"
	Tokens   Check = "token"
	TLS      Check = "tls"
	Drift    Check = "drift"
)

// Checks are those that judging the material makes; comparing clusters with a lockfile adds Drift.
var Checks = []Check{Secrets, Trust, Chains, Names, Usage, Form, Validity, Tokens, TLS}

// The codes of what lies in the Secrets.
const (
	SecretMissing    diag.Code = "secret-missing"
	DataMissing      diag.Code = "data-missing"
	Unreadable       diag.Code = "unreadable"
	KeyEncrypted     diag.Code = "key-encrypted"
	KeyExposed       diag.Code = "private-key-exposed"
	ExtraData        diag.Code = "extra-data"
	KeyMismatch      diag.Code = "key-mismatch"
	KeyShared        diag.Code = "key-shared"
	ServerIsSigning  diag.Code = "server-is-signing"
	AnchorsDiffer    diag.Code = "anchors-differ"
	BundlesDiffer    diag.Code = "bundles-differ"
	LeafInCA         diag.Code = "leaf-in-ca"
	IntermediateInCA diag.Code = "intermediate-in-ca"
	NoAnchor         diag.Code = "no-anchor"
	DuplicateInCA    diag.Code = "duplicate-in-ca"
	TokensDiffer     diag.Code = "tokens-differ"
	TokenWhitespace  diag.Code = "token-whitespace"
	TokenWeak        diag.Code = "token-weak"
)

var secretExplanations = []Explanation{
	{SecretMissing, Secrets, "a Secret is not there",
		"The relay server reads its own certificate and the signing CA from Secrets on the management cluster, and the root and the token lie on every cluster. Without one of them a pod does not start, or the agent cannot be let in. The manual procedure forgets the token's. Apply the cluster's overlay, or create the Secret under the name that the Helm values give."},
	{DataMissing, Secrets, "a Secret lacks one of its keys, or the key is empty",
		"A Secret of a relay has fixed keys: tls.crt, tls.key and ca.crt for a certificate, ca.crt for the root, token for the token. A key of another name (cert.pem, root.crt) is not read by anybody."},
	{Unreadable, Secrets, "a value cannot be read",
		"The value is neither PEM nor complete: a block is cut short, base64 was encoded twice, or it is DER. The pod that reads it fails at start. openssl x509 -in FILE -noout -text shows what a file holds; openssl x509 -inform DER converts DER."},
	{KeyEncrypted, Secrets, "a private key in a Secret is encrypted",
		"The relay has no password to open it with. Decrypt the key before it goes into the Secret: openssl pkey -in FILE -out PLAIN."},
	{KeyExposed, Secrets, "a private key lies where none belongs",
		"Whoever reads a remote cluster's Secrets can become the relay server, or mint agents, when the server's, the signing CA's or the root's key lies there. The root's key belongs on no cluster at all. Remove it; then treat the key as known to others, and replace the certificate."},
	{ExtraData, Secrets, "a Secret has a key that nobody reads",
		"Nothing breaks, but nobody watches it either: files copied along by hand grow stale, and one day one of them is a private key."},
	{KeyMismatch, Secrets, "the private key does not belong to the certificate",
		"tls.key and the first certificate of tls.crt must have the same public key, or the pod refuses to start. Compare openssl pkey -in KEY -pubout with openssl x509 -in CERT -noout -pubkey. It is often the trace of a re-run that made new keys."},
	{KeyShared, Secrets, "two certificates share one private key",
		"The server's key is in use on every connection. If it is the signing CA's or the root's too, then whoever gets it can mint agents. Give each certificate a key of its own."},
	{ServerIsSigning, Secrets, "the server's certificate is the signing CA's",
		"One certificate stands in both Secrets. As a CA it should serve nothing, and as a server it should sign nothing: most verifiers refuse one of the two."},
	{AnchorsDiffer, Trust, "clusters trust different roots",
		"The root that an agent holds must be the one that the relay server's chain ends at, and the server must trust the root of the agents. A cluster was left behind when the root was made anew. Apply the same root Secret to each."},
	{BundlesDiffer, Trust, "bundles hold the same roots, but not the same bytes",
		"Nothing breaks today. Bundles that were copied by hand and differ in comments, order or line ends will differ in roots after the next change; drift can only be seen where copies are equal."},
	{LeafInCA, Trust, "ca.crt holds a certificate that is no CA",
		"ca.crt is the list of roots. Some verifiers would trust a leaf in it by itself and forever, whatever happens to its issuer; others fail. Often tls.crt was copied by mistake."},
	{IntermediateInCA, Trust, "ca.crt holds a CA that is no root",
		"Go takes every certificate of the file for an anchor; OpenSSL wants a self-signed one at the end of the chain. With the intermediate alone, the two disagree. Intermediates belong into tls.crt, behind the leaf."},
	{NoAnchor, Trust, "ca.crt holds no root",
		"None of its certificates is signed by its own key, so no chain can end here. Add the root of the PKI to ca.crt."},
	{DuplicateInCA, Trust, "ca.crt holds a certificate twice", "It does no harm, but somebody appended where they wanted to replace: look for the old root that should be gone."},
	{TokensDiffer, Tokens, "tokens differ",
		"At first contact the agent shows the token, and the server compares it with its own. Different ones mean that the agent is turned away. Copy the token's Secret from the management cluster."},
	{TokenWhitespace, Tokens, "a token has white space around it",
		"The value is taken as it is, line feed and all: echo without -n is enough to make two tokens differ. Write it with printf."},
	{TokenWeak, Tokens, "a token is too short, or too plain",
		"Whoever guesses the token can have a client certificate signed under any cluster's name. Use 32 random bytes: openssl rand -hex 32."},
}
