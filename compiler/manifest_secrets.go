package compiler

import (
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/manifest"
	"relayform/compiler/verify"
)

// held is the contents of one cluster's files.
type held struct {
	name       string
	secrets    []placed // with the relay's names
	registered []string
	values     []verify.Values
}

// placed is a Secret and the file it was read from.
type placed struct {
	manifest.Secret
	at string
}

// cluster reads the files of one cluster.
func (from From) cluster(name string, files []file) ([]held, error) {
	h := held{name: name}
	for _, f := range files {
		text, err := f.read()
		if err != nil {
			return nil, unreadable(f.path, err)
		}
		found, err := manifest.Read(text)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", f.path, err)
		}
		for _, s := range found.Secrets {
			if slices.Contains(from.Names.All(), s.Name) {
				h.secrets = append(h.secrets, placed{s, f.path})
			}
		}
		for _, tree := range found.Values {
			h.values = append(h.values, verify.Values{At: f.path, Tree: tree})
		}
		h.registered = append(h.registered, found.Registered...)
	}
	return []held{h}, nil
}

// relaysNamespace returns the namespace of the relay server's Secrets, if they are all in one.
func (from From) relaysNamespace(all []held) string {
	if from.Namespace != "" {
		return from.Namespace
	}
	namespace := ""
	for _, h := range all {
		for _, s := range h.secrets {
			if s.Name != from.Names.Server && s.Name != from.Names.Signing || s.Namespace == "" || s.Namespace == namespace {
				continue
			}
			if namespace != "" {
				return ""
			}
			namespace = s.Namespace
		}
	}
	return namespace
}

// gather combines the relay's Secrets of all clusters. Clusters without any are skipped; Helm values for them name their cluster.
func (from From) gather(m *verify.Material, all []held) error {
	namespace := from.relaysNamespace(all)
	var loose []verify.Values
	for _, h := range all {
		m.Registered = append(m.Registered, h.registered...)
		c := verify.Cluster{Name: h.name, Values: h.values}
		for _, name := range from.Names.All() {
			if err := from.choose(&c, h, name, namespace); err != nil {
				return err
			}
		}
		if len(c.Secrets)+len(c.Elsewhere) == 0 {
			loose = append(loose, h.values...)
			continue
		}
		slices.SortFunc(c.Secrets, func(a, b verify.Secret) int { return strings.Compare(a.Name, b.Name) })
		m.Clusters = append(m.Clusters, c)
	}
	for _, v := range loose {
		name, _ := v.Value(m.Product.Agent.Cluster).(string)
		for i := range m.Clusters {
			if m.Clusters[i].Name == name {
				m.Clusters[i].Values = append(m.Clusters[i].Values, v)
			}
		}
	}
	return nil
}

// choose finds a cluster's Secret by name: in the relay's namespace or, if no namespace was given, the only one.
func (from From) choose(c *verify.Cluster, h held, name, namespace string) error {
	var here, elsewhere []placed
	for _, s := range h.secrets {
		switch {
		case s.Name != name:
		case namespace == "" || s.Namespace == "" || s.Namespace == namespace:
			here = append(here, s)
		default:
			elsewhere = append(elsewhere, s)
		}
	}
	apart := ""
	if len(here) == 0 && from.Namespace == "" && len(elsewhere) > 0 {
		here, elsewhere, apart = elsewhere, nil, elsewhere[0].Namespace
	}
	if len(here) > 1 {
		if a, b := here[0], here[1]; a.Namespace != b.Namespace {
			return fmt.Errorf("%s: Secret %s is in the namespaces %s and %s; choose with --namespace", b.at, name, a.Namespace, b.Namespace)
		} else if a.at != b.at {
			return fmt.Errorf("%s: Secret %s is there twice: also in %s", b.at, name, a.at)
		}
		return fmt.Errorf("%s: Secret %s is there twice", here[1].at, name)
	}
	for _, s := range here {
		c.Secrets = append(c.Secrets, verify.Secret{Name: name, Namespace: apart, At: s.at, Data: s.Data})
	}
	for _, s := range elsewhere {
		c.Elsewhere = append(c.Elsewhere, verify.Place{Secret: name, Namespace: s.Namespace})
	}
	return nil
}
