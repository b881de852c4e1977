package compiler

import (
	"bytes"
	"crypto"
	"crypto/x509"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/issue"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/lockfile/locktest"
	"relayform/compiler/pki"
	"relayform/compiler/product"
)

const historyTopology = `apiVersion: relayform/v1
kind: Topology
name: demo
namespace: %s
management:
  name: mgmt-cluster
  authority: relay.example.com
  ingress: {istio: {}}
remotes:
  remote-cluster: {}
pki:
  %s
`

// history derives lockfiles from lockfiles, without a build folder.
type history struct {
	*testProject
	keys map[string]crypto.Signer
}

// step is a topology's change at one time.
type step struct {
	pki, namespace string
	options        Options
	renew          RenewOptions
}

// take returns the next lockfile, written and loaded again, and the error with which a compile would refuse the step.
func (h *history) take(l *lockfile.File, s step) (*lockfile.File, error) {
	h.Helper()
	text := fmt.Appendf(nil, historyTopology, s.namespace, s.pki)
	plan, err := h.project.Plan(text)
	if err != nil {
		h.Fatalf("%s: %v", text, err)
	}
	c := &compile{project: h.project, env: h.env(), options: s.options}
	world := c.world(nil)
	world.Key = func(spki string) (crypto.Signer, error) {
		if key := h.keys[spki]; key != nil {
			return key, nil
		}
		return nil, keystore.ErrNoKey
	}
	wish := issue.Wish{ReissueRoot: s.options.ReissueRoot}
	if s.renew.What != "" {
		wish.Renewal = &issue.Renewal{What: s.renew.What, Within: s.renew.Within, SameKey: s.renew.SameKey}
	}
	order, err := issue.Lacking(plan, l, world, wish)
	var made *issue.Issued
	if err == nil {
		made, err = c.get(plan, order)
	}
	if err != nil {
		if strings.Contains(err.Error(), "is inconsistent") {
			h.Errorf("%+v from %s: %v", s, state(l), err)
		}
		return nil, err
	}
	for _, key := range made.Keys {
		spki, err := pki.SPKI(key.Public())
		if err != nil {
			h.Fatal(err)
		}
		h.keys[spki] = key
	}
	return h.reloaded(made.Lock, s), nil
}

func (h *history) reloaded(l *lockfile.File, s step) *lockfile.File {
	h.Helper()
	text, err := l.Marshal()
	if err != nil {
		h.Fatal(err)
	}
	loaded, err := lockfile.Parse("topology.lock.yaml", text, product.Profiles[0])
	if err != nil {
		h.Fatalf("%+v: %v\n%s", s, err, text)
	}
	if again, err := loaded.Marshal(); err != nil || !bytes.Equal(text, again) {
		h.Fatalf("%+v: written again it differs (%v)", s, err)
	}
	return loaded
}

// state returns a lockfile's state without its numbers and keys: phases, sources and who issued what.
func state(l *lockfile.File) string {
	var b strings.Builder
	fmt.Fprintf(&b, "phase %q", l.Phase())
	if l.Rotation != nil {
		fmt.Fprintf(&b, " drains %t, aside %d", !l.Rotation.DrainUntil.IsZero(), len(l.Rotation.Aside))
	}
	for _, c := range l.Every() {
		name, _, _ := strings.Cut(c.Chain[0].Subject.CommonName, " g")
		fmt.Fprintf(&b, "; %s %s %q %s", c.Role, c.Source, name, c.Algorithm)
	}
	return b.String()
}

// TestEveryHistoryLoads tries from each lockfile every possible next topology, and again from the results, until no new state appears:
// every lockfile that relayform writes must load.
func TestEveryHistoryLoads(t *testing.T) {
	if !everyCase() {
		t.Skip("make long tries them all")
	}
	h := &history{newTestProject(t), map[string]crypto.Signer{}}
	sources := []string{"selfSigned: {keyAlgorithm: ecdsa%s}"}
	for _, name := range h.bringAll() {
		sources = append(sources, "external: {ca: "+name+"/ca.pem, server: {cert: "+name+"/server.pem, key: "+name+"/server.key}, signing: {cert: "+name+"/signing.pem, key: "+name+"/signing.key}%s}")
	}
	var steps []step
	for _, source := range sources {
		for _, phase := range []string{"", "distribute", "issue", "drain", "retire, agentsReissued: true", "distribute, agentsReissued: true"} {
			steps = append(steps, step{pki: fmt.Sprintf(source, at(phase)), namespace: "gloo-mesh"})
			if phase == "" {
				steps = append(steps, step{pki: fmt.Sprintf(source, ""), namespace: "gloo-mesh", options: Options{ReissueRoot: true}})
			}
		}
	}
	seen := map[string]bool{}
	taken := 0
	todo := []*lockfile.File{{Topology: "demo"}}
	for len(todo) > 0 {
		from := todo[0]
		todo = todo[1:]
		h.now = h.now.Add(day / 24)
		for _, s := range slices.Concat(steps, h.renewals(from)) {
			l, err := h.take(from, s)
			if err != nil {
				continue
			}
			taken++
			if !seen[state(l)] {
				seen[state(l)] = true
				todo = append(todo, l)
			}
		}
	}
	t.Logf("%d kinds of lockfile, %d steps", len(seen), taken)
	if len(seen) < 120 || taken < 1000 {
		t.Errorf("only %d kinds of lockfile, and %d steps", len(seen), taken)
	}
}

