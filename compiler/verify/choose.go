package verify

import (
	"fmt"
	"slices"
	"strings"

	"relayform/compiler/manifest"
)

// Choose selects a relay's Secrets from others, in a given namespace unless empty. At is what they were read from.
func Choose(found []manifest.Secret, names SecretNames, namespace, at string) ([]Secret, error) {
	var chosen []Secret
	from := map[string]string{}
	for _, s := range found {
		if !slices.Contains(names.All(), s.Name) || namespace != "" && s.Namespace != "" && s.Namespace != namespace {
			continue
		}
		if other, ok := from[s.Name]; ok {
			if other != s.Namespace {
				return nil, fmt.Errorf("%s: Secret %s is in the namespaces %s and %s; choose with --namespace", at, s.Name, other, s.Namespace)
			}
			return nil, fmt.Errorf("%s: Secret %s is there twice", at, s.Name)
		}
		from[s.Name] = s.Namespace
		chosen = append(chosen, Secret{Name: s.Name, At: at, ManagedBy: s.ManagedBy, Owners: s.Owners, Data: s.Data})
	}
	slices.SortFunc(chosen, func(a, b Secret) int { return strings.Compare(a.Name, b.Name) })
	return chosen, nil
}
