package verify

import (
	"relayform/schema/diag"
)

// The codes of chains, names and usages.
const (
	ChainIncomplete    diag.Code = "chain-incomplete"
	IssuerReplaced     diag.Code = "issuer-replaced"
	LeafNotFirst       diag.Code = "leaf-not-first"
	ChainDisordered    diag.Code = "chain-disordered"
	RootInChain        diag.Code = "root-in-chain"
	StrayInChain       diag.Code = "stray-in-chain"
	AuthorityUncovered diag.Code = "authority-uncovered"
	AuthorityWildcard  diag.Code = "authority-wildcard"
	NoSAN              diag.Code = "san-missing"
	SigningServes      diag.Code = "signing-serves"
	ClientName         diag.Code = "client-name"
	NameConstraints    diag.Code = "name-constraints"
	ServerIsCA         diag.Code = "server-is-ca"
	SigningNotCA       diag.Code = "signing-not-ca"
	IssuerNotCA        diag.Code = "issuer-not-ca"
	MayNotSign         diag.Code = "may-not-sign"
	PathLength         diag.Code = "path-length"
	PathLengthOpen     diag.Code = "path-length-open"
	KeyUsage           diag.Code = "key-usage"
	ExtendedUsage      diag.Code = "extended-usage"
	RootExtendedUsage  diag.Code = "root-extended-usage"
	CriticalUnknown    diag.Code = "critical-extension"
	ChainRefused       diag.Code = "chain-refused"
	UsageAny           diag.Code = "usage-any"
	UsageEmpty         diag.Code = "usage-empty"
	SubjectConstrained diag.Code = "subject-constrained"
	SANNotCritical     diag.Code = "san-not-critical"
)

var chainExplanations = []Explanation{
	{ChainIncomplete, Chains, "an issuer is missing",
		"A TLS endpoint presents its certificate and every intermediate behind it; the other side adds the root. Where one is missing, verification ends there. The finding names it by subject and key identifier: find it with openssl x509 -noout -subject -ext subjectKeyIdentifier, and append it to tls.crt."},
	{IssuerReplaced, Chains, "the issuer's name is known, its key is another",
		"A certificate of the issuer's name is there, but a different key made the signature: the CA was made anew under the same name, as a re-run of a script does. Some programs report a bad signature, others an unknown authority. Issue what lies below it again, or restore the old CA."},
	{LeafNotFirst, Chains, "tls.crt does not begin with the leaf",
		"The first certificate of tls.crt is the one that the private key belongs to; all others follow. TLS servers refuse to start with another order."},
	{ChainDisordered, Chains, "intermediates are out of order",
		"Each certificate should be followed by its issuer (RFC 8446 4.4.2). Many verifiers sort them, some do not."},
	{RootInChain, Chains, "tls.crt carries the root", "The other side has the root already, or does not trust it; it only makes each handshake longer."},
	{StrayInChain, Chains, "tls.crt carries a certificate that is not part of its chain", "It is presented in each handshake and used by nobody; strict TLS stacks refuse it."},
}

var nameExplanations = []Explanation{
	{AuthorityUncovered, Names, "the server's certificate does not cover the authority",
		"Agents verify the relay server by the authority, whatever address they dial. It must be among the DNS names of the server's certificate. Issue the certificate again with that name, or set relay.authority to a name it has."},
	{AuthorityWildcard, Names, "only a wildcard covers the authority",
		"OpenSSL, curl and Python refuse a wildcard with a single label behind it, as *.gloo-mesh; Go and Java accept it. And a wildcard covers more than this server. Exact names please everyone."},
	{NoSAN, Names, "the server's certificate has no DNS name",
		"A common name has not counted as a host name since RFC 6125; Go, browsers and Envoy look at subject alternative names only."},
	{SigningServes, Names, "the signing certificate could serve the relay",
		"Its own names cover the authority, and its usages allow serving: whoever has the key can stand in for the relay server without issuing anything. A CA needs no subject alternative names."},
	{ClientName, Names, "an agent's certificate does not name its cluster",
		"The relay server takes the cluster's name from the DNS names of the agent's certificate, and turns the agent away where they differ. Delete the client Secret and the agent gets a new one; a brought certificate has to be issued again."},
	{SubjectConstrained, Names, "a subject names what name constraints exclude", "Go holds name constraints against subject alternative names alone. OpenSSL holds them against e-mail addresses in the subject, too, and GnuTLS and older verifiers against a host name in the common name: they refuse the chain. Issue the certificate with a subject that names neither."},
	{SANNotCritical, Names, "no subject, and names that are not critical", "RFC 5280 4.2.1.6: where the subject is empty, the subject alternative names must be critical. OpenSSL's strict reading refuses the certificate."},
	{NameConstraints, Names, "name constraints exclude a name that is needed",
		"A CA of the chain may issue for certain names only. An agent's certificate has the bare cluster name as its DNS name, which lies in no domain, so a permitted domain such as example.com shuts out every agent. Ask the PKI for a signing CA without name constraints."},
}

