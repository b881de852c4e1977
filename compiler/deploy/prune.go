package deploy

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"relayform/compiler/ingress"
	"relayform/compiler/manifest"
	"relayform/compiler/overlay"
	"relayform/compiler/plan"
)

// secrets are the kinds that every overlay has: Secrets, or objects from which an operator creates them.
var secrets = []manifest.Kind{{Group: "", Name: "Secret", Resource: "secrets"}, manifest.ExternalSecret, manifest.SealedSecret, manifest.Certificate}

// registered returns the kind of object that registers an agent.
func registered(p *plan.Plan) manifest.Kind {
	return manifest.Kind{Group: manifest.Group(p.Product.ClusterAPIVersion), Name: "KubernetesCluster", Resource: "kubernetesclusters"}
}

// prunable returns the kinds of objects that relayform may have created on the management cluster.
func prunable() []manifest.Kind {
	return append(slices.Clone(secrets), ingress.Kinds()...)
}

// Know adds to the jobs what their overlays contain, as rendered for each cluster: a prune keeps these objects, and does nothing if the
// cluster lacks them.
func Know(stages [][]Job, p *plan.Plan, render func(clusters []string) (map[string][]overlay.Object, error)) error {
	var clusters []string
	for _, jobs := range stages {
		for _, j := range jobs {
			if !j.Register {
				clusters = append(clusters, j.Cluster)
			}
		}
	}
	made, err := render(clusters)
	if err != nil {
		return err
	}
	for _, jobs := range stages {
		for i := range jobs {
			if jobs[i].Makes = made[jobs[i].Cluster]; jobs[i].Register {
				jobs[i].Makes = registrations(p)
			}
		}
	}
	return nil
}

// registrations returns the objects that register the agents.
func registrations(p *plan.Plan) []overlay.Object {
	kind, agents := registered(p), p.Agents()
	objects := make([]overlay.Object, len(agents))
	for i, c := range agents {
		objects[i] = overlay.Object{
			Identity: manifest.Identity{Group: kind.Group, Kind: kind.Name, Namespace: p.Namespace, Name: c.Name},
			Labels:   map[string]string{manifest.ManagedByLabel: manifest.ManagedBy},
		}
	}
	return objects
}

// prune deletes objects in the job's namespace that have relayform's label but are not in the overlay. kubectl's own --prune would skip
// objects without the label, and those applied server-side. If nothing is to change, it only lists them. Two topologies cannot share a
// namespace of a cluster, as their Secrets have the same names; so everything with the label belongs to this topology.
func (r *runner) prune(ctx context.Context, o *Outcome) error {
	kinds, err := r.served(ctx, o.Job)
	if err != nil || len(kinds) == 0 {
		return err
	}
	live, err := r.live(ctx, o.Job, kinds)
	if err != nil {
		return notPruned(err)
	}
	left, err := o.Job.left(live, !r.looks())
	if err != nil {
		return notPruned(err)
	}
	if r.options.Diff {
		if o.Doomed = left; len(left) > 0 {
			o.State = Different
		}
		return nil
	}
	for _, kind := range kinds {
		if err := r.delete(ctx, o, kind, left); err != nil {
			return err
		}
	}
	return nil
}

// notPruned wraps the error if the cluster's objects cannot be determined.
func notPruned(err error) error { return fmt.Errorf("prune: %w; nothing was deleted", err) }

// looks reports whether nothing is to change.
func (r *runner) looks() bool { return r.options.Diff || r.options.DryRun }

// served returns the prunable kinds that the cluster has: it may never have had the CRDs of an ingress.
func (r *runner) served(ctx context.Context, j Job) ([]manifest.Kind, error) {
	var served []manifest.Kind
	known := map[string][]string{}
	for _, kind := range j.Prunable {
		if kind.Group == "" {
			served = append(served, kind)
			continue
		}
		if _, asked := known[kind.Group]; !asked {
			out, err := r.run(ctx, j, "api-resources", "--api-group="+kind.Group, "--output=name")
			if err != nil {
				return nil, err
			}
			known[kind.Group] = lines(out)
		}
		if slices.Contains(known[kind.Group], kind.String()) {
			served = append(served, kind)
		}
	}
	return served, nil
}

// left returns the objects of a cluster that the overlay does not contain. If the overlay was applied, the cluster must have its objects of
// prunable kinds; otherwise the list cannot be trusted.
func (j Job) left(live []manifest.Identity, applied bool) ([]manifest.Identity, error) {
	there, made, expected := set(live), map[manifest.Identity]bool{}, 0
	for _, o := range j.Makes {
		made[o.Identity] = true
		if o.Namespace != j.Namespace || o.Labels[manifest.ManagedByLabel] != manifest.ManagedBy || !slices.ContainsFunc(j.Prunable, o.Is) {
			continue
		}
		if expected++; applied && !there[o.Identity] {
			return nil, fmt.Errorf("the cluster does not list %s, which was just applied", o.Identity)
		}
	}
	if expected == 0 {
		return nil, errors.New("the overlay has no object with which to check the cluster's list")
	}
	left := slices.DeleteFunc(live, func(i manifest.Identity) bool { return made[i] })
	for _, i := range left {
		if i.Is(secrets[0]) && slices.Contains(j.Foreign, i.Name) {
			return nil, fmt.Errorf("the cluster has %s, like a management cluster: check whether the context %s reaches one; if it does not, delete the Secret by hand", i, j.Context)
		}
	}
	return left, nil
}

func set(all []manifest.Identity) map[manifest.Identity]bool {
	m := make(map[manifest.Identity]bool, len(all))
	for _, i := range all {
		m[i] = true
	}
	return m
}

// batchSize is how many objects one kubectl deletes: it deletes about five per second.
const batchSize = 200

// delete deletes the objects of a kind. The names follow --, after which nothing is an option.
func (r *runner) delete(ctx context.Context, o *Outcome, kind manifest.Kind, left []manifest.Identity) error {
	left = slices.DeleteFunc(slices.Clone(left), func(i manifest.Identity) bool { return !i.Is(kind) })
	for batch := range slices.Chunk(left, batchSize) {
		args := []string{"--namespace=" + o.Namespace, "delete", "--wait=false", "--ignore-not-found"}
		if r.options.DryRun {
			args = append(args, "--dry-run=server")
		}
		args = append(args, "--", kind.String())
		for _, i := range batch {
			args = append(args, i.Name)
		}
		if _, err := r.run(ctx, o.Job, args...); err != nil {
			return err
		}
		if r.options.DryRun {
			o.Doomed = append(o.Doomed, batch...)
		} else {
			o.Deleted = append(o.Deleted, batch...)
		}
	}
	return nil
}
