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

// SopsSuffix is the suffix of files whose Secrets are encrypted with SOPS, for creation rules and people.
const SopsSuffix = ".sops.yaml"

// asSops writes a Secret as SOPS does: the whole manifest, in which only the private value is encrypted. kubectl refuses to apply it.
func asSops(p *plan.Plan, l *lockfile.File, r product.Role, c Ciphertext, s lockfile.Sealed, public map[string][]byte) (string, manifest.Object, error) {
	sealed, ok := readSops(s)
	if !ok {
		return "", manifest.Object{}, nil
	}
	o := secret(p, l, r, public)
	o.Data[c.Key], o.Sops = sealed.Value, sealed.Metadata(c.Key)
	return r.Secret + SopsSuffix, o, nil
}

// readSops returns a record's content; false if it is not for SOPS.
func readSops(s lockfile.Sealed) (sops.Sealed, bool) {
	var sealed sops.Sealed
	ok := json.Unmarshal(s.Text, &sealed) == nil && sealed.Check() == nil
	return sealed, ok
}

// Open decrypts a SOPS ciphertext; nil for no value.
type Open func(c Ciphertext, s sops.Sealed) ([]byte, error)

// Opened is Of with decrypted SOPS Secrets, for what never leaves memory. Without a value, the public part of a Secret stays; a token's
// Secret, which has none, is left out.
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
	opened, own := map[string][]File{}, parts.own // decrypt here, so that errors are not reported as late as when it is written
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
