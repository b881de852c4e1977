package adopt

import (
	"slices"
	"strings"

	"relayform/compiler/product"
	"relayform/compiler/shell"
)

// usersValues reports installed Helm values that relayform does not write: an upgrade with only relayform's values would drop them. They
// may be private, so only their paths are reported.
func (f *finder) usersValues() {
	p := f.mesh.Product
	written := append(p.ServerSettings("", "", product.Service{Annotations: map[string]string{"": ""}}, product.Service{}), p.AgentSettings("", "", "set", "", "")...)
	for _, c := range f.clusters() {
		for _, r := range f.releases[c.source.Name] {
			var own []string
			leaves("", r.Tree, func(path string) {
				if !slices.ContainsFunc(written, func(s product.Setting) bool { return path == s.Path || strings.HasPrefix(path, s.Path+".") }) {
					own = append(own, path)
				}
			})
			if len(own) == 0 {
				continue
			}
			f.warnIn(c.Name, "Helm release %s has values that relayform does not write (%s): an upgrade with only relayform's values would drop them. Save them in a file and list it in charts.values. To print them: helm --kube-context CONTEXT --namespace %s get values %s",
				r.Name, named(own), shell.Word(r.Namespace), shell.Word(r.Name))
		}
	}
}

// leaves calls visit with the path of each value in a tree that is not a map.
func leaves(at string, tree map[string]any, visit func(path string)) {
	for key, v := range tree {
		path := strings.TrimPrefix(at+"."+key, ".")
		if block, ok := v.(map[string]any); ok {
			leaves(path, block, visit)
		} else if v != nil {
			visit(path)
		}
	}
}
