package schema

import (
	"relayform/schema/source"
)

// Fields returns the path of every field of the language, each block before its fields. A * in a path is a key that users choose, or an
// item of a list.
func Fields() []string {
	var paths []string
	compiled().topology().walk("", func(path string) { paths = append(paths, path) })
	return paths
}

func (s *shape) walk(path string, visit func(string)) {
	for _, f := range s.fields {
		at := source.Join(path, f.name)
		visit(at)
		f.shape().walk(at, visit)
	}
	if s.elem != nil {
		s.elem.walk(source.Join(path, "*"), visit)
	}
}
