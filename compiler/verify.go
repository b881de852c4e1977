package compiler

import (
	"fmt"
	"time"

	"relayform/compiler/folder"
	"relayform/compiler/lock"
	"relayform/compiler/manifest"
	"relayform/compiler/overlay"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// Verify judges what the clusters of a project would hold at a time: every overlay is built, with
// the private half where the keys are here, and without it where they are not.
func Verify(project Project, env Env, at time.Time) (*verify.Report, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	plan, l, err := c.locked()
	if err != nil {
		return nil, err
	}
	m, missing, err := c.material(plan, l)
	if err != nil {
		return nil, err
	}
	report, err := verify.Judge(m, at, env.NewKey)
	if err == nil && len(missing) > 0 {
		report.LeftOut = append(report.LeftOut, fmt.Sprintf("private files are not here: %s", verify.InWords(missing)))
	}
	return report, err
}

// locked reads a project whose lockfile has all that the topology asks for.
func (c *compile) locked() (*Plan, *lock.Lock, error) {
	plan, l, err := c.load()
	if err != nil {
		return nil, nil, err
	}
	store, err := lock.OpenStore(c.project.Keys, plan.Name)
	if err != nil {
		return nil, nil, err
	}
	_, err = c.issue(plan, l, c.authority(plan, store))
	return plan, l, err
}

// material is what the clusters would hold, and the private files that are missing for all of it.
func (c *compile) material(p *Plan, l *lock.Lock) (verify.Material, []string, error) {
	m := verify.Material{Authority: p.Authority, Names: verify.DefaultNames()}
	store, err := lock.OpenStore(c.project.Keys, p.Name)
	if err != nil {
		return m, nil, err
	}
	missing := store.Missing(l)
	m.Public, c.public = len(missing) > 0, len(missing) > 0
	private := c.placeholders
	if !m.Public {
		private = func(l *lock.Lock) ([]folder.File, error) { return c.privateFiles(store, l) }
	}
	tree, err := c.emit(p, l)
	if err != nil {
		return m, nil, err
	}
	w, err := c.workspace(p, l, tree, private)
	if err != nil {
		return m, nil, err
	}
	rendered := map[string][]verify.Secret{}
	for _, cluster := range append([]Cluster{p.Management}, p.Remotes...) {
		shape := string(tree.Find(cluster.Name + "/" + kustomizationFile))
		secrets, ok := rendered[shape]
		if !ok {
			if secrets, err = c.secrets(w, p, cluster, m.Names); err != nil {
				return m, nil, err
			}
			rendered[shape] = secrets
		}
		m.Clusters = append(m.Clusters, verify.Cluster{
			Name: cluster.Name, Management: cluster.Name == p.Management.Name, Agent: cluster.Agent, Secrets: secrets,
		})
	}
	return m, missing, nil
}

// secrets are the relay's Secrets in an overlay.
func (c *compile) secrets(w *overlay.Workspace, p *Plan, cluster Cluster, names verify.SecretNames) ([]verify.Secret, error) {
	rendered, err := w.Render(cluster.Name)
	if err != nil {
		if fault, ok := blame(p, cluster, err); ok {
			return nil, diag.List{fault}
		}
		return nil, err
	}
	text, err := rendered.YAML()
	if err != nil {
		return nil, err
	}
	found, err := manifest.ReadSecrets(text)
	if err != nil {
		return nil, err
	}
	return verify.Choose(found, names, p.Namespace, c.project.Topology)
}
