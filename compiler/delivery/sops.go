package delivery

import (
	"encoding/json"
	"fmt"

	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/sops"
)

// SopsSuffix ends the names of files whose Secrets are encrypted with SOPS: creation rules and people know them by it.
const SopsSuffix = ".sops.yaml"

// asSops writes a Secret as SOPS does: the whole manifest, in which the private value alone is encrypted. kubectl refuses to
// apply one as it is.
func asSops(p *plan.Plan, l *lockfile.File, r product.Role, c Ciphertext, s lockfile.Sealed, public map[string][]byte) (string, manifest.Object, error) {
	sealed, ok := readSops(s)
	if !ok {
		return "", manifest.Object{}, nil
	}
	o := secret(p, l, r, public)
	o.Data[c.Key], o.Sops = sealed.Value, sealed.Metadata(c.Key)
	return r.Secret + SopsSuffix, o, nil
}

// readSops is what a record says; false where it is none of SOPS.
func readSops(s lockfile.Sealed) (sops.Sealed, bool) {
	var sealed sops.Sealed
	ok := json.Unmarshal(s.Text, &sealed) == nil && sealed.Check() == nil
	return sealed, ok
}

// Open gives the private value of a ciphertext of SOPS; nil for none.
type Open func(c Ciphertext, s sops.Sealed) ([]byte, error)

// Opened is Of with the Secrets of SOPS in plain, for what never leaves memory. Where there is no value, what is public of a
// Secret stays; a token's Secret, of which nothing is, is left out.
func Opened(p *plan.Plan, l *lockfile.File, open Open) (Parts, error) {
	if p.Sops == nil {
		return Of(p, l), nil
	}
	parts, err := inGit(p, l, func(p *plan.Plan, l *lockfile.File, r product.Role, c Ciphertext, s lockfile.Sealed, public map[string][]byte) (string, manifest.Object, error) {
		sealed, ok := readSops(s)
		if !ok {
			return "", manifest.Object{}, nil
		}
		value, err := open(c, sealed)
		if err != nil {
			return "", manifest.Object{}, fmt.Errorf("%s, for %s: %w", c.What, c.Audience.Place(), err)
		}
		if value == nil && r.Role == product.Token {
			return "", manifest.Object{}, nil
		}
		data := map[string][]byte{}
		for key, v := range public {
			data[key] = v
		}
		if value != nil {
			data[c.Key] = value
		}
		return r.Secret + SopsSuffix, secret(p, l, r, data), nil
	})
	if err != nil {
		return parts, err
	}
	opened, own := map[string][]File{}, parts.own // what cannot be opened is told here, and not when it is written
	for _, c := range p.Remotes {
		if c.Audience == nil {
			continue
		}
		if _, known := opened[c.Audience.Digest]; known {
			continue
		}
		if opened[c.Audience.Digest], err = own(*c.Audience); err != nil {
			return parts, err
		}
	}
	parts.own = func(a plan.Audience) ([]File, error) { return opened[a.Digest], nil }
	parts.certificates(p)
	return parts, nil
}
