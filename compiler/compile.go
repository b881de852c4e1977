// Package compiler compiles a topology into the overlays of its clusters.
//
// A compile has two halves. Issuing obtains what the topology asks for and the lockfile lacks; only this half uses the clock, randomness
// and private keys. Emitting is a pure function of topology and lockfile, so that a recompile is byte-identical at any time, with or
// without keys.
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

// Env is a compile's access to the outside world.
type Env struct {
	// Now is the time at which certificates are issued.
	Now time.Time
	// NewKey generates a private key.
	NewKey func(pki.Algorithm) (crypto.Signer, error)
	// Who describes this run in the errors of others that would write at the same time.
	Who string
	// Identities is the text of age identity files, which decrypt an encrypted key store.
	Identities []byte
	// Disk makes the changes to the file system; nil for direct changes.
	Disk folder.Disk
	// Tracked lists what git tracks at or below a path; nil if there is no git.
	Tracked func(path string) ([]string, error)
	// InGit returns the state of files in git, by path; a file without an entry is not in a repository. Nil if there is no git.
	InGit func(paths []string) map[string]InGit
	// LookupEnv returns an environment variable: a password, if the topology names one.
	LookupEnv func(name string) (string, bool)
	// Dial connects to an address.
	Dial func(ctx context.Context, network, address string) (net.Conn, error)
	// Kubectl accesses the clusters.
	Kubectl kubectl.Run
	// Judge evaluates policies in a process that can be stopped; nil for this process.
	Judge policy.Run
}

// Options are what a compile may do.
type Options struct {
	Locked      bool // issue nothing
	Check       bool // write nothing
	ProveAll    bool // build every overlay in memory, not one of each identical group
	ReissueRoot bool // replace the root in one step, if the topology needs a different one
	Settle      bool // refuse a phase of a rotation for which clusters cannot be ready
	NewPKI      bool // issue a new root even if the project's lockfile is missing
}

// Result is what a compile found and did.
type Result struct {
	Plan    *plan.Plan
	Lock    *lockfile.File
	Issued  []issue.Due     // what was issued
	Newly   []issue.Sealing // what was encrypted for clusters that receive it from git
	Changes overlay.Changes
	Waiting []issue.Waiting // requests for which no certificate has been imported
	// Clusters are the differences from the clusters listed in the previous build folder; nil if it had no list.
	Clusters *plan.Changes
	Diff     []byte   // with Options.Check: what would change, as a unified diff
	Missing  []error  // private files that kubectl will need but that are missing or damaged, with reasons
	Sealed   bool     // the private files are encrypted, and kubectl needs relayform unlock first
	Loose    []string // private files that others could read, or git add, with what was done about it
	Foreign  []string // files in the key store that are not relayform's, and are not touched
	Exposed  []string // with Options.Check: places of plain private values in the build folder
}

// Next lists what to do in the clusters, as shell commands in order; empty if there was no previous build folder.
func (r *Result) Next(project project.Project) []string {
	if r.Clusters == nil {
		return nil
	}
	at := emit.RunbookPaths{Topology: project.Topology, Build: project.Overlay(""), Flags: project.Flags(), Dir: filepath.ToSlash(project.Dir())}
	return emit.Next(r.Plan, at, emit.Change{Files: r.Changes, Clusters: *r.Clusters, Steps: r.Steps()})
}

// Held reports whether only requests were created, as the mesh needs a certificate that has not arrived yet.
func (r *Result) Held() bool {
	return slices.ContainsFunc(r.Waiting, func(w issue.Waiting) bool { return w.Holds })
}

// Steps lists what to do in the clusters, in order.
func (r *Result) Steps() []lifecycle.Step {
	return lifecycle.Steps(r.Plan, func(role pki.Role) bool { return issue.IsDue(r.Issued, role) }, issue.Agents(r.Issued))
}

type compile struct {
	project project.Project
	env     Env
	options Options
	renewal *issue.Renewal // nil for none
	hold    *project.Hold
	tracked func() ([]string, error) // the private files that git tracks; nil if not queried
}

// Compile updates a project's lockfile, keys and build folder from its topology. The error is a diag.List if the input is at fault, a
// DueError if something would have to be issued but must not be.
func Compile(project project.Project, env Env, options Options) (*Result, error) {
	c := &compile{project: project, env: env, options: options}
	return c.exclusively(c.run)
}

// run is the pipeline: what the topology asks for, what the lockfile lacks, obtaining it, the resulting files, and the check that they
// build. Nothing is written before finish.
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

// finish writes the result, or shows what would be written.
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

// clusters compares the plan's clusters with the build folder's list.
func (c *compile) clusters(p *plan.Plan) *plan.Changes {
	text, err := folder.ReadFile(filepath.Join(c.project.Build, plan.ClustersList), source.MaxBytes)
	if err != nil {
		return nil // from an older relayform, or a first compile
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

// Vet makes every check that a compile makes before it issues, with policies in addition to the topology's.
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
	if store, notOurs := c.openStore(plan); notOurs == nil { // otherwise compile reports it
		err = diag.Join(err, guarded(store))
	}
	return plan, err
}

// VetText checks only the text of a topology that is not written yet.
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
		lockErr = issue.JudgeFiles(plan, l, c.world(nil)) // the certificate files are checked with the rest
	}
	return nil, nil, diag.Join(err, lockErr)
}

// independent reports whether no fault is in one of the blocks.
func independent(err error, blocks ...string) bool {
	var faults diag.List
	return errors.As(err, &faults) && !slices.ContainsFunc(faults, func(d diag.Diagnostic) bool {
		return slices.ContainsFunc(blocks, func(b string) bool { return strings.HasPrefix(d.Path, b) })
	})
}

// open opens the folders that relayform owns, and refuses others.
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
