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

// Workload is a Deployment or a DaemonSet that reads Secrets only when it starts. Its name is in kubectl's form.
type Workload struct {
	Name  string
	Reads []Reading
}

// String describes the workload in a sentence: a Deployment's name, or another's with its kind.
func (w Workload) String() string { return strings.TrimPrefix(w.Name, manifest.Deployment("")) }

// Reading is a Secret that is read, and the expected SHA-256 digests of its keys' values, in hexadecimal.
type Reading struct {
	Secret string
	Holds  map[string]string
}

// secrets returns the names of the Secrets that are read.
func (w Workload) secrets() []string {
	names := make([]string, len(w.Reads))
	for i, s := range w.Reads {
		names[i] = s.Secret
	}
	return names
}

// Expect adds to the jobs the workloads that read their Secrets at start, and the Secrets' expected contents.
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

// roll restarts workloads that read a changed Secret, and waits for them. They are in order: the relay server comes before an agent in its
// cluster.
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
			return fmt.Errorf("%s must still be restarted: the management cluster comes first, and it failed", w)
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

// grace is how much longer than a rollout its kubectl may take, so that it can report what it waited for.
const grace = 10 * time.Second

// wait waits until a workload has rolled out, if that was asked for.
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

// changed reports whether kubectl changed a Secret that a workload reads. Its output about a SealedSecret or an ExternalSecret counts only
// if nothing is to change: otherwise the Secret itself is checked, once its operator has created it.
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
