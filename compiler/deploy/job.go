package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/compiler/kubectl"
	"relayform/compiler/overlay"
	"relayform/compiler/shell"
	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// from returns kubectl's arguments for what the job applies.
func (j Job) from() []string {
	if j.Fed != nil {
		return []string{"-f", "-"}
	}
	if j.Plain {
		return []string{"-f", shell.Item(overlay.Local(j.Overlay))}
	}
	return []string{"-k", overlay.Local(j.Overlay)}
}

// run runs kubectl on the job's cluster.
func (r *runner) run(ctx context.Context, j Job, args ...string) ([]byte, error) {
	return r.within(ctx, r.options.Timeout*time.Duration(1+j.Objects/500), j, args...) // kubectl sends them one by one
}

// within runs kubectl with a timeout; 0 for none.
func (r *runner) within(ctx context.Context, timeout time.Duration, j Job, args ...string) ([]byte, error) {
	parent := ctx
	if timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, timeout)
		defer cancel()
	}
	run := r.kubectl
	if j.Fed != nil && slices.Contains(args, "-") { // nothing else gets private values
		run = j.Fed
	}
	out, err := run.In(j.Context)(ctx, args...)
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
		if fresh = len(lines(out)) == 0; !fresh && !slices.Contains(lines(out), "namespace/"+o.Namespace) {
			return fmt.Errorf("kubectl get namespace says %s; want namespace/%s", diag.Quote(lines(out)[0]), o.Namespace)
		}
	}
	do := r.apply
	switch {
	case fresh:
		return r.fresh(ctx, o)
	case r.options.Diff:
		do = r.diff
	}
	if err := do(ctx, o); err != nil || !r.options.Prune {
		return err
	}
	return r.prune(ctx, o)
}

// fresh is a client-side dry run, for what a server cannot validate yet: objects in a namespace that the same overlay creates.
func (r *runner) fresh(ctx context.Context, o *Outcome) error {
	o.Note = fmt.Sprintf("namespace %s is not there yet, so everything is new; checked without the server", o.Namespace)
	if r.options.Diff {
		o.State = Different
	}
	out, err := r.run(ctx, o.Job, append(append([]string{"apply"}, o.from()...), "--dry-run=client")...)
	o.Said = lines(out)
	return err
}

// diff shows what would change. kubectl masks the values of Secrets, but not those of other objects.
func (r *runner) diff(ctx context.Context, o *Outcome) error {
	args := append([]string{"diff"}, o.from()...)
	if r.options.ServerSide {
		args = append(args, r.serverSide()...)
	}
	out, err := r.run(ctx, o.Job, args...)
	o.Diff = []byte(secrecy.Mask(string(out)))
	var exit *kubectl.Error
	if errors.As(err, &exit) && exit.Code == 1 && len(out) > 0 { // there are differences
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
	args := append([]string{"apply"}, o.from()...)
	if r.options.ServerSide {
		args = append(args, r.serverSide()...)
	}
	if r.options.DryRun {
		args = append(args, "--dry-run=server")
	}
	out, err := r.run(ctx, o.Job, args...)
	o.Said = lines(out)
	if err != nil && o.Register && strings.Contains(err.Error(), "no matches for kind") {
		return fmt.Errorf("%w; the server's chart brings this kind: install it, then register", err)
	}
	return err
}

// lines returns the lines that are not blank.
func lines(text []byte) []string {
	var out []string
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimSpace(line); line != "" {
			out = append(out, line)
		}
	}
	return out
}
