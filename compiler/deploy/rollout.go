package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/lifecycle"
	"relayform/compiler/manifest"
	"relayform/compiler/verify"
)

// Workload is a Deployment or a DaemonSet that reads Secrets when it starts, and never again: its name is as kubectl takes it.
type Workload struct {
	Name  string
	Reads []Reading
}

// String is the workload in a sentence: a Deployment's name, or another's with its kind.
func (w Workload) String() string { return strings.TrimPrefix(w.Name, manifest.Deployment("")) }

// Reading is a Secret that is read, and the SHA-256 digests of what its keys are to hold, in hexadecimal.
type Reading struct {
	Secret string
	Holds  map[string]string
}

// secrets are the names of what is read.
func (w Workload) secrets() []string {
	names := make([]string, len(w.Reads))
	for i, s := range w.Reads {
		names[i] = s.Secret
	}
	return names
}

// Expect tells the jobs what reads their Secrets at start, and what these are to hold.
func Expect(stages [][]Job, readers func(cluster string) []lifecycle.Reader, want verify.Wanted) {
	clusters := make(map[string]*verify.Cluster, len(want.Clusters))
	for i := range want.Clusters {
		clusters[want.Clusters[i].Name] = &want.Clusters[i]
	}
	for _, jobs := range stages {
		for i := range jobs {
			if jobs[i].Register {
				continue
			}
			for _, reader := range readers(jobs[i].Cluster) {
				w := Workload{Name: reader.Workload}
				for _, secret := range reader.Secrets {
					w.Reads = append(w.Reads, Reading{secret, want.Digests(clusters[jobs[i].Cluster].Secret(secret))})
				}
				jobs[i].Workloads = append(jobs[i].Workloads, w)
			}
		}
	}
}

// roll restarts what reads a Secret that changed, and waits until it runs. The order is that of the workloads: the
// relay server comes before an agent beside it.
func (r *runner) roll(ctx context.Context, o *Outcome, withheld bool) error {
	if !r.options.Restart && !r.options.Wait || len(o.Workloads) == 0 {
		return nil
	}
	there, err := r.settled(ctx, *o)
	if err != nil {
		return err
	}
	for _, w := range o.Workloads {
		restart := r.options.Restart && (there.Stale(w.Name, w.secrets()) || r.changed(o.Said, w))
		switch {
		case there.Restarted[w.Name].IsZero():
			o.Absent = append(o.Absent, w.String())
			continue
		case r.options.DryRun:
			if restart {
				o.Restarts = append(o.Restarts, w.String())
			}
			continue
		case restart && withheld:
			return fmt.Errorf("%s has still to be restarted: the management cluster comes first, and it failed", w)
		case restart:
			if _, err := r.run(ctx, o.Job, "--namespace="+o.Namespace, "rollout", "restart", w.Name); err != nil {
				return err
			}
			o.Restarts = append(o.Restarts, w.String())
		}
		if err := r.wait(ctx, *o, w.Name); err != nil {
			return err
		}
	}
	return nil
}

// grace is how much longer than a rollout its kubectl may take: it says itself what it waited for.
const grace = 10 * time.Second

// wait waits until a workload has rolled out, where that was asked for.
func (r *runner) wait(ctx context.Context, o Outcome, workload string) error {
	if !r.options.Wait {
		return nil
	}
	args := []string{"--namespace=" + o.Namespace, "rollout", "status", workload}
	timeout := r.options.Timeout
	if timeout > 0 {
		args = append(args, "--timeout="+timeout.String())
		timeout += grace
	}
	_, err := r.within(ctx, timeout, o.Job, args...)
	return err
}

// changed reports whether kubectl said that it changed a Secret which a workload reads. What it says of a SealedSecret or an
// ExternalSecret counts where nothing is to change: else the Secret itself tells, once its operator has made it.
func (r *runner) changed(said []string, w Workload) bool {
	prefixes := []string{"secret/"}
	if r.options.DryRun {
		for _, kind := range secrets[1:] {
			prefixes = append(prefixes, strings.ToLower(manifest.Identity{Group: kind.Group, Kind: kind.Name}.String()))
		}
	}
	return slices.ContainsFunc(said, func(line string) bool {
		m := applied().FindStringSubmatch(line)
		if m == nil || m[1] != "created" && m[1] != "configured" {
			return false
		}
		return slices.ContainsFunc(w.Reads, func(s Reading) bool {
			return slices.ContainsFunc(prefixes, func(prefix string) bool { return strings.HasPrefix(line, prefix+s.Secret+" ") })
		})
	})
}