// renewals are the steps that keep the current PKI.
func (h *history) renewals(l *lockfile.File) []step {
	if l.Newest(pki.Root) == nil || l.Newest(pki.Root).Source != lockfile.SelfSigned {
		return nil
	}
	own := "selfSigned: {keyAlgorithm: ecdsa%s%s}"
	phase := at(string(l.Phase()))
	if l.Phase() != "" && l.Rotation.AgentsReissued {
		phase = at(string(l.Phase()) + ", agentsReissued: true")
	}
	return []step{
		{pki: h.exported(l, phase), namespace: "gloo-mesh"},
		{pki: fmt.Sprintf(own, "", phase), namespace: "gloo-mesh", renew: RenewOptions{What: "server"}},
		{pki: fmt.Sprintf(own, "", phase), namespace: "gloo-mesh", renew: RenewOptions{What: "signing", SameKey: true}},
		{pki: fmt.Sprintf(own, "", phase), namespace: "gloo-mesh", renew: RenewOptions{What: "token"}},
		{pki: fmt.Sprintf(own, "", phase), namespace: "mesh"},
		{pki: fmt.Sprintf(own, ", validity: {server: 87600h, signing: 87600h}", phase), namespace: "gloo-mesh"},
	}
}

// exported returns a PKI from relayform's root and signing CA, with a server certificate that was issued manually.
func (h *history) exported(l *lockfile.File, rotation string) string {
	h.Helper()
	root, signing := l.Newest(pki.Root), l.Newest(pki.Signing)
	key, err := pki.GenerateKey(pki.ECDSAP256)
	if err != nil {
		h.Fatal(err)
	}
	request := pki.Requests(pki.Facts{ECDSA: true, DNSNames: []string{"relay.example.com"}, Server: 1000 * time.Hour})[2]
	server, err := pki.Issue(request, "by hand", 1, key, &pki.Issuer{Certificate: root.Chain[0], Key: h.keys[root.SPKI]}, h.now)
	if err != nil {
		h.Fatal(err)
	}
	h.write("exported/ca.pem", pki.MarshalCertificates(root.Chain[0]))
	for name, pair := range map[string]struct {
		certs []*x509.Certificate
		key   crypto.Signer
	}{"signing": {signing.Chain, h.keys[signing.SPKI]}, "server": {[]*x509.Certificate{server}, key}} {
		h.write("exported/"+name+".pem", pki.MarshalCertificates(pair.certs...))
		if pair.key == nil { // an external one's stayed with its PKI
			continue
		}
		text, err := pki.MarshalKey(pair.key)
		if err != nil {
			h.Fatal(err)
		}
		h.write("exported/"+name+".key", text)
	}
	return "external: {ca: exported/ca.pem, server: {cert: exported/server.pem, key: exported/server.key}, signing: {cert: exported/signing.pem, key: exported/signing.key}" + rotation + "}"
}

// TestKeyAlgorithmsChange switches between algorithms, at once and by rotation.
func TestKeyAlgorithmsChange(t *testing.T) {
	h := &history{newTestProject(t), map[string]crypto.Signer{}}
	l := &lockfile.File{Topology: "demo"}
	for _, c := range []struct{ algorithm, rotation string }{
		{"ecdsa", ""}, {"rsa", ""}, {"ecdsa", "distribute"}, {"ecdsa", "issue"}, {"ecdsa", "drain"}, {"ecdsa", "retire, agentsReissued: true"},
		{"ecdsa", "drain"}, {"ecdsa", "issue"}, {"ecdsa", "distribute"}, {"ecdsa", "issue"}, {"ecdsa", "drain"}, {"ecdsa", "retire, agentsReissued: true"}, {"ecdsa", ""},
	} {
		h.now = h.now.Add(day)
		next, err := h.take(l, step{
			pki: "selfSigned: {keyAlgorithm: " + c.algorithm + at(c.rotation) + "}", namespace: "gloo-mesh", options: Options{ReissueRoot: c.rotation == ""},
		})
		if err != nil {
			t.Fatalf("%s, %s: %v", c.algorithm, c.rotation, err)
		}
		l = next
	}
}

// bringAll writes the files of external PKIs of every kind, in one folder each.
func (h *history) bringAll() []string {
	var names []string
	for name, files := range locktest.PKIs(h.TB) {
		for file, data := range files {
			h.write(name+"/"+file, data)
		}
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// TestSlowClocksTurnNothingBack enters the phases with a clock that is behind that of the first compile.
func TestSlowClocksTurnNothingBack(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	s.compile(own("distribute"))
	s.now = s.now.Add(-30 * time.Minute)
	s.compile(own("issue"))
	s.now = s.now.Add(-48 * time.Hour)
	s.compile(own("drain"))
	l := s.compile(own("retire, agentsReissued: true")).Lock
	if began := l.Newest(pki.Root).Chain[0].NotBefore; !l.Rotation.Since.Equal(began) {
		t.Errorf("retire since %s, and its root is valid from %s on", l.Rotation.Since, began)
	}
	s.compile(own(""))
}

// TestWhatWouldNotLoadIsNotWritten issues for a lockfile that was changed in memory.
func TestWhatWouldNotLoadIsNotWritten(t *testing.T) {
	h := &history{newTestProject(t), map[string]crypto.Signer{}}
	l, err := h.take(&lockfile.File{Topology: "demo"}, step{pki: own(""), namespace: "gloo-mesh"})
	if err != nil {
		t.Fatal(err)
	}
	c := &compile{project: h.project}
	if err := c.project.Loads(demo, l); err != nil {
		t.Error(err)
	}
	l.Certificates = l.Certificates[:2]
	if err := c.project.Loads(demo, l); err == nil || !strings.Contains(err.Error(), "is inconsistent") {
		t.Errorf("without a server: %v", err)
	}
}
