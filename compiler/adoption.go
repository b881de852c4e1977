package compiler

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"relayform/compiler/adopt"
	"relayform/compiler/issue"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/compiler/seal"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// Adoption is the input of Adopt.
type Adoption struct {
	From    []string  // manifests: files, folders, or -; NAME=PATH names the cluster
	Stdin   io.Reader // read for -
	Live    bool      // query the clusters, instead of manifests
	Context []string  // with Live: the kube contexts to query; empty for all in the kubeconfig
	Answers adopt.Answers
	Schema  string // the schema file for editors; may be empty
	DryRun  bool   // write nothing
}

// Adopted is what was found, and what was or would be written.
type Adopted struct {
	Mesh   *adopt.Mesh
	Files  []string // next to the topology, the topology last
	Text   []byte   // of the topology
	Report *verify.Report
	Made   []string // descriptions of Secrets that the first apply creates, and of those that it changes
}

// adoption is an adoption in progress.
type adoption struct {
	*compile
	of    Adoption
	mesh  *adopt.Mesh
	text  []byte
	plan  *plan.Plan
	lock  *lockfile.File
	token []byte
}

// Adopt takes over a running mesh: it writes a topology, a lockfile and a key store from which a compile creates the clusters' Secrets byte
// for byte. It changes nothing in a cluster, and no existing file. The error is an adopt.Refusal or a diag.List if the mesh cannot be
// adopted as it is, or a question must be answered first.
func Adopt(ctx context.Context, p project.Project, env Env, of Adoption) (*Adopted, error) {
	a := &adoption{compile: &compile{project: p, env: env}, of: of}
	if err := a.free(); err != nil {
		return nil, err
	}
	sources, err := a.sources(ctx)
	if err != nil {
		return nil, err
	}
	if a.mesh, err = adopt.Find(sources, of.Answers, a.hasKey); err != nil {
		return nil, err
	}
	if err := a.say(); err != nil {
		return nil, err
	}
	result := &Adopted{Mesh: a.mesh, Text: a.text, Files: a.names()}
	if err := a.prove(result); err != nil {
		return nil, err
	}
	if of.DryRun {
		return result, nil
	}
	if err := os.MkdirAll(p.Dir(), 0o755); err != nil {
		return nil, err
	}
	return project.WithHold(p, env.Who, func(h *project.Hold) (*Adopted, error) {
		a.hold = h
		if err := h.Take(); err != nil {
			return nil, err
		}
		return result, a.write()
	})
}

