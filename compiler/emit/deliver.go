package emit

import (
	"bytes"
	"path"
	"slices"
	"strings"

	"relayform/compiler/folder"
	"relayform/compiler/gitops"
	"relayform/compiler/overlay"
	"relayform/compiler/plan"
)

// deliverManagement writes what the management cluster's engine reads.
func (e *emitter) deliverManagement() {
	if e.engine == nil {
		return
	}
	m, values := e.plan.Management, map[string][]byte{}
	for _, f := range e.files {
		if name, ok := strings.CutPrefix(f.Name, m.Name+"/"); ok && (name == valuesFile || name == agentValuesFile) {
			values[name] = bytes.TrimPrefix(f.Data, []byte(Header))
		}
	}
	files, err := e.engine.Management(values)
	e.delivered(m, files, err, 0)
}

// deliverRemote writes what the engine reads for a remote, whose files begin at index start.
func (e *emitter) deliverRemote(c plan.Cluster, values []byte, start int) {
	if e.engine == nil {
		return
	}
	if e.plan.Apart() {
		dir := c.Name + "/"
		for _, f := range e.shared {
			if c.Audience == nil || !strings.HasPrefix(f.Name, privateFolder+"/") {
				e.file(dir+f.Name, f.Data)
			}
		}
	}
	files, err := e.engine.Remote(c, bytes.TrimPrefix(values, []byte(Header)))
	e.delivered(c, files, err, start)
}

// delivered adds an engine's files, and completes a cluster's folder if it must be self-contained.
func (e *emitter) delivered(c plan.Cluster, files []folder.File, err error, start int) {
	if err != nil && e.err == nil {
		e.err = err
	}
	e.files = append(e.files, files...)
	if !e.plan.Apart() {
		return
	}
	e.own(c)
	e.engine.Complete(c.Name, e.files[start:])
}

// own copies the users' files that a cluster's engine reads into the cluster's folder.
func (e *emitter) own(c plan.Cluster) {
	var copies []folder.File
	seen := map[string]bool{}
	add := func(name string, data []byte) {
		if name = path.Join(gitops.OwnFolder, name); !seen[name] {
			seen[name] = true
			copies = append(copies, folder.File{Name: name, Data: data})
		}
	}
	for _, component := range c.Components {
		for _, f := range component.Files {
			add(f.Name, f.Data)
		}
	}
	if d := e.plan.Deliver; d.ArgoCD != nil && d.Charts {
		for _, v := range e.plan.Charts.Values {
			add(v.Path, v.Text)
		}
	}
	if len(copies) == 0 {
		return
	}
	e.file(path.Join(c.Name, overlay.CopiesFile), overlay.Copies(copies))
	for _, f := range copies {
		e.file(path.Join(c.Name, f.Name), f.Data)
	}
}

// sharedFiles returns the files that are identical in the folders of all remotes, apart from those that provide private values to some
// only.
func (e *emitter) sharedFiles() {
	start := len(e.files)
	e.public(publicFolder, e.parts.Remote, nil)
	e.private(privateFolder, e.parts.Remote.Private)
	e.shared = slices.Clone(e.files[start:])
	e.files = e.files[:start]
}

func (e *emitter) artifactsList() {
	if e.plan.Apart() {
		e.text(gitops.ArtifactsFile, e.engine.Artifacts(), nil)
	}
}

// clustersList writes the list with which the next compile compares its clusters.
func (e *emitter) clustersList() {
	b := make([]byte, 0, 96*len(e.plan.Remotes)+96)
	for c := range e.plan.Each {
		b = plan.AppendCluster(b, c)
	}
	e.text(plan.ClustersList, b, nil)
}