var usageExplanations = []Explanation{
	{ServerIsCA, Usage, "the server's certificate is a CA",
		"Its key is in use all day on a machine that faces the network, and it could sign agents. Envoy and OpenSSL's strict reading take offence as well. Issue a leaf (basicConstraints CA:FALSE)."},
	{SigningNotCA, Usage, "the signing certificate is not a CA",
		"It signs the agents' certificates, so it must say CA:TRUE in basicConstraints; nobody accepts what a leaf has signed."},
	{IssuerNotCA, Usage, "an issuer in the chain is not a CA", "Every certificate above the leaf must say CA:TRUE in basicConstraints, or the chain is refused (RFC 5280 4.2.1.9)."},
	{MayNotSign, Usage, "a CA's key usage forbids signing certificates", "Where a CA has a key usage, keyCertSign must be in it (RFC 5280 4.2.1.3)."},
	{PathLength, Usage, "a path length is exceeded",
		"pathlen says how many CAs may follow below. The signing CA counts when its agents are verified: a root with pathlen 0 can issue the server's certificate, yet no signing CA."},
	{PathLengthOpen, Usage, "the signing CA may issue further CAs",
		"Agents' certificates are leaves, so the signing CA needs no CA below it. With pathlen:0 a stolen key can mint agents, but no CA that nobody knows of."},
	{KeyUsage, Usage, "a key usage does not fit the certificate's work", "TLS since version 1.3 has the endpoint sign each handshake, which needs digitalSignature; and keyCertSign has no place in a leaf, where strict verifiers refuse it."},
	{ExtendedUsage, Usage, "extended key usages shut out servers or agents",
		"Go, OpenSSL and Java hold a CA's list of extended usages against all that is below it. The server's chain needs serverAuth from leaf to root, the signing CA's needs clientAuth, or any, or no list at all. A signing CA with serverAuth alone looks right and breaks every agent."},
	{RootExtendedUsage, Usage, "the root has extended key usages", "Verifiers differ in whether they heed those of an anchor. Both usages are there, so nothing breaks; a root is best without any."},
	{ChainRefused, Usage, "Go refuses the chain", "Go's crypto/x509, which agents and relay server verify with, refuses it, and none of the other checks explains that. The message is Go's own: certificate policies that exclude each other, a signature that nobody can check, a search that grew too long."},
	{UsageAny, Usage, "an extended key usage of any alone", "Go takes anyExtendedKeyUsage for every usage. OpenSSL and BoringSSL look for serverAuth or clientAuth by name, so clients that are built on them refuse the certificate. Name both usages."},
	{UsageEmpty, Usage, "a key usage, or an extended one, that is empty", "RFC 5280 4.2.1.3 and 4.2.1.12 want at least one. Go takes an empty list for no list, OpenSSL for one that allows nothing. Name the usages, or leave the extension out."},
	{CriticalUnknown, Usage, "a critical extension that verifiers do not know", "A verifier must refuse a certificate with a critical extension it cannot handle (RFC 5280 4.2). Go refuses this one."},
}
