package diag

// Code is the stable name of a kind of fault.
type Code string

// Fault is what is wrong, what was wanted, and what to do about it, wherever that is said.
type Fault struct {
	Code Code `json:"code" jsonschema:"The stable name of the kind of fault; relayform explain CODE explains it."`
	// Message says what is wrong and what was wanted. No capital at the start, no period at the end.
	Message string `json:"message" jsonschema:"What is wrong and what was wanted."`
	// Hint says what to do, where that does not follow from Message.
	Hint string `json:"hint,omitempty" jsonschema:"What to do, if the message does not say so."`
}

// Fault returns a fault of this kind.
func (c Code) Fault(message, hint string) *Fault { return &Fault{c, message, hint} }

// At returns the fault with a position before its message.
func (f *Fault) At(place string) *Fault { return f.Code.Fault(place+": "+f.Message, f.Hint) }

// Error returns the message, followed by the hint.
func (f *Fault) Error() string {
	if f.Hint == "" {
		return f.Message
	}
	return f.Message + "; " + f.Hint
}

// Codes of faults. A code never changes its meaning.
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
	NoMutualTLS     Code = "no-mutual-tls"
	ProxyHeader     Code = "proxy-header"
	Validity        Code = "validity"
	BadLockfile     Code = "bad-lockfile"
	BadSealed       Code = "bad-sealed"
	NoRecipient     Code = "no-recipient"
	SealingCert     Code = "sealing-certificate"
	LockMissing     Code = "lock-missing"
	LockMismatch    Code = "lock-mismatch"
	RootChanged     Code = "root-changed"
	RotationPhase   Code = "rotation-phase"
	NotRenewable    Code = "not-renewable"
	LimitExceeded   Code = "limit-exceeded"
	KeysExposed     Code = "keys-exposed"
	Policy          Code = "policy"
	BadPolicy       Code = "bad-policy"
	NotAdopted      Code = "not-adopted"
	NotDone         Code = "not-done"
)
