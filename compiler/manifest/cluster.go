package manifest

import (
	"maps"
	"slices"
)

// Scalars caches strings as YAML scalars: labels repeat across a fleet. The zero value is not usable; use make.
type Scalars map[string]string

// text is Text, cached for each string that may need quotes.
func (m Scalars) text(s string) string {
	if plain(s) {
		return s
	}
	t, ok := m[s]
	if !ok {
		t = Text(s)
		m[s] = t
	}
	return t
}

// AppendCluster appends the KubernetesCluster object that registers an agent with the relay server. It writes what Marshal would, without
// marshalling: a fleet has thousands of them.
func (m Scalars) AppendCluster(b []byte, apiVersion, namespace, name, clusterDomain string, labels, annotations map[string]string) []byte {
	b = append(b, "apiVersion: "...)
	b = append(b, apiVersion...)
	b = append(b, "\nkind: KubernetesCluster\nmetadata:\n"...)
	if len(annotations) > 0 {
		b = append(b, "  annotations:\n"...)
		for _, k := range slices.Sorted(maps.Keys(annotations)) {
			b = m.field(b, "    ", k, annotations[k])
		}
	}
	b = append(b, "  labels:\n"...)
	keys := append(make([]string, 0, 16), ManagedByLabel)
	for k := range labels {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	for _, k := range slices.Compact(keys) {
		value := labels[k]
		if k == ManagedByLabel {
			value = ManagedBy
		}
		b = m.field(b, "    ", k, value)
	}
	b = m.field(b, "  ", "name", name)
	b = m.field(b, "  ", "namespace", namespace)
	b = append(b, "spec:\n"...)
	return m.field(b, "  ", "clusterDomain", clusterDomain)
}

func (m Scalars) field(b []byte, indent, key, value string) []byte {
	b = append(append(b, indent...), m.text(key)...)
	b = append(append(b, ": "...), m.text(value)...)
	return append(b, '\n')
}
