package deploy

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"
)

// running is what a cluster has of Deployments and of the Secrets that they read.
type running struct {
	restarted map[string]time.Time // by Deployment: when it was created, or restarted last; zero where there is none
	changed   map[string]time.Time // by Secret: when what it holds changed last
	holds     map[string]map[string][]byte
}

// settled waits until the Secrets hold what they are to hold: where an operator makes them, that takes it a moment,
// and what is restarted before would read them as they were. Nothing is waited for where no Deployment reads it.
func (r *runner) settled(ctx context.Context, o Outcome) (running, error) {
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
		late := there.late(o.Workloads)
		if late == "" {
			return there, nil
		}
		select {
		case <-limit.Done():
			if ctx.Err() != nil {
				return there, ctx.Err()
			}
			return there, fmt.Errorf("the Secret %s does not hold what was applied, %s later; whatever else makes it has to do so before anything restarts", late, r.options.Timeout)
		case <-time.After(r.options.Pause):
		}
	}
}

// late is a Secret that does not hold what it is to hold, and that a Deployment reads; empty where there is none.
func (there running) late(workloads []Workload) string {
	for _, w := range workloads {
		if there.restarted[w.Deployment].IsZero() {
			continue
		}
		for _, s := range w.Reads {
			for key, want := range s.Holds {
				if sum := sha256.Sum256(there.holds[s.Secret][key]); hex.EncodeToString(sum[:]) != want {
					return s.Secret
				}
			}
		}
	}
	return ""
}

// stale reports whether a Secret changed after the Deployment that reads it started. Times are the API server's, in
// seconds: what happened in one second was done by one run, in its order.
func (there running) stale(w Workload) bool {
	for _, s := range w.Reads {
		if there.changed[s.Secret].After(there.restarted[w.Deployment]) {
			return true
		}
	}
	return false
}

// entry is one of an object's managedFields: who set which of its fields, and when (Kubernetes, ManagedFieldsEntry).
type entry struct {
	Time   time.Time      `json:"time"`
	Fields map[string]any `json:"fieldsV1"`
}

// sets reports whether the entry has a field, by the names of those that lead to it.
func (e entry) sets(path ...string) bool {
	at := e.Fields
	for _, name := range path {
		next, ok := at["f:"+name].(map[string]any)
		if !ok {
			return false
		}
		at = next
	}
	return true
}

type object struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name    string    `json:"name"`
		Created time.Time `json:"creationTimestamp"`
		Managed []entry   `json:"managedFields"`
	} `json:"metadata"`
	Data  map[string][]byte `json:"data"`
	Items []object          `json:"items"`
}

// last is when a field was set last, or when the object was created.
func (o object) last(path ...string) time.Time {
	last := o.Metadata.Created
	for _, e := range o.Metadata.Managed {
		if e.sets(path...) && e.Time.After(last) {
			last = e.Time
		}
	}
	return last
}

// running asks a cluster, once for all of it.
func (r *runner) running(ctx context.Context, j Job) (running, error) {
	there := running{restarted: map[string]time.Time{}, changed: map[string]time.Time{}, holds: map[string]map[string][]byte{}}
	args := []string{"--namespace=" + j.Namespace, "get", "--ignore-not-found", "--show-managed-fields", "--output=json"}
	asked := map[string]bool{}
	for _, w := range j.Workloads {
		args = append(args, "deployments.apps/"+w.Deployment)
		for _, s := range w.Reads {
			if !asked[s.Secret] {
				args = append(args, "secrets/"+s.Secret)
			}
			asked[s.Secret] = true
		}
	}
	out, err := r.run(ctx, j, args...)
	if err != nil || len(lines(out)) == 0 {
		return there, err
	}
	var list object
	if json.Unmarshal(out, &list) != nil { // the parser's words quote the text
		return there, errors.New("kubectl get printed no objects as JSON")
	}
	for _, o := range append([]object{list}, list.Items...) {
		switch o.Kind {
		case "Deployment":
			// kubectl rollout restart sets this annotation, and pods follow.
			there.restarted[o.Metadata.Name] = o.last("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt")
		case "Secret":
			there.changed[o.Metadata.Name] = o.last("data")
			there.holds[o.Metadata.Name] = o.Data
		}
	}
	return there, nil
}
