package custom

import (
	"errors"
	"io/fs"
	"path"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/manifest"
	"relayform/schema/diag"
	"relayform/schema/source"
)

// Component is a user's kustomize component: everything that kustomize may read from it, as checked.
type Component struct {
	Dir   string        // slash-separated, relative to the topology's directory
	Files []folder.File // named relative to the topology's directory
	Cost  Cost

	Folders []string // that a build of it reads, including its own, named likewise
}

// Reader reads components below the topology's directory. It reads and checks each file and folder once, however many clusters share it.
type Reader struct {
	root       fs.FS
	content    func(name string, limit int64) ([]byte, error)
	files      map[string][]byte
	folders    map[string]*reached
	components map[string]*Component
}

// reached is a folder that a build reads.
type reached struct {
	done  bool // false while it is being read, to detect cycles
	fault *diag.Fault
	files []string   // that it reads itself
	below []*reached // the folders that it names
	cost  Cost       // including everything below it
}

// NewReader returns a reader for what is below the root. Content returns the content of regular files up to a limit.
func NewReader(root fs.FS, content func(name string, limit int64) ([]byte, error)) *Reader {
	return &Reader{root: root, content: content, files: map[string][]byte{}, folders: map[string]*reached{}, components: map[string]*Component{}}
}

// Component reads the component in a folder, and everything that a build of it would read.
func (r *Reader) Component(dir string) (*Component, *diag.Fault) {
	dir = path.Clean(dir)
	if c := r.components[dir]; c != nil {
		return c, nil
	}
	if fault := ambiguous(dir); fault != nil {
		return nil, fault
	}
	top := r.folder(dir)
	if top.fault != nil {
		return nil, top.fault
	}
	if fault := top.cost.Check(); fault != nil {
		return nil, fault
	}
	c := &Component{Dir: dir, Cost: top.cost}
	seen := map[*reached]bool{}
	var gather func(*reached)
	gather = func(f *reached) {
		if seen[f] {
			return
		}
		seen[f] = true
		c.Folders = append(c.Folders, path.Dir(f.files[0])) // its kustomization
		for _, name := range f.files {
			c.Files = append(c.Files, folder.File{Name: name, Data: r.files[name]})
		}
		for _, below := range f.below {
			gather(below)
		}
	}
	gather(top)
	r.components[dir] = c
	return c, nil
}

// ambiguous refuses folders that kustomize would split into two paths.
func ambiguous(dir string) *diag.Fault {
	for part := range strings.SplitSeq(dir, "/") {
		if part != ".." && strings.Contains(part, "..") {
			return diag.BadComponent.Fault(diag.Shorten(dir)+": kustomize refuses folders with .. in their names", "give the folder another name")
		}
	}
	return nil
}

func (r *Reader) folder(dir string) *reached {
	if f := r.folders[dir]; f != nil {
		if !f.done {
			return &reached{fault: diag.BadComponent.Fault(dir+" includes itself; building it would never end", "")}
		}
		return f
	}
	f := &reached{}
	r.folders[dir] = f
	f.fault = r.reach(dir, f)
	f.done = true
	return f
}

// reach reads a folder's kustomization and what it names.
func (r *Reader) reach(dir string, f *reached) *diag.Fault {
	if len(r.folders) > maxRead {
		return limit("", "the components read more than %d folders; the limit is %d", maxRead, maxRead)
	}
	if fault := r.plain(dir); fault != nil {
		return fault
	}
	var found []string
	for _, name := range manifest.KustomizationFiles {
		if _, err := fs.Stat(r.root, path.Join(dir, name)); !errors.Is(err, fs.ErrNotExist) {
			found = append(found, name)
		}
	}
	switch {
	case len(found) > 1:
		return diag.BadComponent.Fault(dir+" has "+strings.Join(found, " and ")+"; kustomize needs exactly one of them", "remove the others")
	case len(found) == 0:
		if _, err := fs.Stat(r.root, dir); errors.Is(err, fs.ErrNotExist) {
			return diag.BadComponent.Fault("no such folder: "+diag.Shorten(dir), "")
		}
		return diag.BadComponent.Fault("no kustomization.yaml in "+diag.Shorten(dir), "")
	}
	file := path.Join(dir, found[0])
	text, fault := r.read(file, MaxPatch)
	if fault != nil {
		return fault
	}
	parsed, faults := source.Parse(file, text)
	switch {
	case len(faults) > 0:
		return from(file, faults[0])
	case parsed.Root.Kind != source.Map:
		return diag.BadComponent.Fault(file+": want a block of keys, got "+parsed.Root.Reading(), "")
	}
	f.files = append(f.files, file)
	f.cost.Add(Cost{Folders: 1, Bytes: len(text)})
	k := kustomization{reader: r, folder: f, dir: dir, file: file}
	return k.keys(parsed.Root, fields)
}

// maxRead is the maximum number of folders in all components of a topology.
const maxRead = 100_000

// read returns the content of a file, up to a size in bytes.
func (r *Reader) read(name string, size int64) ([]byte, *diag.Fault) {
	if text, ok := r.files[name]; ok {
		if int64(len(text)) > size {
			return nil, tooLarge(name, size)
		}
		return text, nil
	}
	if fault := r.plain(name); fault != nil {
		return nil, fault
	}
	text, err := r.content(name, size)
	var kind *folder.KindError
	var large *folder.SizeError
	switch {
	case errors.As(err, &kind):
		return nil, diag.BadComponent.Fault(name+": "+kind.Error(), "")
	case errors.As(err, &large):
		return nil, tooLarge(name, size)
	case err != nil:
		return nil, diag.BadComponent.Fault(name+": the file cannot be read: "+Reason(err), "")
	}
	r.files[name] = text
	return text, nil
}

func tooLarge(name string, size int64) *diag.Fault {
	return limit("", "%s: more than %d MiB; the limit is %d MiB", name, size>>20, size>>20)
}

// plain refuses a path with a symbolic link: kustomize would continue from its target.
func (r *Reader) plain(name string) *diag.Fault {
	for at := name; at != "."; at = path.Dir(at) {
		info, err := fs.Lstat(r.root, at)
		if err != nil || info.Mode()&fs.ModeSymlink == 0 {
			continue
		}
		_, err = fs.Stat(r.root, at)
		switch {
		case Escapes(err):
			return diag.BadPath.Fault(Reason(err), "copy the file below the directory of the topology")
		case err != nil && !errors.Is(err, fs.ErrNotExist):
			return diag.BadPath.Fault(at+": "+Reason(err), "")
		}
		return diag.BadPath.Fault(at+" is a symbolic link; kustomize would follow it", "name its target, or put a copy there")
	}
	return nil
}

// Escapes reports whether a file was refused because it is outside its root. os exports no such error; this is the text of os.Root's.
func Escapes(err error) bool {
	var pe *fs.PathError
	return errors.As(err, &pe) && pe.Err.Error() == "path escapes from parent"
}

// Reason returns the innermost cause of a file error, without the path, which the message contains anyway.
func Reason(err error) string {
	var pe *fs.PathError
	switch {
	case Escapes(err):
		return "a symbolic link points outside the topology's directory"
	case errors.As(err, &pe):
		return pe.Err.Error()
	}
	return err.Error()
}
