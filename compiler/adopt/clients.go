package adopt

import (
	"bytes"
	"slices"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// ClientsFolder is the folder of agents' certificates, next to the topology.
const ClientsFolder = PKIFolder + "/clients"

// given reports whether agents are given their certificates, so that the relay server signs none.
func (f *finder) given() bool { return f.mesh.Product.Role(pki.Agent).Own }

// agents returns the clusters that run an agent.
func (f *finder) agents() []*Cluster {
	all := f.clusters()
	if !f.mesh.Agent {
		all = all[1:]
	}
	return all
}

// clients reads the certificates that agents were given.
func (f *finder) clients() {
	if !f.given() {
		return
	}
	keys, name := f.mesh.Product.Keys, f.mesh.Product.Client()
	f.mesh.Trust.Clients = map[string]Held{}
	var types, anchors []sameIn
	for _, c := range f.agents() {
		s := c.Secret(Client)
		if s == nil {
			f.fault(c.Name, "give the Secret, with its private key; or leave the cluster out: --without "+c.Name, "it holds no Secret %s, and the relay server signs no agent's certificate in this mesh", name)
			continue
		}
		where := s.At + ": Secret " + s.Name
		if h, ok := f.keyPair(where, s); ok {
			f.mesh.Trust.Clients[c.Name] = h
		}
		of := s.Type
		if of == "" {
			of = lockfile.SecretType
		}
		types = group(types, of, c.Name)
		if len(s.Data[keys.CA]) == 0 {
			f.added(where, keys.CA)
			continue
		}
		anchors = group(anchors, string(s.Data[keys.CA]), c.Name)
		for _, x := range f.certificates(s, keys.CA) {
			if pki.SelfIssued(x) && !slices.ContainsFunc(f.mesh.Trust.Anchors, x.Equal) {
				f.fault(where, "all Secrets of a topology hold the same roots: take it out, or bring it into Secret "+f.mesh.Product.Secret(pki.Root)+" of every cluster first",
					"%s holds the root %s, which Secret %s does not", keys.CA, fingerprint(x), f.mesh.Product.Secret(pki.Root))
			}
		}
	}
	switch {
	case len(types) > 1:
		f.fault("", "make them again with the type Opaque", "the Secrets %s are of different types: %s", name, inWords(types, func(t string) string { return t }))
	case len(types) == 1 && types[0].text == "kubernetes.io/tls":
		f.mesh.Trust.Types[pki.Agent] = types[0].text
	case len(types) == 1 && types[0].text != lockfile.SecretType:
		f.fault("", "make them again with the type Opaque", "the type of the Secrets %s is %s, which relayform does not write, and which no apply can change", name, types[0].text)
	}
	switch {
	case len(anchors) > 1 && !f.answers.Rewrite:
		f.fault("", rewriteHint, "%s of Secret %s holds other bytes: SHA-256 %s", keys.CA, name, inWords(anchors, short))
	case len(anchors) > 0:
		f.mesh.Trust.text(pki.Agent, keys.CA, anchors[0].text)
	}
}

// keyPair reads a certificate with its private key.
func (f *finder) keyPair(where string, s *Secret) (Held, bool) {
	keys := f.mesh.Product.Keys
	certs := f.certificates(s, keys.Cert)
	key, err := pki.ParseKey(s.Data[keys.Key])
	switch {
	case len(certs) == 0:
		return Held{}, false
	case len(bytes.TrimSpace(s.Data[keys.Key])) == 0:
		f.fault(where, "give the Secret with its private key: what is masked or left out cannot be adopted", "it has no %s", keys.Key)
		return Held{}, false
	case err != nil:
		f.fault(where, "", "%s: %v", keys.Key, err)
		return Held{}, false
	}
	spki, err := pki.SPKI(key.Public())
	if err != nil || spki != pki.KeyOf(certs[0]) {
		f.fault(where, "this Secret does not work; put its own key beside the certificate, which has to come first", "the private key does not belong to the first certificate, %s", pki.SubjectOf(certs[0]))
		return Held{}, false
	}
	return Held{certs, s.Data[keys.Key], spki}, true
}
