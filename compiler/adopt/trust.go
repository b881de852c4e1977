package adopt

import (
	"bytes"
	"crypto/sha256"
	"crypto/x509"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/product"
)

const rewriteHint = "make them the same first; or give --rewrite, and the first apply writes the management cluster's bytes, with the same certificates, into these Secrets"

// trust parses the Secrets, and compares those of all clusters.
func (f *finder) trust() {
	t := &f.mesh.Trust
	t.Chains, t.Texts, t.Types = map[pki.Role][]*x509.Certificate{}, map[pki.Role]map[string]string{}, map[pki.Role]string{}
	t.Keys = map[string][]byte{}
	f.bundles()
	f.tokens()
	for _, role := range []pki.Role{pki.Server, pki.Signing} {
		if f.mesh.Product.Has(role) {
			f.pair(role)
		}
	}
	f.clients()
	for _, c := range f.clusters() {
		var kept []string
		for i := range c.Secrets {
			if s := &c.Secrets[i]; !f.agentsOwn(s) {
				if keys := f.around(c, s); len(keys) > 0 {
					kept = append(kept, listed(keys)+" of Secret "+s.Name)
				}
			}
		}
		if len(kept) > 0 {
			f.warnIn(c.Name, "an apply keeps %s, which relayform does not write", strings.Join(kept, ", and "))
		}
		f.writers(c)
	}
	f.strangers()
}

// bundles finds the anchors, which must be the same in all clusters, and their text.
func (f *finder) bundles() {
	key := f.mesh.Product.Keys.CA
	var trusted, texts []sameIn
	var without []string
	certs := map[string][]*x509.Certificate{}
	for _, c := range f.clusters() {
		s := c.Secret(pki.Root)
		if s == nil {
			without = append(without, c.Name)
			continue
		}
		text := string(s.Data[key])
		if _, known := certs[text]; !known {
			certs[text] = f.certificates(s, key)
		}
		trusted = group(trusted, prints(certs[text]), c.Name)
		texts = group(texts, text, c.Name)
	}
	switch {
	case len(f.faults) > 0:
		return
	case len(trusted) == 0:
		f.fault("", "add the Secrets of the remotes", "no cluster holds Secret %s", f.mesh.Product.Secret(pki.Root))
		return
	case len(trusted) > 1:
		f.fault("", "all clusters of a topology must trust the same roots: make them the same first (in a rotation of the root, if agents are connected), or leave clusters out with --without",
			"clusters trust different roots in Secret %s: %s", f.mesh.Product.Secret(pki.Root), inWords(trusted, func(t string) string { return t }))
		return
	case len(texts) > 1 && !f.answers.Rewrite:
		f.fault("", rewriteHint, "Secret %s holds the same certificates in different bytes: SHA-256 %s", f.mesh.Product.Secret(pki.Root), inWords(texts, short))
		return
	case len(texts) > 1:
		for _, g := range texts[1:] {
			f.warn("the first apply rewrites Secret %s in %s: the same certificates, different bytes", f.mesh.Product.Secret(pki.Root), named(g.clusters))
		}
	}
	if len(without) > 0 {
		f.warn("%s no Secret %s; the first apply creates it", have(without), f.mesh.Product.Secret(pki.Root))
	}
	f.mesh.Trust.Anchors = certs[texts[0].text]
	f.mesh.Trust.text(pki.Root, key, texts[0].text)
}

// certificates parses a key of a Secret, every block of which must be readable.
func (f *finder) certificates(s *Secret, key string) []*x509.Certificate {
	where := s.At + ": Secret " + s.Name
	c := pki.ReadPEM(s.Data[key])
	switch {
	case len(s.Data[key]) == 0:
		f.fault(where, "", "%s is missing", key)
	case len(c.Keys)+c.Encrypted > 0:
		f.fault(where, "remove it, and replace the certificate of this key", "a private key is among the certificates of %s", key)
	case len(c.Unreadable) > 0:
		f.fault(where, "", "%s: %s", key, c.Unreadable[0].Message)
	case len(c.Certificates) == 0:
		f.fault(where, "", "no certificate in %s", key)
	case lockfile.Plain(s.Data[key]) != nil && !f.answers.Rewrite:
		f.fault(where, "remove it; or give --rewrite, and the first apply removes it", "%s: %v", key, lockfile.Plain(s.Data[key]))
	}
	return c.Certificates
}

