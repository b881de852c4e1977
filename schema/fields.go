package schema

import (
	"relayform/schema/source"
)

// Fields is the path of every field of the language, a block before its fields; * stands for the
// keys that users choose and for the items of a list.
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
