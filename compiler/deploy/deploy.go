// Package deploy applies compiled overlays to their clusters, with kubectl: the management cluster first, then the remotes in parallel,
// then their registration.
package deploy

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"relayform/compiler/kubectl"
	"relayform/compiler/manifest"
	"relayform/compiler/overlay"

	"golang.org/x/sync/errgroup"
)

// Options are settings for all jobs.
type Options struct {
	Diff           bool // only show what would change
	DryRun         bool // only have the server validate
	ServerSide     bool
	ForceConflicts bool
	Prune          bool // delete what relayform once created and no longer compiles
	Restart        bool // restart workloads that read a Secret at start, if the Secret is newer
	Wait           bool // wait until the workloads that read Secrets have rolled out
	MaxFailures    int  // start no further stage after so many failures; 0 for no limit
	Parallel       int
	Timeout        time.Duration // of one kubectl, per 500 objects, and of one rollout; 0 for none
	Pause          time.Duration // between two queries for what operators create
}

// Job is an overlay and its destination.
type Job struct {
	Cluster   string
	Context   string
	Overlay   string      // its folder; with Plain, a file
	Plain     bool        // objects in a file, without kustomize
	Fed       kubectl.Run // runs kubectl with the objects on its standard input if they are in no file; otherwise nil
	Objects   int         // approximate number of objects
	Namespace string
	Register  bool       // registers the remotes in the management cluster
	Remote    bool       // a remote's overlay
	Workloads []Workload // workloads that read the Secrets at start, in restart order; see Expect
	Unasked   error      // why the cluster cannot be queried: the job fails as its apply would
	Prunable  []manifest.Kind
	Makes     []overlay.Object // the overlay's objects; for a prune, see Know
	Foreign   []string         // Secrets that show that the context reaches a different kind of cluster
}

// String describes the job in a sentence.
func (j Job) String() string {
	if j.Register {
		return j.Cluster + " (register)"
	}
	return j.Cluster
}

// State is the result of a job.
type State uint8

// The states of a job.
const (
	Waiting     State = iota // not started when the run ended
	Done                     // successful
	Different                // with Options.Diff: the cluster differs
	Failed                   // kubectl failed
	Interrupted              // interrupted
)

// Outcome is the result of a job, with details.
type Outcome struct {
	Job
	State State
	Said  []string // kubectl's output, by line
	Diff  []byte
	Note  string
	// Restarts are the Deployments that were restarted or, without changes, would be; Absent those that do not exist.
	Restarts, Absent []string
	// Deleted are the objects that a prune deleted; Doomed those that it would, if nothing is changed.
	Deleted, Doomed []manifest.Identity
	Err             error // without private values
}

// Run runs the jobs, stage after stage; those of a stage in parallel. A failed job stops no other, except for a registration, which needs
// its management cluster, and stages after Options.MaxFailures. If the context ends, running jobs are interrupted and the rest is not
// started. told is called when a job ends, for one at a time; the result has all outcomes in the order of the jobs.
func Run(ctx context.Context, run kubectl.Run, stages [][]Job, o Options, told func(Outcome)) []Outcome {
	r := runner{kubectl: run, options: o, told: told}
	var all []Outcome
	for _, jobs := range stages {
		if o.MaxFailures > 0 && failures(all) >= o.MaxFailures {
			for _, job := range jobs {
				all = append(all, Outcome{Job: job})
			}
			continue
		}
		all = append(all, r.stage(ctx, jobs, all)...)
	}
	return all
}

func failures(outcomes []Outcome) int {
	n := 0
	for _, o := range outcomes {
		if o.State == Failed {
			n++
		}
	}
	return n
}

type runner struct {
	kubectl kubectl.Run
	options Options
	told    func(Outcome)
	mutex   sync.Mutex // protects told
}

func (r *runner) stage(ctx context.Context, jobs []Job, before []Outcome) []Outcome {
	out := make([]Outcome, len(jobs))
	var group errgroup.Group
	group.SetLimit(max(r.options.Parallel, 1))
	withheld := slices.ContainsFunc(before, func(o Outcome) bool { return !o.Remote && o.State != Done })
	for i, job := range jobs {
		out[i] = Outcome{Job: job}
		if job.Register && failed(before, job.Cluster) {
			continue
		}
		group.Go(func() error {
			if ctx.Err() != nil { // while it was queued
				return nil
			}
			out[i] = r.job(ctx, job, withheld)
			r.mutex.Lock()
			r.told(out[i])
			r.mutex.Unlock()
			return nil // the others continue
		})
	}
	_ = group.Wait()
	return out
}

func failed(outcomes []Outcome, cluster string) bool {
	for _, o := range outcomes {
		if o.Cluster == cluster && o.State != Done && o.State != Different {
			return true
		}
	}
	return false
}

// job runs one job. If restarts are withheld but needed, it fails.
func (r *runner) job(ctx context.Context, j Job, withheld bool) Outcome {
	o := Outcome{Job: j, State: Done}
	err := j.Unasked
	if err == nil {
		err = r.do(ctx, &o)
	}
	if err == nil {
		err = r.roll(ctx, &o, withheld)
	}
	if err != nil {
		o.State, o.Err = Failed, errors.New(mask(err.Error()))
		if ctx.Err() != nil {
			o.State = Interrupted
		}
	}
	return o
}