// text stores a Secret's value byte for byte.
func (t *Trust) text(role pki.Role, key, text string) {
	if t.Texts[role] == nil {
		t.Texts[role] = map[string]string{}
	}
	t.Texts[role][key] = text
}

// tokens finds the identity token, which must be the same in all clusters.
func (f *finder) tokens() {
	p := f.mesh.Product
	if !p.Has(product.Token) {
		return
	}
	var groups []sameIn
	var without []string
	for _, c := range f.clusters() {
		s := c.Secret(product.Token)
		switch {
		case s == nil:
			without = append(without, c.Name)
		case len(bytes.TrimSpace(s.Data[p.Keys.Token])) == 0:
			f.fault(s.At+": Secret "+s.Name, "", "%s is missing", p.Keys.Token)
		default:
			groups = group(groups, string(s.Data[p.Keys.Token]), c.Name)
		}
	}
	switch {
	case len(f.faults) > 0:
	case len(groups) > 1:
		f.fault("", "a mesh has one token: copy the management cluster's to the others (connected agents do not read it), or leave clusters out with --without",
			"clusters hold different tokens in Secret %s: SHA-256 %s", p.Secret(product.Token), inWords(groups, short))
	case len(groups) == 0:
		f.warn("no cluster holds Secret %s: relayform creates a token, and the first apply writes it. Only agents without a certificate need it", p.Secret(product.Token))
	default:
		f.mesh.Trust.Token = []byte(groups[0].text)
		if len(without) > 0 {
			f.warn("%s no Secret %s; the first apply creates it", have(without), p.Secret(product.Token))
		}
	}
}

func have(names []string) string {
	if len(names) == 1 {
		return named(names) + " has"
	}
	return named(names) + " have"
}

// pair parses a certificate with its key and the anchors next to it.
func (f *finder) pair(role pki.Role) {
	keys := f.mesh.Product.Keys
	s := f.mesh.Management.Secret(role)
	if s == nil {
		f.fault(f.mesh.Management.Context, "", "Secret %s is missing", f.mesh.Product.Secret(role))
		return
	}
	where := s.At + ": Secret " + s.Name
	h, ok := f.keyPair(where, s)
	if !ok {
		return
	}
	certs, spki := h.Certificates, h.SPKI
	t := &f.mesh.Trust
	if other, ok := t.Keys[spki]; ok && !bytes.Equal(other, s.Data[keys.Key]) {
		f.fault(where, "write both keys in the same encoding", "its private key is the server's, but in a different encoding")
		return
	}
	t.Chains[role], t.Keys[spki] = certs, s.Data[keys.Key]
	t.text(role, keys.Cert, string(s.Data[keys.Cert]))
	switch s.Type {
	case "", lockfile.SecretType:
	case "kubernetes.io/tls":
		t.Types[role] = s.Type
	default:
		f.fault(where, "recreate it with the type Opaque", "its type is %s, which relayform does not write; an apply cannot change a Secret's type", s.Type)
	}
	if len(s.Data[keys.CA]) == 0 {
		f.added(&f.mesh.Management, s, keys.CA)
		return
	}
	t.text(role, keys.CA, string(s.Data[keys.CA]))
	for _, c := range f.certificates(s, keys.CA) {
		switch {
		case len(t.Anchors) == 0: // already reported
		case slices.ContainsFunc(t.Anchors, c.Equal), slices.ContainsFunc(t.More, c.Equal):
		case pki.SelfIssued(c):
			f.fault(where, "all Secrets of a topology must hold the same roots: remove this one, or add it to Secret "+f.mesh.Product.Secret(pki.Root)+" in every cluster first", "%s holds the root %s, which is not in Secret %s", keys.CA, fingerprint(c), f.mesh.Product.Secret(pki.Root))
		default:
			t.More = append(t.More, c)
		}
	}
}

