package compiler

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/manifest"
	"relayform/schema"
	"relayform/schema/diag"
	"relayform/schema/source"
)

// maxPatch is the size, in bytes, that a user's patch or kustomization may have.
const maxPatch = 1 << 20

// local checks that a path of the topology's stays below the topology's directory, and reports
// whether it may be opened.
func (r *resolver) local(at []string, name string) bool {
	switch {
	case strings.Contains(name, "://") || strings.HasPrefix(name, "git@") || strings.Contains(name, "?ref="):
		r.fault(diag.BadPath, at, "want a path beside the topology, got a remote address; nothing is fetched", "copy it into the repository")
	case filepath.IsAbs(name) || strings.HasPrefix(name, "~"):
		r.fault(diag.BadPath, at, "want a path relative to the topology file, got an absolute one", "")
	case !filepath.IsLocal(filepath.FromSlash(name)):
		r.fault(diag.BadPath, at, "the path leaves the topology's directory", "move the file below the directory of the topology")
	default:
		return true
	}
	return false
}

// read is a file of the user's, below the topology's directory.
func (r *resolver) read(at []string, name string) ([]byte, bool) {
	if !r.local(at, name) {
		return nil, false
	}
	info, err := r.root.Stat(filepath.FromSlash(name))
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.fault(diag.BadFile, at, "no such file", "")
	case err != nil:
		r.fault(diag.BadPath, at, reason(err), "a symbolic link may not lead out of the topology's directory")
	case info.IsDir():
		r.fault(diag.BadFile, at, "a folder; want a file", "")
	case info.Size() > maxPatch:
		r.fault(diag.LimitExceeded, at, fmt.Sprintf("the file has %d bytes; the limit is 1 MiB", info.Size()), "")
	default:
		text, err := r.root.ReadFile(filepath.FromSlash(name))
		if err != nil {
			r.fault(diag.BadFile, at, reason(err), "")
			return nil, false
		}
		if bytes.Contains(text, []byte("PRIVATE KEY-----")) {
			r.fault(diag.BadFile, at, "a private key stands in it, and what it holds would be committed", "take the key out of the file, and replace it: it may have been seen")
			return nil, false
		}
		return text, true
	}
	return nil, false
}

// reason is the innermost cause of a file error, without the path that the diagnostic names anyway.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}

// customize follows a cluster's patches and components.
func (r *resolver) customize(at []string, c schema.Remote, out *Cluster) {
	for i, patch := range c.Patches {
		field := slices.Concat(at, []string{"patches", strconv.Itoa(i), "path"})
		text, ok := r.read(field, string(patch.Path))
		if !ok {
			continue
		}
		if len(bytes.TrimSpace(text)) == 0 {
			r.fault(diag.BadPatch, field, "the patch is empty", "")
			continue
		}
		out.Patches = append(out.Patches, manifest.Patch{Text: string(text), Target: selector(patch.Target)})
	}
	for i, dir := range c.Components {
		field := slices.Concat(at, []string{"components", strconv.Itoa(i)})
		component := Component{Dir: path.Clean(string(dir))}
		if r.local(field, string(dir)) && r.reach(field, component.Dir, &component) {
			out.Components = append(out.Components, component)
		}
	}
}

// selector is kustomize's, without what is not set.
func selector(t *schema.Target) map[string]string {
	if t == nil {
		return nil
	}
	s := map[string]string{}
	for k, v := range map[string]schema.Text{
		"group": t.Group, "version": t.Version, "kind": t.Kind, "name": t.Name, "namespace": t.Namespace,
		"labelSelector": t.LabelSelector, "annotationSelector": t.AnnotationSelector,
	} {
		if v != "" {
			s[k] = string(v)
		}
	}
	return s
}

// kustomizations are the names of a kustomization file (kustomize, RecognizedKustomizationFileNames).
var kustomizations = []string{"kustomization.yaml", "kustomization.yml", "Kustomization"}

// reach follows a component's kustomization to every directory that a build of it would read.
// Whatever is not there would be fetched by kustomize, so it is refused.
func (r *resolver) reach(at []string, dir string, c *Component) bool {
	if slices.Contains(c.Reaches, dir) {
		return true
	}
	c.Reaches = append(c.Reaches, dir)
	for _, name := range kustomizations {
		file := path.Join(dir, name)
		if _, err := r.root.Stat(filepath.FromSlash(file)); errors.Is(err, fs.ErrNotExist) {
			continue
		}
		text, ok := r.read(at, file)
		if !ok {
			return false
		}
		return r.references(at, dir, file, text, c)
	}
	r.fault(diag.BadComponent, at, "no kustomization.yaml in "+dir, "")
	return false
}

// references are the fields of a kustomization that may name a directory, or an address.
var references = []string{"resources", "components", "bases", "transformers", "generators", "validators", "crds", "configurations"}

func (r *resolver) references(at []string, dir, file string, text []byte, c *Component) bool {
	parsed, faults := source.Parse(file, text)
	if parsed == nil || parsed.Root.Kind != source.Map {
		message := "want a block of keys"
		if len(faults) > 0 {
			message = faults[0].Message
		}
		r.fault(diag.BadComponent, at, file+": "+message, "")
		return false
	}
	for _, forbidden := range []string{"helmCharts", "helmChartInflationGenerator"} {
		if parsed.Root.Key(forbidden) != nil {
			r.fault(diag.BadComponent, at, file+": "+forbidden+" would fetch a chart; nothing is fetched", "render the chart into a file of the component")
			return false
		}
	}
	for _, field := range references {
		list := parsed.Root.Get(field)
		if list == nil || list.Kind != source.List {
			continue
		}
		for _, item := range list.Items {
			if item.Kind != source.Scalar || strings.Contains(item.Value, "\n") {
				continue // an inline document
			}
			name := path.Join(dir, item.Value)
			info, err := r.root.Stat(filepath.FromSlash(name))
			if err != nil || !filepath.IsLocal(filepath.FromSlash(name)) {
				r.fault(diag.BadComponent, at, fmt.Sprintf("%s:%d: %s: no such file or folder below the topology's directory; nothing is fetched", file, item.Line, item.Value), "")
				return false
			}
			if info.IsDir() && !r.reach(at, name, c) {
				return false
			}
		}
	}
	return true
}
