package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/manifest"
)

// from is kubectl's flag for what the job applies.
func (j Job) from() string {
	if j.Plain {
		return "-f"
	}
	return "-k"
}

// run runs kubectl on the job's cluster.
func (r *runner) run(ctx context.Context, j Job, args ...string) ([]byte, error) {
	parent := ctx
	timeout := r.options.Timeout * time.Duration(1+j.Objects/500) // kubectl sends them one by one
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	out, err := r.kubectl(ctx, append([]string{"--context", j.Context}, args...)...)
	if err != nil && ctx.Err() != nil && parent.Err() == nil {
		err = fmt.Errorf("no answer within %s", timeout)
	}
	return out, err
}

func (r *runner) do(ctx context.Context, o *Outcome) error {
	fresh := false
	if r.options.Diff || r.options.DryRun {
		out, err := r.run(ctx, o.Job, "get", "namespace", o.Namespace, "--ignore-not-found", "--output", "name")
		if err != nil {
			return err
		}
		fresh = len(strings.TrimSpace(string(out))) == 0
	}
	switch {
	case fresh:
		return r.fresh(ctx, o)
	case r.options.Diff:
		return r.diff(ctx, o)
	}
	return r.apply(ctx, o)
}

// fresh stands in for what a server cannot check yet: it refuses what goes into a namespace that the
// same overlay makes.
func (r *runner) fresh(ctx context.Context, o *Outcome) error {
	o.Note = fmt.Sprintf("namespace %s is not there yet, so everything is new; checked without the server", o.Namespace)
	if r.options.Diff {
		o.State = Different
	}
	out, err := r.run(ctx, o.Job, "apply", o.from(), o.Overlay, "--dry-run=client")
	o.Said = lines(out)
	return err
}

// diff shows what would change. kubectl masks what Secrets hold.
func (r *runner) diff(ctx context.Context, o *Outcome) error {
	args := []string{"diff", o.from(), o.Overlay}
	if r.options.ServerSide {
		args = append(args, r.serverSide()...)
	}
	out, err := r.run(ctx, o.Job, args...)
	o.Diff = out
	var exit interface{ ExitCode() int }
	if errors.As(err, &exit) && exit.ExitCode() == 1 { // there are differences
		o.State = Different
		return nil
	}
	return err
}

func (r *runner) serverSide() []string {
	args := []string{"--server-side"}
	if r.options.ForceConflicts {
		args = append(args, "--force-conflicts")
	}
	return args
}

func (r *runner) apply(ctx context.Context, o *Outcome) error {
	args := []string{"apply", o.from(), o.Overlay}
	if r.options.ServerSide {
		args = append(args, r.serverSide()...)
	}
	if r.options.DryRun {
		args = append(args, "--dry-run=server")
	}
	out, err := r.run(ctx, o.Job, args...)
	o.Said = lines(out)
	switch {
	case err != nil && o.Register && strings.Contains(err.Error(), "no matches for kind"):
		return fmt.Errorf("%w; the server's chart brings this kind: install it, then register", err)
	case err != nil || !r.options.Prune:
		return err
	}
	return r.prune(ctx, o)
}

// prune deletes the objects that carry relayform's label and were not applied. kubectl's own --prune
// would leave out whatever lacks the label, and what was applied server-side.
func (r *runner) prune(ctx context.Context, o *Outcome) error {
	var kinds []string
	for _, kind := range o.Prunable {
		if kind.Group != "" {
			served, err := r.run(ctx, o.Job, "api-resources", "--api-group", kind.Group, "--output", "name")
			if err != nil {
				return err
			}
			if !slices.Contains(lines(served), kind.Name) {
				continue
			}
		}
		kinds = append(kinds, kind.Name)
	}
	if len(kinds) == 0 {
		return nil
	}
	out, err := r.run(ctx, o.Job, "--namespace", o.Namespace, "get", strings.Join(kinds, ","),
		"--selector", manifest.ManagedByLabel+"="+manifest.ManagedBy, "--output", "name")
	if err != nil {
		return err
	}
	applied := map[string]bool{}
	for _, line := range o.Said {
		name, _, _ := strings.Cut(line, " ")
		applied[name] = true
	}
	left := slices.DeleteFunc(lines(out), func(name string) bool { return applied[name] })
	for batch := range slices.Chunk(left, batchSize) {
		args := []string{"--namespace", o.Namespace, "delete", "--wait=false"}
		if r.options.DryRun {
			args = append(args, "--dry-run=server")
		}
		out, err := r.run(ctx, o.Job, append(args, batch...)...)
		o.Said = append(o.Said, lines(out)...)
		if err != nil {
			return err
		}
	}
	return nil
}

// batchSize is how many objects one kubectl deletes: it takes a second for each five.
const batchSize = 200

// lines are the lines that say something.
func lines(text []byte) []string {
	var out []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
