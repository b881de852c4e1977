// Package compiler turns a topology into the overlays of its clusters.
//
// A compile has two halves. Issuing makes what the topology asks for and the lockfile lacks; it
// alone uses the clock, randomness and private keys. Emitting is a pure function of topology and
// lockfile, so that a recompile gives the same bytes at any time, with or without keys.
package compiler

import (
	"context"
	"crypto"
	"errors"
	"net"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"relayform/compiler/delivery"
	"relayform/compiler/emit"
	"relayform/compiler/folder"
	"relayform/compiler/issue"
	"relayform/compiler/keystore"
	"relayform/compiler/kubectl"
	"relayform/compiler/lifecycle"
	"relayform/compiler/lockfile"
	"relayform/compiler/overlay"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/policy"
	"relayform/compiler/project"
	"relayform/compiler/seal"
	"relayform/schema/diag"
	"relayform/schema/source"
)

// Env is what the outside world gives to a compile.
type Env struct {
	// Now is the time at which certificates are issued.
	Now time.Time
	// NewKey makes a private key.
	NewKey func(pki.Algorithm) (crypto.Signer, error)
	// Who is told to others that would write at the same time.
	Who string
	// Identities is the text of age identity files: they open a key store that is encrypted.
	Identities []byte
	// Disk makes the changes to the file system; nil for the system itself.
	Disk folder.Disk
	// Tracked lists what git tracks at or below a path; nil where there is no git.
	Tracked func(path string) ([]string, error)
	// InGit says what git makes of files, by path; a file without an entry is not in a repository. Nil where there is no git.
	InGit func(paths []string) map[string]InGit
	// LookupEnv is an environment variable's value: a password's, where the topology names one.
	LookupEnv func(name string) (string, bool)
	// Dial connects to an address.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Kubectl reaches the clusters.
	Kubectl kubectl.Run
	// Judge evaluates policies where that can be ended; nil for here, where it cannot.
	Judge policy.Run
}

// Options choose what a compile may do.
type Options struct {
	Locked      bool // issue nothing
	Check       bool // write nothing
	ProveAll    bool // build every overlay in memory, not one of each that are alike
	ReissueRoot bool // replace the root in one step, where the topology asks for another
	Settle      bool // refuse a phase of a rotation that clusters cannot have settled for
	NewPKI      bool // make a new root though the project's lockfile is missing
}

// Result is what a compile found and did.
type Result struct {
	Plan    *plan.Plan
	Lock    *lockfile.File
	Issued  []issue.Due     // what was made
	Newly   []issue.Sealing // what was encrypted for clusters that receive it from git
	Changes overlay.Changes
	Waiting []issue.Waiting // requests that no certificate has answered
	// Clusters are how the clusters differ from those of the build folder before; nil where it listed none.
	Clusters *plan.Changes
	Diff     []byte   // Options.Check: what would change, as a unified diff
	Missing  []error  // private files that kubectl will need and that are not here, or broken, each with why
	Sealed   bool     // the private files are encrypted, and kubectl needs relayform unlock first
	Loose    []string // private files that others could read, or git take, each with what became of it
	Foreign  []string // what lies in the key store and is not relayform's: it is left alone
	Exposed  []string // Options.Check: where private material stands in the build folder
}

// Next lists what is to be done in the clusters, as a shell runs it, in order; nothing where the build folder was not there before.
func (r *Result) Next(project project.Project) []string {
	if r.Clusters == nil {
		return nil
	}
	at := emit.RunbookPaths{Topology: project.Topology, Build: project.Overlay(""), Flags: project.Flags(), Dir: filepath.ToSlash(project.Dir())}
	return emit.Next(r.Plan, at, emit.Change{Files: r.Changes, Clusters: *r.Clusters, Steps: r.Steps()})
}

// Held reports whether nothing but requests was made, as the mesh needs a certificate that has not come yet.
func (r *Result) Held() bool {
	return slices.ContainsFunc(r.Waiting, func(w issue.Waiting) bool { return w.Holds })
}

// Steps lists what is to be done in the clusters, in order.
func (r *Result) Steps() []lifecycle.Step {
	return lifecycle.Steps(r.Plan, func(role pki.Role) bool { return issue.IsDue(r.Issued, role) }, issue.Agents(r.Issued))
}

type compile struct {
	project project.Project
	env     Env
	options Options
	renewal *issue.Renewal // nil for none
	hold    *project.Hold
	tracked func() ([]string, error) // the private files that git tracks; nil where it is not asked
}

// Compile brings a project's lockfile, keys and build folder up to date with its topology. The
// error is a diag.List where the input is at fault, a DueError where something would have to be
// issued and may not be.
func Compile(project project.Project, env Env, options Options) (*Result, error) {
	c := &compile{project: project, env: env, options: options}
	return c.exclusively(c.run)
}

