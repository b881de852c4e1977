package issue

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"runtime"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"relayform/compiler/delivery"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/sops"
	"relayform/schema/diag"
)

// Sealing is a private value that must be encrypted for the clusters that receive it from git.
type Sealing struct {
	delivery.Ciphertext
	Reason string
}

// String names the value and its audience.
func (s Sealing) String() string { return s.What + ", for " + s.Audience.Place() }

// sealings lists the private values that git must contain and of which the lockfile has no record or, with again, all that it must contain.
func sealings(p *plan.Plan, l *lockfile.File, again bool) []Sealing {
	var lacking []Sealing
	why := reasons(p, l)
	for _, c := range delivery.Ciphertexts(p, l) {
		if again {
			lacking = append(lacking, Sealing{c, "its renewal was asked for"})
		} else if _, ok := delivery.Recorded(p, l, c); !ok {
			lacking = append(lacking, Sealing{c, why(c)})
		}
	}
	return lacking
}

// reasons says what the lockfile has instead of a ciphertext.
func reasons(p *plan.Plan, l *lockfile.File) func(delivery.Ciphertext) string {
	type read struct{ holds, by string }
	held, known := map[string]bool{}, map[read]bool{}
	for _, s := range l.Sealed {
		held[s.Holds], known[read{s.Holds, s.For}] = true, true
	}
	return func(c delivery.Ciphertext) string {
		_, recorded := l.FindSealed(c.Holds, c.Audience.Digest, c.Bound)
		switch {
		case recorded:
			return "the record cannot be read"
		case known[read{c.Holds, c.Audience.Digest}]:
			return "sealed for another namespace or scope"
		case held[c.Holds] && p.SealedSecrets != nil:
			return "sealed for other certificates"
		case held[c.Holds]:
			return "sealed for other recipients"
		}
		return "not encrypted yet"
	}
}

// SealingError means that private values would have to be encrypted, but that is forbidden or their keys are not available.
type SealingError struct {
	Sealings []Sealing
	Err      error // why keys are not available; nil if issuing is forbidden
}

// Error has one line per value and reason.
func (e *SealingError) Error() string {
	var lines []string
	for _, line := range InWords(e.Sealings) {
		lines = append(lines, line+"; compile where the keys are")
	}
	if e.Err != nil {
		lines = append(lines, e.Err.Error())
	}
	return strings.Join(lines, "\n")
}

// InWords returns one line per value and reason, with the first of its audiences: 10,000 clusters may have the same.
func InWords(sealings []Sealing) []string {
	var lines []string
	for i := 0; i < len(sealings); {
		s, same := sealings[i], i+1
		for same < len(sealings) && sealings[same].What == s.What && sealings[same].Reason == s.Reason {
			same++
		}
		who := s.String()
		if n := same - i - 1; n > 0 {
			who += fmt.Sprintf(" and %d more", n)
		}
		lines = append(lines, who+": "+s.Reason)
		i = same
	}
	return lines
}

// Unwrap returns why keys are not available.
func (e *SealingError) Unwrap() error { return e.Err }

// seal encrypts what the lockfile lacks, and drops records that are no longer needed.
func (o *Order) seal(made *Issued) error {
	if made.Sealed = o.Seal; len(o.Due) > 0 {
		made.Sealed = sealings(o.plan, made.Lock, o.again)
	}
	var values map[string][]byte
	if len(made.Sealed) > 0 { // do not read thousands of keys for nothing
		var err error
		if values, err = o.values(made); err != nil {
			return err
		}
	}
	records := make([]lockfile.Sealed, len(made.Sealed))
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for i, s := range made.Sealed {
		work.Go(func() (err error) {
			records[i], err = encrypt(o.plan, s.Ciphertext, values[s.Value], o.world.Now)
			return err
		})
	}
	if err := work.Wait(); err != nil {
		return err
	}
	keeps := delivery.Keeps(o.plan, made.Lock)
	for _, s := range made.Lock.Sealed {
		if keeps(s) {
			records = append(records, s) // kept records follow their replacements
		}
	}
	if len(made.Sealed) > 0 || len(records) < len(made.Lock.Sealed) {
		made.Lock = made.Lock.WithSealed(records)
	}
	return nil
}

// values returns the private values to encrypt, by file: those just issued, and others from the key store.
func (o *Order) values(made *Issued) (map[string][]byte, error) {
	values := map[string][]byte{}
	for _, key := range made.Keys {
		spki, err := pki.SPKI(key.Public())
		if err != nil {
			return nil, err
		}
		if values[lockfile.KeyFile(spki)], err = pki.MarshalKey(key); err != nil {
			return nil, err
		}
	}
	for _, a := range made.Agents {
		spki, err := pki.SPKI(a.Key.Public())
		if err != nil {
			return nil, err
		}
		if values[lockfile.AgentKeyFile(a.Cluster, spki)], err = pki.MarshalKey(a.Key); err != nil {
			return nil, err
		}
	}
	if made.Token != nil {
		values[lockfile.TokenFile(lockfile.TokenDigest(made.Token))] = made.Token
	}
	for _, s := range made.Sealed {
		if values[s.Value] != nil {
			continue
		}
		value, err := o.world.Private(s.Value)
		if err != nil {
			return nil, &SealingError{made.Sealed, err}
		}
		values[s.Value] = value
	}
	return values, nil
}

// expired refuses expired controller certificates. Values already encrypted to one can still be decrypted.
func expired(p *plan.Plan, sealings []Sealing, now time.Time) error {
	var faults diag.List
	seen := map[string]bool{}
	for _, s := range sealings {
		c := s.Audience.Certificate
		if c == nil || !c.Expired(now) || seen[s.Audience.Digest] {
			continue
		}
		seen[s.Audience.Digest] = true
		faults = append(faults, p.Doc.Fault(s.Audience.At, diag.SealingCert.Fault(
			fmt.Sprintf("the certificate has expired, on %s, and %s has to be sealed with it", pki.Day(c.NotAfter), s.What),
			"fetch the controller's newest: kubeseal --fetch-cert > FILE")))
	}
	return faults.Err()
}

// encrypt encrypts a private value and returns its record.
func encrypt(p *plan.Plan, c delivery.Ciphertext, value []byte, now time.Time) (lockfile.Sealed, error) {
	var made any
	var err error
	if p.Sops != nil {
		made, err = sops.Seal(c.Key, value, c.Audience.Recipients, rand.Reader, now)
	} else {
		made, err = c.Audience.Certificate.Seal(c.Bound, value, rand.Reader)
	}
	if err != nil {
		return lockfile.Sealed{}, fmt.Errorf("%s: %w", c.What, err)
	}
	text, err := json.Marshal(made)
	return lockfile.Sealed{Holds: c.Holds, For: c.Audience.Digest, Bound: c.Bound, Text: text}, err
}

// foretold returns a lockfile with the same placeholder ciphertext for each one that is still to be created.
func foretold(p *plan.Plan, l *lockfile.File) (*lockfile.File, error) {
	records, words := l.Sealed, map[string]lockfile.Sealed{}
	for _, s := range sealings(p, l, false) {
		word, known := words[s.Key]
		if !known {
			var err error
			if word, err = encrypt(p, s.Ciphertext, []byte("due"), time.Unix(0, 0)); err != nil {
				return nil, err
			}
			words[s.Key] = word
		}
		records = append(records[:len(records):len(records)], lockfile.Sealed{Holds: s.Holds, For: s.Audience.Digest, Bound: s.Bound, Text: word.Text})
	}
	return l.WithSealed(records), nil
}
