package compiler

import (
	"crypto"
	"crypto/rand"
	"crypto/x509"
	"fmt"
	"math/big"
	"runtime"
	"strconv"
	"testing"

	"golang.org/x/sync/errgroup"

	"relayform/compiler/issue"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/fixtures/measure"
)

// BenchmarkIssuingAgents compares issuing agents' certificates with only generating keys and signatures with crypto/x509: in parallel, with
// the same names and extensions.
func BenchmarkIssuingAgents(b *testing.B) {
	for _, n := range sizes {
		p := fleet(b, n)
		text := replaceOnce(b, read(b, p.Topology), "{keyAlgorithm: ecdsa}", "{keyAlgorithm: ecdsa, agents: issued}")
		topology, err := p.Plan(text)
		if err != nil {
			b.Fatal(err)
		}
		order := func() *issue.Order {
			o, err := issue.Lacking(topology, &lockfile.File{Topology: topology.Name}, issue.World{Now: fixtureTime, NewKey: pki.GenerateKey}, issue.Wish{})
			if err != nil {
				b.Fatal(err)
			}
			return o
		}
		var o *issue.Order
		issued := measure.Task{Name: "issue", Prepare: func() { o = order() }, Do: func() {
			if _, err := o.Get(); err != nil {
				b.Fatal(err)
			}
		}}
		made, err := order().Get()
		if err != nil {
			b.Fatal(err)
		}
		signer := made.Lock.Newest(pki.Signing)
		alone := measure.Task{Name: "keys-and-signatures", Do: func() { signAlone(b, topology, signer, keyOf(b, made.Keys, signer)) }}
		b.Run(strconv.Itoa(n), func(b *testing.B) { measure.Compare(b, issued, alone) })
	}
}

func keyOf(b *testing.B, keys []crypto.Signer, of *lockfile.Certificate) crypto.Signer {
	b.Helper()
	for _, key := range keys {
		if spki, err := pki.SPKI(key.Public()); err == nil && spki == of.SPKI {
			return key
		}
	}
	b.Fatal("no key of the signing CA")
	return nil
}

// signAlone generates a key for each agent, and a certificate that the signing CA signs, and keeps both.
func signAlone(b *testing.B, p *plan.Plan, signer *lockfile.Certificate, by crypto.Signer) {
	agents := p.Agents()
	keys, made := make([]crypto.Signer, len(agents)), make([][]byte, len(agents))
	var work errgroup.Group
	work.SetLimit(runtime.GOMAXPROCS(0))
	for i, c := range agents {
		work.Go(func() (err error) {
			if keys[i], err = pki.GenerateKey(pki.ECDSAP256); err != nil {
				return err
			}
			like := *signer.Chain[0]
			template := &x509.Certificate{
				SerialNumber: big.NewInt(int64(i + 1)), Subject: like.Subject, DNSNames: []string{c.Name}, NotBefore: like.NotBefore, NotAfter: like.NotAfter,
				KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: like.ExtKeyUsage, BasicConstraintsValid: true, SubjectKeyId: fmt.Appendf(nil, "%020d", i),
			}
			made[i], err = x509.CreateCertificate(rand.Reader, template, signer.Chain[0], keys[i].Public(), by)
			return err
		})
	}
	if err := work.Wait(); err != nil {
		b.Fatal(err)
	}
}
