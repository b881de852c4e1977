package verify

import (
	"slices"

	"relayform/schema/diag"
)

// Refusal is an error that Go's crypto/x509 does not report for a certificate or a chain, and the reason for it.
type Refusal struct {
	Code   diag.Code
	Reason string
}

// Beyond lists all such errors: everything else that crypto/x509 accepts in its role passes.
var Beyond = []Refusal{
	{WeakKey, "RSA under 2048 bits: Envoy refuses it, and so does OpenSSL at Debian's default security level"},
	{BigKey, "RSA over 8192 bits: Go's TLS refuses it in a handshake, and each signature takes long to check"},
	{Ed25519Key, "Ed25519: Envoy refuses it"},
	{UnknownKey, "ECDSA P-224, DSA and others: TLS does not support them"},
	{WeakSignature, "SHA-1 and MD5: Go refuses them today, but older versions could be set to accept SHA-1"},
	{ServerIsCA, "a server that is a CA: whoever has its key can issue certificates for agents"},
	{ClientIsCA, "an agent's certificate that is a CA: whoever has its key can issue certificates for agents"},
	{KeyUsage, "a server whose key usage lacks digitalSignature: it cannot sign a handshake of TLS 1.3"},
	{SigningNotCA, "a signing CA that is not a CA: nobody accepts what it signs"},
	{ServerIsSigning, "one certificate for server and signing CA: a server should sign nothing, and a CA should serve nothing"},
	{KeyShared, "one key for two certificates: whoever gets the server's key could issue certificates for agents, or act as the root"},
}

// FindBeyond returns why a code is an error that crypto/x509 does not report; false if it is not one.
func FindBeyond(code diag.Code) (Refusal, bool) {
	i := slices.IndexFunc(Beyond, func(r Refusal) bool { return r.Code == code })
	if i < 0 {
		return Refusal{}, false
	}
	return Beyond[i], true
}
