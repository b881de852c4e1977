package compiler

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"testing"

	"golang.org/x/sync/errgroup"

	"relayform/compiler/issue"
	"relayform/compiler/lockfile"
	"relayform/compiler/overlay"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/fixtures/measure"
)

// storeFleet writes a fleet with a store in git and all its ciphertext recorded.
func storeFleet(b *testing.B, s store, remotes int, each bool) project.Project {
	b.Helper()
	p := project.New(filepath.Join(memory(b), "topology.yaml"), "", "")
	writeFleet(b, p.Topology, s, remotes, each)
	recompile(b, p)
	return p
}

// BenchmarkDeliver compiles into an empty folder what an engine in each cluster pulls, and compares that with writing the same bytes.
func BenchmarkDeliver(b *testing.B) {
	for _, f := range grownFleets {
		if f.deliver == "" || f.each {
			continue
		}
		b.Run(f.name, func(b *testing.B) {
			p := project.New(filepath.Join(memory(b), "topology.yaml"), "", "")
			f.write(b, p.Topology, 1000)
			recompile(b, p)
			tree := treeOf(b, p)
			bytes := 0
			for _, file := range tree {
				bytes += len(file.Data)
			}
			b.ReportMetric(float64(bytes)/1000, "bytes/cluster")
			b.ReportMetric(float64(len(tree))/1000, "files/cluster")
			againstFloor(b, p, tree)
		})
	}
}

// againstFloor compares a compile into an empty folder with writing the same bytes.
func againstFloor(b *testing.B, p project.Project, tree overlay.Tree) {
	removed := func(dir string) func() {
		return func() {
			if err := os.RemoveAll(dir); err != nil {
				b.Fatal(err)
			}
		}
	}
	measure.Compare(b,
		measure.Task{Name: "empty", Prepare: removed(p.Build), Do: func() {
			if r := recompile(b, p); len(r.Newly) > 0 {
				b.Fatal("something was encrypted")
			}
		}},
		measure.Task{Name: "floor", Prepare: removed(p.Build + ".floor"), Do: func() { writeFloor(b, p.Build+".floor", tree) }})
}

// BenchmarkStores compiles into an empty folder with each store in git, the ciphertext recorded, and compares that with writing the same
// bytes.
func BenchmarkStores(b *testing.B) {
	for _, s := range inGitStores {
		for _, each := range []bool{false, true} {
			name := map[bool]string{false: "one-audience", true: "an-audience-each"}[each]
			b.Run(s.name+"/"+name, func(b *testing.B) {
				p := storeFleet(b, s, 1000, each)
				againstFloor(b, p, treeOf(b, p))
			})
		}
	}
}

// BenchmarkFirstSealing encrypts the token for 10,000 controllers, each with its own certificate, and compares that with only its RSA
// operations.
func BenchmarkFirstSealing(b *testing.B) {
	const remotes = 10_000
	p := project.New(filepath.Join(memory(b), "topology.yaml"), "", "")
	writeFleet(b, p.Topology, inGitStores[1], remotes, true)
	recompile(b, p)
	c := &compile{project: p, env: Env{Now: fixtureTime, NewKey: pki.GenerateKey}}
	topology, l, err := c.load()
	if err != nil {
		b.Fatal(err)
	}
	store, err := c.openStore(topology)
	if err != nil {
		b.Fatal(err)
	}
	keys := sealingKeys(b, p, remotes)
	measure.Compare(b,
		sealingOf(b, topology, l.WithSealed(nil), issue.World{Now: fixtureTime, NewKey: pki.GenerateKey, Key: store.Key, Private: store.Private}),
		measure.Task{Name: "rsa", Do: func() {
			var work errgroup.Group
			work.SetLimit(runtime.GOMAXPROCS(0))
			for _, key := range keys {
				work.Go(func() error {
					_, err := rsa.EncryptOAEP(sha256.New(), rand.Reader, key, make([]byte, 32), []byte("gloo-mesh/relay-identity-token-secret"))
					return err
				})
			}
			if err := work.Wait(); err != nil {
				b.Fatal(err)
			}
		}})
}

// sealingOf encrypts everything for a lockfile without records.
func sealingOf(b *testing.B, p *plan.Plan, l *lockfile.File, w issue.World) measure.Task {
	var order *issue.Order
	return measure.Task{Name: "sealing", Prepare: func() {
		var err error
		if order, err = issue.Lacking(p, l, w, issue.Wish{}); err != nil {
			b.Fatal(err)
		}
	}, Do: func() {
		if made, err := order.Get(); err != nil || len(made.Sealed) < 10_000 || len(made.Done) > 0 {
			b.Fatal(err)
		}
	}}
}

// sealingKeys returns the RSA keys of a fleet's controllers.
func sealingKeys(b *testing.B, p project.Project, n int) []*rsa.PublicKey {
	b.Helper()
	var keys []*rsa.PublicKey
	for i := range n {
		c, err := pki.ParseCertificates(read(b, filepath.Join(p.Dir(), "sealing", fmt.Sprintf("%05d.pem", i))))
		if err != nil {
			b.Fatal(err)
		}
		keys = append(keys, c[0].PublicKey.(*rsa.PublicKey))
	}
	return keys
}
