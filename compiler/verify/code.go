package verify

import (
	"cmp"
	"embed"
	"slices"
	"sync"

	"relayform/schema/diag"
)

//go:embed codes
var codes embed.FS

// Explanations lists every code of a report, by check.
var Explanations = sync.OnceValue(func() diag.Explanations {
	all := diag.ReadExplanations(codes)
	at := func(e diag.Explanation) int { return slices.Index(Checks, Check(e.Group)) }
	slices.SortStableFunc(all, func(a, b diag.Explanation) int { return cmp.Compare(at(a), at(b)) })
	return all
})

// Check is a column of the table: something that is checked in every cluster.
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
	Change   Check = "change"
)

// Checks are those made of the material; comparing clusters with a lockfile adds Drift, and comparing with what they will receive adds
// Change.
var Checks = []Check{Secrets, Trust, Chains, Names, Usage, Form, Validity, Tokens, TLS}

// Codes about the contents of Secrets.
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
	NamespaceDiffers diag.Code = "namespace-differs"
	Unregistered     diag.Code = "cluster-unregistered"
	ValuesDiffer     diag.Code = "values-differ"
	ValueIgnored     diag.Code = "value-ignored"
	TokensDiffer     diag.Code = "tokens-differ"
	TokenWhitespace  diag.Code = "token-whitespace"
	TokenWeak        diag.Code = "token-weak"
)

// Codes about chains, names and usages.
const (
	NoRelayAddress     diag.Code = "no-relay-address"
	NoTelemetryAddress diag.Code = "no-telemetry-address"
	ChainIncomplete    diag.Code = "chain-incomplete"
	IssuerStrays       diag.Code = "issuer-strays"
	IssuerTells        diag.Code = "issuer-tells-another"
	IssuerReplaced     diag.Code = "issuer-replaced"
	LeafNotFirst       diag.Code = "leaf-not-first"
	ChainDisordered    diag.Code = "chain-disordered"
	RootInChain        diag.Code = "root-in-chain"
	StrayInChain       diag.Code = "stray-in-chain"
	AuthorityUncovered diag.Code = "authority-uncovered"
	AuthorityWildcard  diag.Code = "authority-wildcard"
	DNSNameUncovered   diag.Code = "dns-name-uncovered"
	NoSAN              diag.Code = "san-missing"
	SigningServes      diag.Code = "signing-serves"
	ClientName         diag.Code = "client-name"
	NameConstraints    diag.Code = "name-constraints"
	ServerIsCA         diag.Code = "server-is-ca"
	ClientIsCA         diag.Code = "client-is-ca"
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

// Codes about a certificate's form and validity.
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
	ClientShort       diag.Code = "client-ends-soon"
)

// Codes about handshakes, and what was observed on clusters and on the wire.
const (
	HandshakeFailed diag.Code = "handshake-failed"
	DriftDifferent  diag.Code = "drift-different"
	DriftOlder      diag.Code = "drift-older"
	DriftBytes      diag.Code = "drift-bytes"
	ReleaseDiffers  diag.Code = "release-differs"
	ChartGeneration diag.Code = "chart-generation"
	ForeignTrust    diag.Code = "foreign-trust"
	AgentCutOff     diag.Code = "agent-cut-off"
	PhaseNotHeld    diag.Code = "phase-not-held"
	OwnedElsewhere  diag.Code = "owned-elsewhere"
	DialNoTLS       diag.Code = "dial-no-tls"
	DialForeign     diag.Code = "dial-foreign"
	DialOther       diag.Code = "dial-other"
	DialNoHTTP2     diag.Code = "dial-no-http2"
)