// free refuses an existing project.
func (a *adoption) free() error {
	if _, err := os.Lstat(a.project.Topology); err == nil {
		return isThere(a.project.Topology)
	} else if !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

func isThere(path string) error {
	return fmt.Errorf("%s already exists, and adopt does not overwrite it; name another folder", path)
}

// begun returns the token of an adoption that was interrupted after it wrote its lockfile, or nil. Any other lockfile is refused, and so is
// a foreign key store.
func (a *adoption) begun() ([]byte, error) {
	store, err := a.store(a.plan.Name)
	if err != nil {
		return nil, err
	}
	l, err := a.project.ReadLock(a.plan)
	switch {
	case err == nil && len(l.Certificates) == 0: // there is no lockfile
		return nil, nil
	case err != nil || !store.Unfinished() || l.Token == nil:
		return nil, isThere(a.project.Lock)
	}
	token, _ := store.Token(l.Token.SHA256) // without it, the lockfile will be different
	return token, nil
}

// store returns the key store of a topology.
func (a *adoption) store(topology string) (*keystore.Store, error) {
	return keystore.OpenStore(a.project.Keys, topology, seal.Ring{Recipients: a.of.Answers.EncryptTo, Identities: a.env.Identities}, a.disk)
}

func (a *adoption) hasKey(topology, spki string) bool {
	store, err := a.store(topology)
	if err != nil {
		return false
	}
	_, err = store.Key(spki)
	return err == nil
}

// say creates the topology, its plan, and the lockfile. If relayform issued the certificates but would now issue different ones, the mesh
// is treated as that of an external PKI.
func (a *adoption) say() error {
	at, err := a.judged()
	if err != nil {
		return err
	}
	a.text = a.mesh.Topology(a.of.Schema)
	if a.plan, err = at.Plan(a.text); err != nil {
		return unwritten(err)
	}
	if a.mesh.Trust.Own != nil {
		a.lock = (&lockfile.File{Topology: a.plan.Name}).With(a.mesh.Entries(), nil)
	} else if a.lock, err = issue.Adopt(a.plan, a.mesh.Held(), a.world(nil)); err != nil {
		return unwritten(err)
	}
	begun, err := a.begun()
	if err != nil {
		return err
	}
	if a.token = a.mesh.Trust.Token; a.mesh.NeedsToken() {
		if a.token = begun; a.token == nil {
			if a.token, err = issue.NewToken(); err != nil {
				return err
			}
		}
	}
	if a.token != nil {
		a.lock.Token = &lockfile.Token{Generation: 1, SHA256: lockfile.TokenDigest(a.token)}
	}
	a.lock.Adopted = a.mesh.Adopted(a.lock)
	if err := a.stands(at); err != nil {
		return err
	}
	return nil
}

// stands loads the lockfile as a compile would, and checks that a compile has nothing to issue or refuse.
func (a *adoption) stands(at project.Project) error {
	text, err := a.lock.Marshal()
	if err != nil {
		return err
	}
	if a.lock, err = lockfile.Parse(at.Lock, text, a.plan.Product); err != nil {
		return fmt.Errorf("the lockfile of this mesh is inconsistent: %w", unwritten(err))
	}
	if a.mesh.Trust.Own == nil {
		return unwritten(issue.Stands(a.plan, a.mesh.Held(), a.lock, a.world(nil)))
	}
	order, err := issue.Lacking(a.plan, a.lock, a.world(nil), issue.Wish{})
	if err == nil {
		err = order.Forbidden()
	}
	if due := (issue.DueError)(nil); errors.As(err, &due) {
		a.mesh.Notes = append(a.mesh.Notes, fmt.Sprintf("relayform issued the certificates, but would now issue different ones (%s: %s): adopt uses pki.external", due[0].Role, due[0].Reason))
		a.mesh.Trust.Own = nil
		return a.say()
	}
	return unwritten(err)
}

// judged returns the project for checks before anything is written: if its folder does not exist, with the nearest existing parent.
func (a *adoption) judged() (project.Project, error) {
	dir := a.project.Dir()
	for {
		if info, err := os.Stat(dir); err == nil && info.IsDir() {
			break
		} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return a.project, err
		}
		if dir == filepath.Dir(dir) {
			break
		}
		dir = filepath.Dir(dir)
	}
	p := a.project
	p.Topology = filepath.Join(dir, filepath.Base(p.Topology))
	p.Lock = filepath.Join(dir, filepath.Base(p.Lock))
	return p, nil
}

// unwritten removes line numbers from faults in a topology that is not written.
func unwritten(err error) error {
	var faults diag.List
	if !errors.As(err, &faults) {
		return err
	}
	told := slices.Clone(faults)
	for i := range told {
		told[i].Pos, told[i].Text = diag.Pos{File: "adopt"}, ""
	}
	return told.Err()
}

// private returns a private file by its name in the key store: of the mesh, or an existing one.
func (a *adoption) private(name string) ([]byte, error) {
	if store, err := a.store(a.plan.Name); err == nil {
		if text, err := store.Private(name); err == nil {
			return text, nil
		}
	}
	if a.lock.Token != nil && name == lockfile.TokenFile(a.lock.Token.SHA256) {
		return a.token, nil
	}
	for cluster, h := range a.mesh.Trust.Clients {
		if name == lockfile.AgentKeyFile(cluster, h.SPKI) {
			return h.Key, nil
		}
	}
	for spki, text := range a.mesh.Trust.Keys {
		if name == lockfile.KeyFile(spki) {
			return text, nil
		}
	}
	return nil, fmt.Errorf("%s: %w", name, keystore.ErrNoKey)
}

// sameFile reports whether a file exists with this content.
func sameFile(path string, text []byte) bool {
	have, err := os.ReadFile(path)
	return err == nil && bytes.Equal(have, text)
}
