package main

import (
	"cmp"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"relayform/compiler"
	"relayform/compiler/adopt"
	"relayform/compiler/manifest"
	"relayform/compiler/project"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// adoptOutcome is how adopt ended.
type adoptOutcome string

const (
	didAdopt     adoptOutcome = "adopted"
	wouldAdopt   adoptOutcome = "would adopt"
	adoptRefused adoptOutcome = "refused"
)

// adoptDocument is the mesh that adopt found, and what it wrote.
type adoptDocument struct {
	Outcome      adoptOutcome     `json:"outcome" jsonschema:"adopted; would adopt, with --dry-run; or refused: diagnostics say why, or what to answer first."`
	Topology     string           `json:"topology" jsonschema:"The topology's file."`
	Text         string           `json:"text,omitempty" jsonschema:"The topology, as YAML."`
	Mesh         string           `json:"mesh,omitempty" jsonschema:"The name of the mesh."`
	Product      string           `json:"product,omitempty" jsonschema:"The product, as the topology names it."`
	Version      string           `json:"version,omitempty" jsonschema:"The version of the charts, if all clusters have the same."`
	Namespace    string           `json:"namespace,omitempty" jsonschema:"The namespace of the relay."`
	Authority    string           `json:"authority,omitempty" jsonschema:"The name by which agents verify the relay server."`
	RelayAddress string           `json:"relayAddress,omitempty" jsonschema:"The address that most agents dial, host:port."`
	Ingress      string           `json:"ingress,omitempty" jsonschema:"How agents reach the relay server, as the topology names it."`
	Management   *adoptedCluster  `json:"management,omitempty" jsonschema:"The management cluster."`
	Remotes      []adoptedCluster `json:"remotes" jsonschema:"The remote clusters."`
	Files        []string         `json:"files" jsonschema:"The files that were written, or with --dry-run would be; a folder ends with a slash."`
	FirstApply   []string         `json:"firstApply" jsonschema:"The Secrets that the first apply writes, each with its cluster; empty if it changes no byte of any Secret."`
	Findings     []verify.Finding `json:"findings" jsonschema:"What verify finds in the mesh."`
	faults
	Warnings []string   `json:"warnings" jsonschema:"Warnings, a sentence each."`
	Notes    []string   `json:"notes" jsonschema:"Notes, a sentence each."`
	Next     []nextStep `json:"next" jsonschema:"What to do next, in order; empty with --dry-run."`
}

// adoptedCluster is a cluster of an adopted mesh.
type adoptedCluster struct {
	Cluster string `json:"cluster" jsonschema:"The cluster's name."`
	Context string `json:"context" jsonschema:"Its kube context."`
	Because string `json:"because,omitempty" jsonschema:"How the cluster was identified."`
}

// adoption is a mesh that was adopted, or would be.
type adoption struct {
	command *cobra.Command
	project project.Project
	of      compiler.Adoption
	*compiler.Adopted
}

func adoptForms() forms[adoption] { return formsOf(adoption.writeText, adoption.document) }

// document returns the adoption for programs.
func (a adoption) document() answer {
	m := a.Mesh
	d := &adoptDocument{
		Outcome: didAdopt, Topology: filepath.ToSlash(a.project.Topology), Text: string(a.Text), Mesh: m.Name, Product: m.Product.Name, Version: m.Version, Namespace: m.Namespace,
		Authority: m.Authority, RelayAddress: m.RelayAddress, Ingress: m.Ingress.Form, Files: a.Files, FirstApply: a.Made, Findings: a.Report.Findings,
		Warnings: slices.Clone(m.Warnings), Notes: append(slices.Clone(m.Notes), a.labels()), Next: a.next(),
	}
	d.Management = &adoptedCluster{m.Management.Name, m.Management.Context, cmp.Or(m.Management.Because, m.Because.Management)}
	for _, r := range m.Remotes {
		d.Remotes = append(d.Remotes, adoptedCluster{r.Name, r.Context, r.Because})
	}
	if text := a.manifests(); text != "" {
		d.Warnings = append(d.Warnings, text)
	}
	if a.of.DryRun {
		d.Outcome = wouldAdopt
	}
	return d
}

// labels returns what the first apply changes in any case.
func (a adoption) labels() string {
	return fmt.Sprintf("an apply adds labels: %s: %s to each object, and istio-injection: disabled to the namespace %s, as a sidecar breaks the relay's pods",
		manifest.ManagedByLabel, manifest.ManagedBy, a.Mesh.Namespace)
}

// manifests returns what to do with the manifests; empty if there is nothing to do.
func (a adoption) manifests() string {
	if a.of.Live || a.of.DryRun {
		return ""
	}
	return fmt.Sprintf("the manifests hold private keys: delete them, or protect them as you protect %s", a.project.Keys)
}

// next returns what comes after an adoption.
func (a adoption) next() nextSteps {
	var all nextSteps
	if a.of.DryRun {
		return all
	}
	dir := filepath.Dir(a.project.Topology)
	if inWorkTree(dir) {
		all.add(dir, beside(dir, a.Files)...)
	}
	for _, verb := range []string{"verify", "compile", "apply --diff"} {
		all.run("%s", command(a.command, a.project, verb))
	}
	return all
}

// beside returns the written files to commit, by their paths relative to the topology's folder.
func beside(dir string, files []string) []string {
	var names []string
	for _, file := range files {
		name, err := filepath.Rel(dir, file)
		if err != nil || strings.HasSuffix(file, string(filepath.Separator)) { // the key store has its own .gitignore
			continue
		}
		first, _, _ := strings.Cut(filepath.ToSlash(name), "/")
		names = append(names, first)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// mostFaults is how many faults of a mesh are printed.
const mostFaults = 20

// sayRefusal prints why a mesh is not adopted.
func sayRefusal(w io.Writer, refusal adopt.Refusal) {
	for i, f := range refusal {
		if i == mostFaults {
			say(w, "relayform: and %d more", len(refusal)-i)
			break
		}
		say(w, "relayform: %s", f)
		if f.Hint != "" {
			say(w, "  hint: %s", f.Hint)
		}
	}
}

// refusalFaults returns the same as diagnostics of the topology that is not written.
func refusalFaults(topology string, refusal adopt.Refusal) error {
	var all diag.List
	for _, f := range refusal {
		all = append(all, diag.Diagnostic{Pos: diag.Pos{File: filepath.ToSlash(topology)}, Fault: *diag.NotAdopted.Fault(f.String(), f.Hint)})
	}
	return all.Err()
}

// writeText tells people on stderr what was found and written; with --dry-run it writes the topology.
func (a adoption) writeText(stdout io.Writer) error {
	w, m := a.command.ErrOrStderr(), a.Mesh
	noteOf(w, m.Notes)
	warnOf(w, m.Warnings)
	for _, s := range []verify.Severity{verify.Error, verify.Warning} {
		for _, f := range a.Report.Findings {
			if f.Severity == s {
				say(w, "verify: %s: %s: %s [%s]", s, f.Object, f.Message, f.Code)
			}
		}
	}
	verb := "wrote"
	if a.of.DryRun {
		verb = "would write"
		if _, err := stdout.Write(a.Text); err != nil {
			return err
		}
	}
	say(w, "%s %s: %s and %s", verb, strings.Join(a.Files, ", "), m.Management.Name, diag.Count(len(m.Remotes), "remote"))
	if len(a.Made) == 0 {
		say(w, "a compile and an apply change no byte of any Secret")
	}
	for i, made := range a.Made {
		if i == mostFaults {
			say(w, "and %d more", len(a.Made)-i)
			break
		}
		say(w, "the first apply writes %s", made)
	}
	say(w, "%s", a.labels())
	if next := a.next(); len(next) > 0 {
		sayNext(w, next)
	}
	if text := a.manifests(); text != "" {
		say(w, "%s", text)
	}
	return nil
}
