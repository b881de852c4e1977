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
			f.fault(c.Name, "add the Secret with its private key, or leave the cluster out: --without "+c.Name, "Secret %s is missing, and in this mesh the relay server signs no agents' certificates", name)
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
			f.added(c, s, keys.CA)
			continue
		}
		anchors = group(anchors, string(s.Data[keys.CA]), c.Name)
		for _, x := range f.certificates(s, keys.CA) {
			if pki.SelfIssued(x) && !slices.ContainsFunc(f.mesh.Trust.Anchors, x.Equal) {
				f.fault(where, "all Secrets of a topology must hold the same roots: remove this one, or add it to Secret "+f.mesh.Product.Secret(pki.Root)+" in every cluster first",
					"%s holds the root %s, which is not in Secret %s", keys.CA, fingerprint(x), f.mesh.Product.Secret(pki.Root))
			}
		}
	}
	switch {
	case len(types) > 1:
		f.fault("", "recreate them with the type Opaque", "Secret %s has different types: %s", name, inWords(types, func(t string) string { return t }))
	case len(types) == 1 && types[0].text == "kubernetes.io/tls":
		f.mesh.Trust.Types[pki.Agent] = types[0].text
	case len(types) == 1 && types[0].text != lockfile.SecretType:
		f.fault("", "recreate them with the type Opaque", "the type of Secret %s is %s, which relayform does not write; an apply cannot change a Secret's type", name, types[0].text)
	}
	switch {
	case len(anchors) > 1 && !f.answers.Rewrite:
		f.fault("", rewriteHint, "%s of Secret %s differs: SHA-256 %s", keys.CA, name, inWords(anchors, short))
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
		f.fault(where, "give the Secret with its private key, neither masked nor omitted", "%s is missing", keys.Key)
		return Held{}, false
	case err != nil:
		f.fault(where, "", "%s: %v", keys.Key, err)
		return Held{}, false
	}
	spki, err := pki.SPKI(key.Public())
	if err != nil || spki != pki.KeyOf(certs[0]) {
		f.fault(where, "this Secret does not work: "+keys.Key+" must be the key of the first certificate in "+keys.Cert, "the private key does not belong to the first certificate, %s", pki.SubjectOf(certs[0]))
		return Held{}, false
	}
	return Held{certs, s.Data[keys.Key], spki}, true
}
