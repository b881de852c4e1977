package verify

import (
	"relayform/schema/diag"
)

// The codes of a certificate's form and validity.
const (
	SerialZero        diag.Code = "serial-zero"
	SerialNegative    diag.Code = "serial-negative"
	SerialLong        diag.Code = "serial-long"
	SerialDuplicate   diag.Code = "serial-duplicate"
	SubjectIsIssuer   diag.Code = "subject-is-issuer"
	SubjectEmpty      diag.Code = "subject-empty"
	SKIMissing        diag.Code = "ski-missing"
	AKIMissing        diag.Code = "aki-missing"
	AKIMismatch       diag.Code = "aki-mismatch"
	CAWithoutKeyUsage diag.Code = "ca-without-key-usage"
	NotCritical       diag.Code = "not-critical"
	PathLengthOdd     diag.Code = "path-length-misplaced"
	OldVersion        diag.Code = "old-version"
	WeakSignature     diag.Code = "weak-signature"
	WeakKey           diag.Code = "weak-key"
	BigKey            diag.Code = "big-key"
	Ed25519Key        diag.Code = "ed25519-key"
	P521Key           diag.Code = "p521-key"
	UnknownKey        diag.Code = "unsupported-key"
	Expired           diag.Code = "expired"
	NotYetValid       diag.Code = "not-yet-valid"
	OutlivesIssuer    diag.Code = "outlives-issuer"
	SigningShort      diag.Code = "signing-ends-soon"
	RootShort         diag.Code = "root-ends-soon"
	ServerShort       diag.Code = "server-ends-soon"
)

var formExplanations = []Explanation{
	{SerialZero, Form, "the serial number is zero", "RFC 5280 4.1.2.2 wants a positive number. openssl x509 -set_serial 0, as the manual procedure has it, is refused by strict verifiers, and by GnuTLS."},
	{SerialNegative, Form, "the serial number is negative", "RFC 5280 4.1.2.2 wants a positive number, and Go has refused to read negative ones since 1.23. It is often a random number whose first bit was set, without the zero octet in front."},
	{SerialLong, Form, "the serial number is longer than 20 octets", "RFC 5280 4.1.2.2 allows 20 octets; GnuTLS and others refuse more."},
	{SerialDuplicate, Form, "two certificates of one issuer share a serial number", "Issuer and serial number identify a certificate (RFC 5280 4.1.2.2): a revocation list cannot tell the two apart, and NSS refuses the second it meets."},
	{SubjectIsIssuer, Form, "subject and issuer are the same, yet it is not self-signed",
		"A verifier takes a certificate with equal names for a root and looks no further: OpenSSL then reports a self-signed certificate, others an unknown authority. Give each certificate a subject of its own."},
	{SubjectEmpty, Form, "a CA has no subject", "Chains are built by name; a CA must have one (RFC 5280 4.1.2.6), and OpenSSL's strict reading refuses it."},
	{SKIMissing, Form, "a CA lacks the subject key identifier", "RFC 5280 4.2.1.2 demands it of every CA; OpenSSL's strict reading refuses the chain. With two roots of one name, verifiers need it to pick the right one."},
	{AKIMissing, Form, "the authority key identifier is missing", "RFC 5280 4.2.1.1 demands it of all but roots; OpenSSL's strict reading refuses the chain."},
	{AKIMismatch, Form, "the authority key identifier is not the issuer's", "The signature is the issuer's, but OpenSSL looks the issuer up by this identifier first, does not find it, and refuses the chain; Go does not mind."},
	{CAWithoutKeyUsage, Form, "a CA has no key usage", "RFC 5280 4.2.1.3 demands it of every CA. Go accepts its absence; openssl verify -x509_strict refuses every chain above it (error 92)."},
	{NotCritical, Form, "a CA's basic constraints are not critical", "RFC 5280 4.2.1.9 wants the extension critical in a CA; OpenSSL's strict reading refuses it (error 89)."},
	{PathLengthOdd, Form, "a path length where none belongs", "pathlen has a meaning only in a CA that may sign certificates (RFC 5280 4.2.1.9); OpenSSL's strict reading refuses it elsewhere."},
	{OldVersion, Form, "an X.509 certificate of version 1", "It can carry no extensions: no names, no usages, nothing that marks a CA. openssl x509 -req without -extfile makes such certificates."},
	{WeakSignature, Form, "signed with SHA-1 or MD5", "Go refuses such signatures below the root, and so do OpenSSL at its default security level and Java. A root's own signature is checked by nobody, so there it is only a sign of age."},
	{WeakKey, Form, "an RSA key under 2048 bits", "Envoy refuses it, and OpenSSL does at the security level that Debian and others ship; Go refuses those under 1024 bits."},
	{BigKey, Form, "an RSA key over 8192 bits", "Go's TLS refuses to verify with it."},
	{Ed25519Key, Form, "an Ed25519 key", "Envoy refuses Ed25519 certificates, and the relay's traffic passes through Envoy in many meshes. Use RSA or ECDSA P-256."},
	{P521Key, Form, "an ECDSA P-521 key", "BoringSSL, and Envoy with it, does not offer P-521 by default: such a certificate fails in some handshakes. Use P-256."},
	{UnknownKey, Form, "a key of a kind that Go does not read", "The relay is a Go program: it reads RSA, ECDSA on P-256, P-384 and P-521, and Ed25519."},
}

var validityExplanations = []Explanation{
	{Expired, Validity, "a certificate has expired", "Both sides refuse it. Agents that hold a valid certificate stay connected until their connection ends, so it shows late. relayform renew replaces what it issued; ask your PKI for the rest."},
	{NotYetValid, Validity, "a certificate is not valid yet", "Its validity begins later: it was issued for a future date, or the clock where it was made is fast. Issue it again with the start an hour back."},
	{OutlivesIssuer, Validity, "a certificate is valid beyond its issuer", "On the day the issuer expires, the chain does. The later date only hides from those who look at the leaf when that is."},
	{SigningShort, Validity, "the signing CA ends within 13 months",
		"Agents' certificates last a year and cannot be configured. A signing CA with less left signs certificates that outlive it: one day all agents fail at once. Replace it now, while old and new can overlap."},
	{RootShort, Validity, "the root ends within 13 months", "Replacing a root takes two rounds through all clusters: first all trust both, then the certificates change. Begin while there is time."},
	{ServerShort, Validity, "the server's certificate ends within 30 days", "Issue the next one. The relay server reads this Secret anew without a restart."},
}
