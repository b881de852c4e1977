package compiler

import (
	"bytes"
	"fmt"
	"maps"
	"slices"

	"relayform/compiler/adopt"
	"relayform/compiler/delivery"
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/verify"
)

// prove builds the overlays in memory, with private values, and compares each Secret with the cluster's: a mesh whose first compile would
// change a byte is not adopted, unless that is allowed. The Secrets are also checked as verify does.
func (a *adoption) prove(result *Adopted) error {
	tree, err := a.emit(a.plan, a.lock)
	if err != nil {
		return err
	}
	parts := delivery.Of(a.plan, a.lock)
	private, err := parts.InMemory(a.private)
	if err != nil {
		return err
	}
	w, err := a.workspace(a.plan, a.lock, tree, private)
	if err != nil {
		return err
	}
	byName := map[string]*adopt.Cluster{}
	for _, c := range a.mesh.Clusters() {
		byName[c.Name] = c
	}
	emitted := map[string][]emittedSecret{}
	names := a.plan.Clusters()
	var refused adopt.Refusal
	for _, group := range tree.InForm(names) {
		rendered, err := w.Render(names[group[0]])
		if err != nil {
			return err
		}
		text, err := rendered.YAML()
		if err != nil {
			return err
		}
		secrets, err := readEmitted(text)
		if err != nil {
			return err
		}
		for _, i := range group {
			if emitted[names[i]], err = a.withClient(parts, secrets, names[i]); err != nil {
				return err
			}
			for _, change := range rewrites(byName[names[i]], emitted[names[i]]) {
				if !change.made && !a.of.Answers.Rewrite {
					refused = append(refused, adopt.Fault{Where: names[i], Message: "the first apply would change " + change.what, Hint: "pass --rewrite if that is intended"})
				}
				result.Made = append(result.Made, names[i]+": "+change.what)
			}
		}
	}
	if len(refused) > 0 {
		return refused
	}
	material := a.mesh.Material(func(cluster, secret string) map[string][]byte {
		if i := slices.IndexFunc(emitted[cluster], func(s emittedSecret) bool { return s.Name == secret }); i >= 0 {
			return emitted[cluster][i].Data
		}
		return nil
	})
	result.Report, err = verify.Judge(material, a.env.Now, a.env.NewKey)
	return err
}

// withClient returns the Secrets of identical overlays, with the certificate of one cluster's agent.
func (a *adoption) withClient(parts delivery.Parts, secrets []emittedSecret, cluster string) ([]emittedSecret, error) {
	client, ok := parts.Client(cluster)
	i := slices.IndexFunc(secrets, func(s emittedSecret) bool { return ok && s.Name == client.Public.Object.Metadata.Name })
	if i < 0 {
		return secrets, nil
	}
	key, err := a.private(client.Private.Value)
	if err != nil {
		return nil, err
	}
	all := slices.Clone(secrets)
	all[i].Data = maps.Clone(client.Data)
	all[i].Data[client.Private.Key] = key
	return all, nil
}

// emittedSecret is a Secret in an overlay, with its type.
type emittedSecret struct {
	manifest.Secret
	of string
}

func readEmitted(text []byte) ([]emittedSecret, error) {
	objects, _, err := manifest.ReadHeld(text, "Secret")
	if err != nil {
		return nil, err
	}
	var all []emittedSecret
	for _, o := range objects {
		s, err := o.Secret()
		if err != nil {
			return nil, err
		}
		all = append(all, emittedSecret{s, o.Type})
	}
	return all, nil
}

// rewrite is what an apply would do to a Secret.
type rewrite struct {
	what string
	made bool // the Secret does not exist yet
}

// rewrites returns what an apply would do to the Secrets of a cluster.
func rewrites(c *adopt.Cluster, emitted []emittedSecret) (all []rewrite) {
	for _, e := range emitted {
		i := slices.IndexFunc(c.Secrets, func(s adopt.Secret) bool { return s.Name == e.Name })
		if i < 0 {
			all = append(all, rewrite{"Secret " + e.Name + ", which is missing", true})
			continue
		}
		have := c.Secrets[i]
		if have.Type != "" && have.Type != e.of || have.Type == "" && e.of != lockfile.SecretType {
			all = append(all, rewrite{fmt.Sprintf("the type of Secret %s, from %s to %s", e.Name, have.Type, e.of), false})
		}
		for _, key := range slices.Sorted(maps.Keys(e.Data)) {
			if !bytes.Equal(have.Data[key], e.Data[key]) {
				all = append(all, rewrite{fmt.Sprintf("%s of Secret %s", key, e.Name), false})
			}
		}
	}
	return all
}
