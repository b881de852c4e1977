package compiler

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/folder"
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
	_, isURL := remote(name)
	switch {
	case isURL:
		r.fault(diag.BadPath, at, "want a path beside the topology, got a remote address; nothing is fetched", "copy it into the repository")
	case filepath.IsAbs(name) || strings.HasPrefix(name, "~") || drive.MatchString(name):
		r.fault(diag.BadPath, at, "want a path relative to the topology file, got an absolute one", "copy the file beside the topology; the same path must hold for everyone")
	case strings.Contains(name, "\\"):
		r.fault(diag.BadPath, at, "want / between folders, got \\", "write "+diag.Shorten(strings.ReplaceAll(name, "\\", "/")))
	case !filepath.IsLocal(filepath.FromSlash(name)):
		r.fault(diag.BadPath, at, "the path leaves the topology's directory", "move it below the directory of the topology")
	default:
		return true
	}
	return false
}

// drive begins an absolute path on Windows.
var drive = regexp.MustCompile(`^[A-Za-z]:[\\/]`)

// remote reports whether kustomize would take a path for an address to fetch from, and by what.
func remote(name string) (string, bool) {
	for _, mark := range []string{"://", "git@", "git::", "?ref="} {
		if strings.Contains(name, mark) {
			return mark, true
		}
	}
	for _, host := range []string{"github.com/", "gitlab.com/", "bitbucket.org/"} {
		if strings.HasPrefix(name, host) {
			return host, true
		}
	}
	return "", false
}

// read is a file of the user's, below the topology's directory.
func (r *resolver) read(at []string, name string) ([]byte, bool) {
	if name == "" || !r.local(at, name) || r.private(at, name) {
		return nil, false // missing is reported already
	}
	text, err := folder.ReadBelow(r.root, filepath.FromSlash(name), maxPatch)
	var kind *folder.KindError
	var size *folder.SizeError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.fault(diag.BadFile, at, "no such file", "")
	case escapes(err):
		r.fault(diag.BadPath, at, reason(err), "copy the file below the directory of the topology")
	case errors.As(err, &kind):
		r.fault(diag.BadFile, at, kind.Error(), "")
	case errors.As(err, &size):
		r.fault(diag.LimitExceeded, at, fmt.Sprintf("the file has %d bytes; the limit is 1 MiB", size.Size), "")
	case err != nil:
		r.fault(diag.BadFile, at, "the file cannot be read: "+reason(err), "")
	default:
		return text, true
	}
	return nil, false
}

// escapes reports whether a file was refused because it lies outside of the root that it was sought
// below. os has no value for it; these are the words of os.Root.
func escapes(err error) bool {
	var pe *fs.PathError
	return errors.As(err, &pe) && pe.Err.Error() == "path escapes from parent"
}

// reason is the innermost cause of a file error, without the path that the diagnostic names anyway.
func reason(err error) string {
	var pe *fs.PathError
	switch {
	case escapes(err):
		return "a symbolic link leads out of the topology's directory"
	case errors.As(err, &pe):
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
		if r.patchDiscloses(field, patch, text) {
			continue
		}
		out.Patches = append(out.Patches, manifest.Patch{Text: string(text), Target: selector(patch.Target)})
	}
	for i, dir := range c.Components {
		field := slices.Concat(at, []string{"components", strconv.Itoa(i)})
		component := Component{Dir: path.Clean(string(dir))}
		if dir != "" && r.local(field, string(dir)) && !r.private(field, string(dir)) && r.reach(field, component.Dir, &component) && !r.componentDiscloses(field, component) {
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
	if _, err := r.root.Stat(filepath.FromSlash(dir)); errors.Is(err, fs.ErrNotExist) {
		r.fault(diag.BadComponent, at, "no such folder: "+diag.Shorten(dir), "")
	} else {
		r.fault(diag.BadComponent, at, "no kustomization.yaml in "+diag.Shorten(dir), "")
	}
	return false
}

// getFold is the value of a key, whatever its case: so kustomize looks them up.
func getFold(n *source.Node, name string) *source.Node {
	for _, k := range n.Keys {
		if strings.EqualFold(k.Name, name) {
			return k.Value
		}
	}
	return nil
}

// references are the fields of a kustomization that may name a directory, or an address.
var references = []string{"resources", "components", "bases", "transformers", "generators", "validators", "crds", "configurations"}

func (r *resolver) references(at []string, dir, file string, text []byte, c *Component) bool {
	parsed, faults := source.Parse(file, text)
	switch {
	case len(faults) > 0:
		r.fault(diag.BadComponent, at, fmt.Sprintf("%s:%d: %s", file, faults[0].Line, faults[0].Message), faults[0].Hint)
		return false
	case parsed.Root.Kind != source.Map:
		r.fault(diag.BadComponent, at, file+": want a block of keys, got "+parsed.Root.Reading(), "")
		return false
	}
	for _, forbidden := range []string{"helmCharts", "helmChartInflationGenerator"} {
		if getFold(parsed.Root, forbidden) != nil {
			r.fault(diag.BadComponent, at, file+": "+forbidden+" would fetch a chart; nothing is fetched", "render the chart into a file of the component")
			return false
		}
	}
	for _, field := range references {
		list := getFold(parsed.Root, field)
		if list == nil || list.Kind != source.List {
			continue
		}
		for _, item := range list.Items {
			if item.Kind != source.Scalar || strings.Contains(item.Value, "\n") {
				continue // an inline document
			}
			if _, isURL := remote(item.Value); isURL {
				r.fault(diag.BadComponent, at, fmt.Sprintf("%s:%d: %s is a remote address; nothing is fetched", file, item.Line, diag.Shorten(item.Value)), "copy it into the component")
				return false
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
