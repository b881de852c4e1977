package deploy

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/manifest"
	"relayform/schema/diag"
	"relayform/schema/pattern"
)

// columns is what kubectl prints for each object, one line each, with the label last, so that a truncated line is not accepted. Values of
// Secrets are not printed.
var columns = `jsonpath={range .items[*]}{.apiVersion}{"\t"}{.kind}{"\t"}{.metadata.namespace}{"\t"}{.metadata.name}{"\t"}{.metadata.labels.` +
	strings.ReplaceAll(manifest.ManagedByLabel, ".", `\.`) + `}{"\n"}{end}`

// live returns the objects of these kinds in the job's namespace that have relayform's label.
func (r *runner) live(ctx context.Context, j Job, kinds []manifest.Kind) ([]manifest.Identity, error) {
	names := make([]string, len(kinds))
	for i, k := range kinds {
		names[i] = k.String()
	}
	out, err := r.run(ctx, j, "--namespace="+j.Namespace, "get", "--selector="+manifest.ManagedByLabel+"="+manifest.ManagedBy,
		"--output="+columns, "--", strings.Join(names, ","))
	if err != nil {
		return nil, err
	}
	var live []manifest.Identity
	for _, line := range lines(out) {
		object, err := j.object(line, kinds)
		if err != nil {
			return nil, fmt.Errorf("the cluster's list has %s: %w", diag.Quote(line), err)
		}
		live = append(live, object)
	}
	return live, nil
}

// objectName matches names that the API accepts for the prunable kinds (RFC 1123 subdomain).
var objectName = pattern.Late(`^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$`)

// maxName is the maximum length of an object's name.
const maxName = 253

// object parses a line of the columns. It must be something that was asked for.
func (j Job) object(line string, kinds []manifest.Kind) (manifest.Identity, error) {
	f := strings.Split(line, "\t")
	if len(f) != 5 {
		return manifest.Identity{}, fmt.Errorf("%d columns; want 5", len(f))
	}
	object := manifest.Identity{Group: manifest.Group(f[0]), Kind: f[1], Namespace: f[2], Name: f[3]}
	switch {
	case !slices.ContainsFunc(kinds, object.Is):
		return object, fmt.Errorf("a kind that was not asked for")
	case object.Namespace != j.Namespace:
		return object, fmt.Errorf("a namespace other than %s", j.Namespace)
	case len(object.Name) > maxName || !objectName().MatchString(object.Name):
		return object, fmt.Errorf("no name of an object")
	case f[4] != manifest.ManagedBy:
		return object, fmt.Errorf("a label other than relayform's")
	}
	return object, nil
}