// added reports a key that relayform would add to a Secret.
func (f *finder) added(c *Cluster, s *Secret, key string) {
	if !f.answers.Rewrite {
		f.fault(s.At+": Secret "+s.Name, "add it first; or give --rewrite, and the first apply adds it", "%s is missing, and relayform would add it", key)
		return
	}
	f.warnIn(c.Name, "the first apply adds %s to Secret %s", key, s.Name)
}

// agentsOwn reports whether a Secret is the agent's own, which relayform does not write.
func (f *finder) agentsOwn(s *Secret) bool { return s.Role == Client && !f.given() }

// around reports a Secret's type and additional keys. It returns those that an apply keeps.
func (f *finder) around(c *Cluster, s *Secret) (kept []string) {
	where := s.At + ": Secret " + s.Name
	known := map[pki.Role][]string{pki.Root: {f.mesh.Product.Keys.CA}, product.Token: {f.mesh.Product.Keys.Token}}[s.Role]
	if known == nil {
		known = []string{f.mesh.Product.Keys.CA, f.mesh.Product.Keys.Cert, f.mesh.Product.Keys.Key}
	}
	extra := slices.DeleteFunc(slices.Sorted(maps.Keys(s.Data)), func(key string) bool { return slices.Contains(known, key) })
	if len(extra) > 0 {
		kept = f.extra(c, where, s, extra)
	}
	if (s.Role == pki.Root || s.Role == product.Token) && s.Type != "" && s.Type != lockfile.SecretType {
		f.fault(where, "recreate it with the type Opaque", "its type is %s, which relayform does not write; an apply cannot change a Secret's type", s.Type)
	}
	return kept
}

// extra reports keys that relayform does not write. kubectl keeps them, unless an earlier apply added them. It returns the
// keys that are kept.
func (f *finder) extra(c *Cluster, where string, s *Secret, extra []string) (kept []string) {
	for _, key := range extra {
		signer, err := pki.ParseKey(s.Data[key])
		if err != nil {
			continue
		}
		if spki, err := pki.SPKI(signer.Public()); err == nil && slices.ContainsFunc(f.mesh.Trust.Anchors, func(c *x509.Certificate) bool { return pki.KeyOf(c) == spki }) {
			f.mesh.Trust.Keys[spki] = s.Data[key]
			f.warnIn(c.Name, "%s of Secret %s is the root's private key: whoever reads the Secret can issue certificates for this mesh. relayform stores the key in keys/; after a rotation of the root it is worthless", key, s.Name)
		}
	}
	var applied struct {
		Data       map[string]any `json:"data"`
		StringData map[string]any `json:"stringData"`
	}
	_ = json.Unmarshal([]byte(s.Annotations["kubectl.kubernetes.io/last-applied-configuration"]), &applied) // an invalid one added nothing
	for _, key := range extra {
		switch {
		case applied.Data[key] == nil && applied.StringData[key] == nil:
			kept = append(kept, key)
		case f.answers.Rewrite:
			f.warnIn(c.Name, "the first apply removes %s from Secret %s: an earlier kubectl apply wrote it, and relayform does not", key, s.Name)
		default:
			f.fault(where, "if nothing needs it, remove it first; or give --rewrite, and the first apply removes it", "an earlier kubectl apply wrote %s, which relayform does not write: the next apply would remove it", key)
		}
	}
	return kept
}

// prints returns the sorted fingerprints of certificates.
func prints(certs []*x509.Certificate) string {
	var all []string
	for _, c := range certs {
		all = append(all, fingerprint(c))
	}
	slices.Sort(all)
	return strings.Join(slices.Compact(all), "+")
}

// fingerprint returns the beginning of a certificate's SHA-256.
func fingerprint(c *x509.Certificate) string { return short(string(c.Raw)) }

func short(text string) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:8])
}
