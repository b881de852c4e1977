package compiler

import (
	"fmt"
	"testing"

	"relayform/compiler/issue"
	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
)

// TestWorkForGivenAgentsGrowsLinearly counts, for two sizes of fleet whose agents' certificates relayform issues, the changes to the file
// system by a first compile, and the bytes and objects allocated by operations on the whole fleet.
func TestWorkForGivenAgentsGrowsLinearly(t *testing.T) {
	if !everyCase() {
		t.Skip("make long counts it")
	}
	const small, factor = 150, 4
	counts := map[string]map[int]float64{}
	for _, n := range []int{small, small * factor} {
		note := func(what string, count float64) {
			if counts[what] == nil {
				counts[what] = map[int]float64{}
			}
			counts[what][n] = count
		}
		c := newCounted(t, n)
		c.write(t, replaceOnce(t, read(t, c.project.Topology), "{keyAlgorithm: ecdsa}", "{keyAlgorithm: ecdsa, agents: issued}"))
		note("changes of a first compile", float64(c.compile(t)))
		if again := c.compile(t); again != 0 {
			t.Errorf("a second compile of %d remotes makes %d changes", n, again)
		}
		plan, err := c.project.Plan(read(t, c.project.Topology))
		if err != nil {
			t.Fatal(err)
		}
		for what, do := range map[string]func() error{
			"issue": func() error {
				order, err := issue.Lacking(plan, &lockfile.File{Topology: plan.Name}, issue.World{Now: fixtureTime, NewKey: pki.GenerateKey}, issue.Wish{})
				if err == nil {
					_, err = order.Get()
				}
				return err
			},
			"compile": func() error { c.compile(t); return nil },
			"check":   func() error { _, err := Compile(c.project, Env{Now: fixtureTime}, Options{Check: true}); return err },
			"certs":   func() error { _, err := Certificates(c.project, Env{}, fixtureTime); return err },
			"verify":  func() error { _, err := Verify(c.project, Env{NewKey: pki.GenerateKey}, fixtureTime); return err },
		} {
			objects, bytes := allocated(t, do)
			note("objects of "+what, objects)
			note("bytes of "+what, bytes)
		}
	}
	for what, count := range counts {
		if growth := count[small*factor] / count[small]; growth > factor*1.1 {
			t.Errorf("%s grow %.1f times while the fleet grows %d times", what, growth, factor)
		}
	}
}

// TestWorkForBroughtAgentsGrowsLinearly is the same with agents' certificates from an external PKI: each compile reads their files.
func TestWorkForBroughtAgentsGrowsLinearly(t *testing.T) {
	if !everyCase() {
		t.Skip("make long counts it")
	}
	const small, factor = 100, 4
	counts := map[string]map[int]float64{}
	for _, n := range []int{small, small * factor} {
		var remotes []string
		for i := range n {
			remotes = append(remotes, fmt.Sprintf("edge-%d", i))
		}
		s := fleetOf(t, remotes...)
		plan, err := s.project.Plan(s.file("topology.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for _, task := range []struct {
			what string
			do   func() error
		}{
			{"import", func() error {
				order, err := issue.Lacking(plan, &lockfile.File{Topology: plan.Name}, issue.World{Now: fixtureTime, Dir: s.project.Dir()}, issue.Wish{})
				if err == nil {
					_, err = order.Get()
				}
				return err
			}},
			{"compile", func() error { s.compiledNow(); return nil }},
			{"check", func() error { _, err := Compile(s.project, s.env(), Options{Check: true}); return err }},
			{"verify", func() error { _, err := Verify(s.project, s.env(), s.now); return err }},
		} {
			objects, bytes := allocated(t, task.do)
			for what, count := range map[string]float64{"objects of " + task.what: objects, "bytes of " + task.what: bytes} {
				if counts[what] == nil {
					counts[what] = map[int]float64{}
				}
				counts[what][n] = count
			}
		}
	}
	for what, count := range counts {
		if growth := count[small*factor] / count[small]; growth > factor*1.1 {
			t.Errorf("%s grow %.1f times while the fleet grows %d times", what, growth, factor)
		}
	}
}
