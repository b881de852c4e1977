package manifest

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"sigs.k8s.io/yaml"

	"relayform/schema/source"
)

// Deployment returns the name of a Deployment in kubectl's form, for commands and messages.
func Deployment(name string) string { return "deployment/" + name }

// DaemonSet returns the same for a DaemonSet.
func DaemonSet(name string) string { return "daemonset/" + name }

// Full returns a workload with its kind's API group, apps, so that it is unambiguous.
func Full(workload string) string {
	kind, name, _ := strings.Cut(workload, "/")
	return kind + "s.apps/" + name
}

// Running is a cluster's workloads, and the Secrets that they read at start. Times are the API server's, in seconds.
type Running struct {
	Restarted map[string]time.Time // by workload: when it was created, or last restarted; zero if it does not exist
	Changed   map[string]time.Time // by Secret: when its data last changed
	Holds     map[string]map[string][]byte
}

// entry is an entry in an object's managedFields: who set which fields, and when (Kubernetes, ManagedFieldsEntry).
type entry struct {
	Time   time.Time      `json:"time"`
	Fields map[string]any `json:"fieldsV1"`
}

// sets reports whether the entry has a field, given its path.
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

type managed struct {
	Kind     string `json:"kind"`
	Metadata struct {
		Name    string    `json:"name"`
		Created time.Time `json:"creationTimestamp"`
		Managed []entry   `json:"managedFields"`
	} `json:"metadata"`
	Data  map[string][]byte `json:"data"`
	Items []managed         `json:"items"`
}

// last returns when a field was last set, or when the object was created.
func (o managed) last(path ...string) time.Time {
	last := o.Metadata.Created
	for _, e := range o.Metadata.Managed {
		if e.sets(path...) && e.Time.After(last) {
			last = e.Time
		}
	}
	return last
}

// ReadRunning finds Deployments, DaemonSets and Secrets in kubectl's output with --show-managed-fields. The error never quotes a value.
func ReadRunning(text []byte) (Running, error) {
	there := Running{map[string]time.Time{}, map[string]time.Time{}, map[string]map[string][]byte{}}
	if many := source.TooMany(text); many != "" {
		return there, errors.New(many)
	}
	for i, document := range documents(text) {
		var list managed
		if yaml.Unmarshal(document, &list) != nil { // the parser's message quotes the text
			return there, fmt.Errorf("document %d: not Kubernetes objects in JSON or YAML", i+1)
		}
		for _, o := range append([]managed{list}, list.Items...) {
			switch o.Kind {
			case "Deployment", "DaemonSet":
				// kubectl rollout restart sets this annotation, and pods are replaced.
				there.Restarted[strings.ToLower(o.Kind)+"/"+o.Metadata.Name] = o.last("spec", "template", "metadata", "annotations", "kubectl.kubernetes.io/restartedAt")
			case "Secret":
				there.Changed[o.Metadata.Name] = o.last("data")
				there.Holds[o.Metadata.Name] = o.Data
			}
		}
	}
	return there, nil
}

// Stale reports whether one of the Secrets changed after a workload that reads them started. Events in the same second belong to one run,
// in its order. A workload that does not exist is not stale.
func (r Running) Stale(workload string, secrets []string) bool {
	started := r.Restarted[workload]
	for _, s := range secrets {
		if !started.IsZero() && r.Changed[s].After(started) {
			return true
		}
	}
	return false
}
