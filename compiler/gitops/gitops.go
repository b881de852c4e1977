// Package gitops writes what a GitOps engine reads to deliver a build folder: which folder each cluster applies, from where, in
// which order, and with which charts. Each engine of the language has a file.
package gitops

import (
	"fmt"
	"path"
	"path/filepath"

	"relayform/compiler/folder"
	"relayform/compiler/manifest"
	"relayform/compiler/plan"
	"relayform/schema/diag"
)

// Folders and files of a cluster's own, beside its overlay.
const (
	ValuesFile      = "values.yaml"       // what the server's chart is given, or a remote's agent's
	AgentValuesFile = "agent-values.yaml" // what the agent's is on the management cluster, where it is another chart

	OwnFolder    = "own"    // the users' files that it needs, as they lie below the topology's folder
	ChartsFolder = "charts" // what installs charts
	PartsFolder  = "parts"  // the registration of many agents, in parts

	// ArtifactsFile lists each cluster's folder with its digest, where each may be an artifact of its own.
	ArtifactsFile = plan.DeliverFolder + "/artifacts.txt"
)

// engine writes the objects of one engine.
type engine interface {
	management([]release) error
	remote(plan.Cluster, []release) error
}

// Writer writes the files of a plan's engine.
type Writer struct {
	plan   *plan.Plan
	build  string // the build folder in the repository
	holes  holes
	files  []folder.File
	engine engine

	artifacts []byte
}

// New takes the build folder's place below the topology's, slash-separated.
func New(p *plan.Plan, build string) (*Writer, error) {
	d := p.Deliver
	w := &Writer{plan: p, build: path.Join(d.Path, build), holes: holesOf(p)}
	switch {
	case !filepath.IsLocal(filepath.FromSlash(w.build)):
		return nil, fmt.Errorf("%s reads nothing above its repository, and the build folder is at %s from its top; choose another with --out, or another deliver path", d.Engine(), w.build)
	case !plan.Deliverable(w.build):
		return nil, fmt.Errorf("%s: objects of %s name the build folder, and may contain only letters, digits, ., _, - and /; choose another with --out", diag.Printable(build), d.Engine())
	}
	if d.Flux != nil {
		w.engine = newFlux(w)
	} else {
		w.engine = newArgoCD(w)
	}
	return w, nil
}

// Management writes what delivers to the management cluster, and what is there once for all. The values are those in its folder's
// files, by their names.
func (w *Writer) Management(values map[string][]byte) ([]folder.File, error) {
	err := w.engine.management(w.ofServer(values))
	return w.taken(), err
}

// Remote writes what delivers to a remote.
func (w *Writer) Remote(c plan.Cluster, values []byte) ([]folder.File, error) {
	var releases []release
	if c.RelayAddress != "" { // an agent that has no address to dial cannot start
		releases = w.ofAgent(values)
	}
	err := w.engine.remote(c, releases)
	return w.taken(), err
}

func (w *Writer) taken() []folder.File {
	files := w.files
	w.files = nil
	return files
}

func (w *Writer) file(name string, text []byte) {
	w.files = append(w.files, folder.File{Name: name, Data: text})
}

func (w *Writer) objects(name string, objects ...manifest.Object) error {
	text, err := manifest.Marshal(objects...)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	w.file(name, append([]byte("# "+manifest.Header+"\n"), text...))
	return nil
}

// name is that of an object for a cluster: topology, cluster and what it is for, with periods between, which neither
// has in its name.
func (w *Writer) name(cluster string, what ...string) string {
	name := w.plan.Name + "." + cluster
	for _, part := range what {
		name += "." + part
	}
	return name
}

// delivers is the name of the object by which an engine delivers to itself.
func (w *Writer) delivers(cluster string) string {
	if w.plan.Deliver.Hub {
		return w.plan.Name + "." + plan.DeliverFolder
	}
	return w.name(cluster, plan.DeliverFolder)
}

// folder is the folder of which an engine reads its own objects, below the build folder.
func (w *Writer) folder(cluster string) string {
	if w.plan.Deliver.Hub {
		return plan.DeliverFolder
	}
	return cluster + "/" + plan.DeliverFolder
}

// at is a place of the build folder, in what the engine reads.
func (w *Writer) at(cluster string, below ...string) string {
	if w.plan.Deliver.Artifacts() {
		return path.Join(append([]string{w.plan.Deliver.Path}, below...)...)
	}
	return path.Join(append([]string{w.build, cluster}, below...)...)
}
