package deploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"time"

	"relayform/compiler/manifest"
)

// settled waits until the Secrets have their expected contents: an operator takes a moment to create them, and a workload restarted earlier
// would read the old ones. It does not wait for Secrets that no workload reads.
func (r *runner) settled(ctx context.Context, o Outcome) (manifest.Running, error) {
	limit := ctx
	if r.options.Timeout > 0 {
		var cancel context.CancelFunc
		limit, cancel = context.WithTimeout(ctx, r.options.Timeout)
		defer cancel()
	}
	for {
		there, err := r.running(ctx, o.Job)
		if err != nil || r.options.DryRun {
			return there, err
		}
		late := late(there, o.Workloads)
		if late == "" {
			return there, nil
		}
		select {
		case <-limit.Done():
			if ctx.Err() != nil {
				return there, ctx.Err()
			}
			return there, fmt.Errorf("the Secret %s does not hold what was applied, %s later; whatever writes it must finish before anything restarts", late, r.options.Timeout)
		case <-time.After(r.options.Pause):
		}
	}
}

// late returns a Secret that a workload reads and that does not have its expected contents yet; may be empty.
func late(there manifest.Running, workloads []Workload) string {
	for _, w := range workloads {
		if there.Restarted[w.Name].IsZero() {
			continue
		}
		for _, s := range w.Reads {
			for key, want := range s.Holds {
				if sum := sha256.Sum256(there.Holds[s.Secret][key]); hex.EncodeToString(sum[:]) != want {
					return s.Secret
				}
			}
		}
	}
	return ""
}

// running queries a cluster, once for everything.
func (r *runner) running(ctx context.Context, j Job) (manifest.Running, error) {
	args := []string{"--namespace=" + j.Namespace, "get", "--ignore-not-found", "--show-managed-fields", "--output=json"}
	asked := map[string]bool{}
	for _, w := range j.Workloads {
		args = append(args, manifest.Full(w.Name))
		for _, s := range w.Reads {
			if !asked[s.Secret] {
				args = append(args, "secrets/"+s.Secret)
			}
			asked[s.Secret] = true
		}
	}
	out, err := r.run(ctx, j, args...)
	if err != nil {
		return manifest.Running{}, err
	}
	there, err := manifest.ReadRunning(out)
	if err != nil {
		err = fmt.Errorf("what kubectl printed: %w", err)
	}
	return there, err
}
