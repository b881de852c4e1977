package diag

// Code is the stable name of a kind of fault.
type Code string

// The kinds of fault. A code never changes its meaning.
const (
	Encoding        Code = "encoding"
	BadCharacter    Code = "bad-character"
	YAMLSyntax      Code = "yaml-syntax"
	DuplicateKey    Code = "duplicate-key"
	UnsupportedYAML Code = "unsupported-yaml"
	UnknownKey      Code = "unknown-key"
	MissingKey      Code = "missing-key"
	WrongType       Code = "wrong-type"
	BadValue        Code = "bad-value"
	OneOf           Code = "one-of"
	Clash           Code = "clash"
	BadAddress      Code = "bad-address"
	BadAuthority    Code = "bad-authority"
	BadPath         Code = "bad-path"
	BadFile         Code = "bad-file"
	PrivateMaterial Code = "private-material"
	BadCertificate  Code = "bad-certificate"
	BadPatch        Code = "bad-patch"
	BadComponent    Code = "bad-component"
	TLSEndsEarly    Code = "tls-ends-early"
	Validity        Code = "validity"
	BadLockfile     Code = "bad-lockfile"
	LockMismatch    Code = "lock-mismatch"
	RootChanged     Code = "root-changed"
	RotationPhase   Code = "rotation-phase"
	NotRenewable    Code = "not-renewable"
	LimitExceeded   Code = "limit-exceeded"
	KeysExposed     Code = "keys-exposed"
)
