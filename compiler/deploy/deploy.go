// Package deploy applies compiled overlays to their clusters, through kubectl: the management cluster
// first, then the remotes side by side, then what registers them.
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

// Options choose what is done with each overlay.
type Options struct {
	Diff           bool // show what would change, change nothing
	DryRun         bool // have the server check it, change nothing
	ServerSide     bool
	ForceConflicts bool
	Prune          bool // delete what relayform made once and no longer compiles
	Restart        bool // restart what reads a Secret at start, where the Secret is newer
	Wait           bool // wait until what reads Secrets has rolled out
	MaxFailures    int  // begin no further stage once so many jobs have failed; 0 for any number
	Parallel       int
	Timeout        time.Duration // of one kubectl, for each 500 objects, and of one rollout; 0 for none
	Pause          time.Duration // between two looks at what others make
}

// Job is one overlay and where it goes.
type Job struct {
	Cluster   string
	Context   string
	Overlay   string      // its folder; or a file, where Plain
	Plain     bool        // objects in a file, without kustomize
	Fed       kubectl.Run // runs kubectl with the objects on its standard input, where they lie in no file; else nil
	Objects   int         // about how many
	Namespace string
	Register  bool       // registers the remotes in the management cluster
	Remote    bool       // a remote's overlay
	Workloads []Workload // what reads the Secrets at start, in the order of restarts; see Expect
	Unasked   error      // why the cluster cannot be asked: the job fails as its apply would
	Prunable  []manifest.Kind
	Makes     []overlay.Object // what its overlay makes; for a prune, see Know
	Foreign   []string         // Secrets that show that the context reaches a cluster of another kind
}

// String names the job in a sentence.
func (j Job) String() string {
	if j.Register {
		return j.Cluster + " (register)"
	}
	return j.Cluster
}

// State is how a job ended.
type State uint8

// The states of a job.
const (
	Waiting     State = iota // not begun when the run ended
	Done                     // as wanted
	Different                // Options.Diff: the cluster differs
	Failed                   // kubectl said no
	Interrupted              // cut short
)

// Outcome is what became of a job.
type Outcome struct {
	Job
	State State
	Said  []string // kubectl's lines
	Diff  []byte
	Note  string
	// Restarts are the Deployments that were restarted, or that would be, where nothing is to change; Absent those that are not there.
	Restarts, Absent []string
	// Deleted are the objects that a prune deleted; Doomed those that it would, where nothing is to change.
	Deleted, Doomed []manifest.Identity
	Err             error // without secrets
}

// Run does the jobs, stage after stage; those of a stage side by side. A job that fails stops no
// other, but for a registration, which waits for its management cluster, and what Options.MaxFailures leaves alone. Where the context ends, what
// runs is cut short and the rest is left alone. Each outcome is told when a job ends, one at a time;
// the result has all of them in the order of the jobs.
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
	mutex   sync.Mutex // for told
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
			if ctx.Err() != nil { // while it waited for its turn
				return nil
			}
			out[i] = r.job(ctx, job, withheld)
			r.mutex.Lock()
			r.told(out[i])
			r.mutex.Unlock()
			return nil // the others go on, whatever becomes of one
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

// job does one job. Where restarts are withheld it fails rather than leave one out.
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
