// Package gitops writes what a GitOps engine reads to deliver a build folder: which folder each cluster applies, from where, in which
// order, and with which charts. Each engine has a file here.
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

// Folders and files in a cluster's folder, besides its overlay.
const (
	ValuesFile      = "values.yaml"       // values of the server's chart, or of a remote's agent
	AgentValuesFile = "agent-values.yaml" // values of the agent on the management cluster, if it has a separate chart

	OwnFolder    = "own"    // users' files that it needs, with their paths relative to the topology's folder
	ChartsFolder = "charts" // objects that install charts
	PartsFolder  = "parts"  // the registration of many agents, in parts

	// ArtifactsFile lists each cluster's folder with its digest, if each can be an artifact.
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

// New creates a Writer. Build is the build folder relative to the topology's folder, slash-separated.
func New(p *plan.Plan, build string) (*Writer, error) {
	d := p.Deliver
	w := &Writer{plan: p, build: path.Join(d.Path, build), holes: holesOf(p)}
	switch {
	case !filepath.IsLocal(filepath.FromSlash(w.build)):
		return nil, fmt.Errorf("%s cannot read above its repository, but the build folder is at %s from its top; choose another with --out, or another deliver path", d.Engine(), w.build)
	case !plan.Deliverable(w.build):
		return nil, fmt.Errorf("%s: objects of %s name the build folder, so its path may contain only letters, digits, ., _, - and /; choose another with --out", diag.Printable(build), d.Engine())
	}
	if d.Flux != nil {
		w.engine = newFlux(w)
	} else {
		w.engine = newArgoCD(w)
	}
	return w, nil
}

// Management writes what delivers to the management cluster, and what exists once per mesh. The values are the values files in its folder,
// by name.
func (w *Writer) Management(values map[string][]byte) ([]folder.File, error) {
	err := w.engine.management(w.ofServer(values))
	return w.taken(), err
}

// Remote writes what delivers to a remote.
func (w *Writer) Remote(c plan.Cluster, values []byte) ([]folder.File, error) {
	var releases []release
	if c.RelayAddress != "" { // an agent without an address to dial cannot start
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

// name returns the name of an object for a cluster: topology, cluster and purpose, separated by periods, which none of these contains.
func (w *Writer) name(cluster string, what ...string) string {
	name := w.plan.Name + "." + cluster
	for _, part := range what {
		name += "." + part
	}
	return name
}

// delivers returns the name of the object with which an engine delivers to itself.
func (w *Writer) delivers(cluster string) string {
	if w.plan.Deliver.Hub {
		return w.plan.Name + "." + plan.DeliverFolder
	}
	return w.name(cluster, plan.DeliverFolder)
}

// folder returns the folder of an engine's own objects, relative to the build folder.
func (w *Writer) folder(cluster string) string {
	if w.plan.Deliver.Hub {
		return plan.DeliverFolder
	}
	return cluster + "/" + plan.DeliverFolder
}

// at returns the path of something in the build folder, in what the engine reads.
func (w *Writer) at(cluster string, below ...string) string {
	if w.plan.Deliver.Artifacts() {
		return path.Join(append([]string{w.plan.Deliver.Path}, below...)...)
	}
	return path.Join(append([]string{w.build, cluster}, below...)...)
}
