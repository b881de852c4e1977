package plan

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"relayform/compiler/custom"
	"relayform/compiler/folder"
	"relayform/compiler/manifest"
	"relayform/compiler/mutualtls"
	"relayform/compiler/overlay"
	"relayform/schema"
	"relayform/schema/diag"
	"relayform/schema/pattern"
)

// local checks that a path in the topology stays below the topology's directory, and reports whether it may be opened.
func (r *resolver) local(at []string, name string) bool {
	_, err := r.root.Lstat(filepath.FromSlash(name))
	switch {
	case filepath.IsAbs(name) || strings.HasPrefix(name, "~") || drive().MatchString(name):
		r.fault(at, diag.BadPath.Fault("want a path relative to the topology file, got an absolute one", "copy the file beside the topology; the path must work for everyone"))
	case err != nil && overlay.Address(name): // an existing folder is not fetched, whatever its name
		r.fault(at, diag.BadPath.Fault("want a path beside the topology, got a remote address; nothing is fetched", "copy it into the repository"))
	case strings.Contains(name, "\\"):
		r.fault(at, diag.BadPath.Fault("want / between folders, got \\", "write "+diag.Shorten(strings.ReplaceAll(name, "\\", "/"))))
	case !filepath.IsLocal(filepath.FromSlash(name)):
		r.fault(at, diag.BadPath.Fault("the path leaves the topology's directory", "move it below the directory of the topology"))
	default:
		return true
	}
	return false
}

// drive matches the beginning of an absolute Windows path.
var drive = pattern.Late(`^[A-Za-z]:[\\/]`)

// read reads a user's file below the topology's directory.
func (r *resolver) read(at []string, name string) ([]byte, bool) {
	if name == "" || !r.local(at, name) || r.private(at, name) {
		return nil, false // already reported as missing
	}
	text, err := folder.ReadBelow(r.root, filepath.FromSlash(name), custom.MaxPatch)
	var kind *folder.KindError
	var size *folder.SizeError
	switch {
	case errors.Is(err, fs.ErrNotExist):
		r.fault(at, diag.BadFile.Fault("no such file", ""))
	case custom.Escapes(err):
		r.fault(at, diag.BadPath.Fault(custom.Reason(err), "copy the file below the directory of the topology"))
	case errors.As(err, &kind):
		r.fault(at, diag.BadFile.Fault(kind.Error(), ""))
	case errors.As(err, &size):
		r.fault(at, diag.LimitExceeded.Fault(fmt.Sprintf("the file has %d bytes; the limit is 1 MiB", size.Size), ""))
	case err != nil:
		r.fault(at, diag.BadFile.Fault("the file cannot be read: "+custom.Reason(err), ""))
	default:
		return text, true
	}
	return nil, false
}

// below returns a function that reads files below a folder.
func below(root *os.Root) func(string, int64) ([]byte, error) {
	return func(name string, limit int64) ([]byte, error) {
		return folder.ReadBelow(root, filepath.FromSlash(name), limit)
	}
}

// customize resolves a cluster's patches and components.
func (r *resolver) customize(at []string, c schema.Remote, out *Cluster) {
	if len(c.Patches)+len(c.Components) == 0 {
		return
	}
	var cost custom.Cost
	for i, patch := range c.Patches {
		entry := slices.Concat(at, []string{"patches", strconv.Itoa(i)})
		field := append(slices.Clip(entry), "path")
		target := selector(patch.Target)
		for key, text := range target {
			if len(text) > custom.MaxSelector {
				r.fault(append(slices.Clip(entry), "target", key), diag.LimitExceeded.Fault(fmt.Sprintf("a selector of %d bytes; the limit is %d", len(text), custom.MaxSelector), ""))
			}
		}
		judged, ok := r.patch(field, string(patch.Path), patch.Target != nil)
		if ok && r.switchesOff(field, "patch "+string(patch.Path), func() []string {
			return inFiles(mutualtls.InManifests, folder.File{Name: string(patch.Path), Data: []byte(judged.text)})
		}) {
			continue
		}
		if ok && !r.patchDiscloses(field, patch, []byte(judged.text)) {
			out.Patches = append(out.Patches, manifest.Patch{Text: judged.text, Target: target})
			cost.Add(judged.cost)
		}
	}
	for i, dir := range c.Components {
		field := slices.Concat(at, []string{"components", strconv.Itoa(i)})
		if dir == "" || !r.local(field, string(dir)) || r.private(field, string(dir)) {
			continue
		}
		component, fault := r.components.Component(string(dir))
		if fault != nil {
			r.fault(field, fault)
			continue
		}
		if r.componentDiscloses(field, component) {
			continue
		}
		if r.switchesOff(field, "component "+component.Dir, func() []string { return inFiles(mutualtls.InManifests, r.files(component)...) }) {
			continue
		}
		out.Components = append(out.Components, component)
		cost.Add(component.Cost)
	}
	fault := cost.Check()
	if fault == nil {
		fault = r.added.add(c, out.Patches, cost)
	}
	if fault != nil {
		key := "patches"
		if len(out.Components) > 0 {
			key = "components"
		}
		r.faultAtKey(slices.Concat(at, []string{key}), fault)
	}
}

// patch is a user's patch with the result of its checks.
type patch struct {
	text  string
	cost  custom.Cost
	fault *diag.Fault
}

// patch reads a patch and checks it once, however many clusters share it.
func (r *resolver) patch(at []string, name string, target bool) (patch, bool) {
	key := fmt.Sprint(name, target)
	judged, known := r.patches[key]
	if !known {
		text, ok := r.read(at, name)
		if !ok {
			return patch{}, false
		}
		judged.text = string(text)
		if judged.cost, judged.fault = custom.Patch(name, judged.text, target); judged.fault == nil {
			judged.fault = judged.cost.Check()
		}
		if strings.TrimSpace(judged.text) == "" {
			judged.fault = diag.BadPatch.Fault("the patch is empty", "")
		}
		r.patches[key] = judged
	}
	if fault := judged.fault; fault != nil {
		code := fault.Code
		if code == diag.BadComponent {
			code = diag.BadPatch
		}
		r.fault(at, code.Fault(fault.Message, fault.Hint))
	}
	return judged, judged.fault == nil
}

// selector returns a kustomize patch target, without fields that are not set.
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