// run is the pipeline: what the topology asks for, what the lockfile lacks of it, then getting that, the files that
// follow from both, and the proof that they build. Nothing is written before finish.
func (c *compile) run() (*Result, error) {
	go overlay.Warm()
	ahead := folder.ReadAhead(c.project.Build)
	defer ahead.Stop()
	c.askGit()
	plan, before, err := c.load()
	if err != nil {
		return nil, err
	}
	if err := c.judge(plan, nil); err != nil {
		return nil, err
	}
	store, build, err := c.open(plan)
	if err != nil {
		return nil, err
	}
	order, err := c.order(plan, before, store)
	if err != nil {
		return nil, err
	}
	c.keepOut(plan, order.Said.Private)
	if order.Held() {
		return c.request(plan, order, store, build)
	}
	if err := diag.Join(c.hasty(plan, before), c.uninstalls(plan)); err != nil {
		return nil, err
	}
	if err := c.foretell(plan, order); err != nil {
		return nil, err
	}
	made, err := c.get(plan, order)
	if err != nil {
		return nil, err
	}
	tree, err := c.emit(plan, made.Lock)
	if err != nil {
		return nil, err
	}
	if err := c.prove(plan, made.Lock, tree); err != nil {
		return nil, err
	}
	ahead.Stop()
	build.Ahead = ahead
	result, err := c.finish(plan, made, tree, store, build)
	if err != nil {
		return nil, err
	}
	result.Waiting = order.WaitingIn(made.Lock)
	return result, nil
}

// finish writes what was made, or shows what would be written.
func (c *compile) finish(p *plan.Plan, made *issue.Issued, tree overlay.Tree, store *keystore.Store, build *folder.Folder) (*Result, error) {
	result := &Result{Plan: p, Lock: made.Lock, Issued: made.Done, Newly: made.Sealed}
	if c.options.Check {
		return result, c.show(result, tree, store, build)
	}
	result.Clusters = c.clusters(p)
	var err error
	if result.Loose, err = c.commit(made, p, store); err != nil {
		return nil, err
	}
	if err := store.Withhold(delivery.Of(p, made.Lock).Components); err != nil {
		return nil, err
	}
	if result.Changes, err = tree.Write(build); err != nil {
		return nil, err
	}
	return result, c.publishComponents(result, store)
}

// clusters compares the plan's clusters with those that the build folder lists.
func (c *compile) clusters(p *plan.Plan) *plan.Changes {
	text, err := folder.ReadFile(filepath.Join(c.project.Build, plan.ClustersList), source.MaxBytes)
	if err != nil {
		return nil // of an older relayform, or none yet
	}
	changes := plan.Compare(plan.ReadClusters(text), p.All())
	return &changes
}

// show finds what a compile would change, and changes nothing.
func (c *compile) show(r *Result, tree overlay.Tree, store *keystore.Store, build *folder.Folder) (err error) {
	c.missing(r, store)
	s := shower{build: c.project.Build, tokens: c.project.Guard().Digests}
	r.Changes, r.Diff, err = tree.Diff(build, s.show)
	r.Exposed = s.exposed
	return err
}

// Vet makes every check that a compile makes before it issues, and judges by more policies than the topology names.
func Vet(project project.Project, env Env, more ...policy.File) (*plan.Plan, error) {
	c := &compile{project: project, env: env}
	plan, l, err := c.load()
	if err != nil {
		return nil, err
	}
	order, err := c.order(plan, l, nil)
	if err == nil {
		for _, waiting := range order.Waiting() {
			plan.Notes = append(plan.Notes, waiting.String())
		}
	}
	err = diag.Join(err, c.judge(plan, more))
	if store, notOurs := c.openStore(plan); notOurs == nil { // else compile says so
		err = diag.Join(err, guarded(store))
	}
	return plan, err
}

// VetText judges the text of a topology that is not written yet, by itself.
func VetText(project project.Project, text []byte) error {
	_, err := project.Plan(text)
	return err
}

// load reads the topology and the lockfile.
func (c *compile) load() (*plan.Plan, *lockfile.File, error) {
	text, err := c.project.ReadTopology()
	if err != nil {
		return nil, nil, err
	}
	plan, err := c.project.Plan(text)
	if plan == nil {
		return nil, nil, err
	}
	l, lockErr := c.project.ReadLock(plan)
	if lockErr == nil {
		lockErr = c.lost(plan)
	}
	if err == nil {
		return plan, l, lockErr
	}
	if lockErr == nil && (plan.External != nil || plan.CertManager != nil) && independent(err, "pki", "product", "namespace", "management.authority") {
		lockErr = issue.JudgeFiles(plan, l, c.world(nil)) // the certificate files are judged with the rest
	}
	return nil, nil, diag.Join(err, lockErr)
}

// independent reports whether no fault lies in one of the blocks.
func independent(err error, blocks ...string) bool {
	var faults diag.List
	return errors.As(err, &faults) && !slices.ContainsFunc(faults, func(d diag.Diagnostic) bool {
		return slices.ContainsFunc(blocks, func(b string) bool { return strings.HasPrefix(d.Path, b) })
	})
}

// open opens the folders that relayform owns, and refuses those that it does not.
func (c *compile) open(p *plan.Plan) (*keystore.Store, *folder.Folder, error) {
	if err := c.project.Separate(); err != nil {
		return nil, nil, err
	}
	store, err := c.openStore(p)
	if err != nil {
		return nil, nil, err
	}
	build, err := folder.Open(c.project.Build, folder.Build, p.Name)
	if err != nil {
		return nil, nil, err
	}
	build.Disk = c.disk
	if c.options.Check {
		err = guarded(store)
	}
	return store, build, err
}

func (c *compile) openStore(p *plan.Plan) (*keystore.Store, error) {
	return keystore.OpenStore(c.project.Keys, p.Name, seal.Ring{Recipients: p.EncryptTo, Identities: c.env.Identities}, c.disk)
}
