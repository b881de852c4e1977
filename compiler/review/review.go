// Package review says what a change of a topology does to a running mesh: what happens to each cluster and each certificate, what must be
// applied and restarted, and whether agents and relay server still trust each other while the clusters are updated one after the other. It
// compares two states by their public files only.
package review

import (
	"bytes"
	"cmp"
	"slices"
	"strings"
	"time"

	"relayform/compiler/folder"
	"relayform/compiler/lifecycle"
	"relayform/compiler/lockfile"
	"relayform/compiler/overlay"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/verify"
	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// State is a mesh at one time.
type State struct {
	Name  string // for use in a sentence: HEAD~1, the working tree
	Plan  *plan.Plan
	Lock  *lockfile.File
	Files overlay.Tree // what topology and lockfile compile to; nil if the lockfile lacks something
	Lacks []string     // what the topology asks for and the lockfile lacks, one line each
	Stale []string     // files of the build folder that differ from what topology and lockfile compile to
	Clear []string     // plain private values, each with its place and kind
	Blind string       // why the topology could not be read: the other state's is used instead
}

// Finding is an effect of the change on a running mesh. An error breaks the mesh, or cannot be reproduced; a warning must be known before
// the change is applied.
type Finding struct {
	diag.Fault
	Severity verify.Severity `json:"severity" jsonschema:"An error breaks the mesh, or cannot be reproduced; a warning should be known before the change is applied."`
	Clusters []string        `json:"clusters,omitempty" jsonschema:"The clusters that it affects; absent if it affects all."`
	Until    time.Time       `json:"until,omitzero" jsonschema:"When it ends by itself."`
	Allowed  bool            `json:"allowed,omitempty" jsonschema:"True if --allow names its code."`
}

// Report is the effects of a change.
type Report struct {
	From         string              `json:"from" jsonschema:"The state that was compared with."`
	To           string              `json:"to" jsonschema:"The state that was reviewed."`
	Topology     string              `json:"topology" jsonschema:"The topology's file."`
	At           time.Time           `json:"at" jsonschema:"When the review was made."`
	Findings     []Finding           `json:"findings" jsonschema:"What the change breaks, and what may surprise you."`
	Mesh         lines               `json:"mesh" jsonschema:"What changes for all clusters, a sentence each."`
	Certificates []CertificateChange `json:"certificates" jsonschema:"What happens to each certificate that changes."`
	Clusters     []ClusterChange     `json:"clusters" jsonschema:"What happens to each cluster that changes."`
	Steps        []Step              `json:"steps" jsonschema:"What to do in the clusters, in order."`
	Handshakes   []Handshake         `json:"handshakes" jsonschema:"Whether agents and relay server trust each other while clusters are changed one after the other."`
	Trust        []Trust             `json:"trust" jsonschema:"Who trusts what, before and after."`
	Counts       Counts              `json:"counts" jsonschema:"How many clusters change, and how."`
}

// Counts counts the clusters by what happens to them.
type Counts struct {
	Added     int `json:"added" jsonschema:"Clusters that are new."`
	Removed   int `json:"removed" jsonschema:"Clusters that are removed."`
	Changed   int `json:"changed" jsonschema:"Clusters that change."`
	Unchanged int `json:"unchanged" jsonschema:"Clusters that stay as they are."`
}

// Step is something to do in clusters.
type Step struct {
	What     string   `json:"what" jsonschema:"apply, helm upgrade or restart."`
	Object   string   `json:"object,omitempty" jsonschema:"What it is done to, if not to the overlay."`
	Clusters []string `json:"clusters" jsonschema:"The clusters in which to do it."`
	Why      string   `json:"why,omitempty" jsonschema:"The reason."`
}

// Review compares two states. The previous one is nil if there is none.
func Review(before *State, after State, topology string, at time.Time) *Report {
	r := &Report{
		From: "nothing", To: after.Name, Topology: topology, At: at,
		Findings: []Finding{}, Mesh: lines{}, Certificates: []CertificateChange{}, Clusters: []ClusterChange{},
		Steps: []Step{}, Handshakes: []Handshake{}, Trust: []Trust{},
	}
	if before == nil {
		before = &State{}
	} else {
		r.From = before.Name
		r.Trust = append(r.Trust, trustOf(*before))
	}
	r.Trust = append(r.Trust, trustOf(after))
	c := comparison{before: *before, after: after, report: r}
	c.reproducible()
	r.Certificates = c.certificates()
	c.mesh()
	c.clusters()
	c.steps()
	if before.Plan != nil {
		c.history()
		c.moves()
	}
	if before.Plan != nil && len(after.Lacks) == 0 { // otherwise the certificates do not exist yet
		c.handshakes(at)
	}
	slices.SortStableFunc(r.Findings, func(a, b Finding) int {
		return slices.Index(verify.Severities, a.Severity) - slices.Index(verify.Severities, b.Severity)
	})
	return r
}

// comparison is two states and the differences found.
type comparison struct {
	before, after State
	report        *Report
}

func (c *comparison) find(code diag.Code, severity verify.Severity, clusters []string, message, hint string) {
	c.report.Findings = append(c.report.Findings, Finding{Fault: *code.Fault(secrecy.Mask(message), hint), Severity: severity, Clusters: clusters})
}

// Allow marks findings with these codes as accepted exceptions.
func (r *Report) Allow(codes []diag.Code) {
	for i := range r.Findings {
		r.Findings[i].Allowed = slices.Contains(codes, r.Findings[i].Code)
	}
}

// Breaks reports whether something breaks, or cannot be reproduced, and was not allowed.
func (r *Report) Breaks() bool {
	return slices.ContainsFunc(r.Findings, func(f Finding) bool { return f.Severity == verify.Error && !f.Allowed })
}

// Nothing reports whether the change has no effect.
func (r *Report) Nothing() bool {
	return len(r.Findings)+len(r.Mesh)+len(r.Clusters)+len(r.Steps) == 0 &&
		!slices.ContainsFunc(r.Certificates, func(c CertificateChange) bool { return c.What != Kept })
}

// steps adds the steps that follow from replaced roles and changed files.
func (c *comparison) steps() {
	changed := map[string]bool{}
	for _, x := range c.report.Certificates {
		changed[string(x.Role)] = changed[string(x.Role)] || x.What != Kept
	}
	all := map[string]bool{}
	var apply, upgrade []string
	for _, x := range c.report.Clusters {
		for _, name := range x.Names {
			if x.Apply {
				all[name] = true
			}
			if x.Upgrade {
				upgrade = append(upgrade, name)
			}
		}
	}
	roles := lifecycle.Steps(c.after.Plan, func(role pki.Role) bool { return changed[string(role)] }, c.agents())
	for _, s := range roles {
		for _, name := range s.Apply {
			all[name] = true
		}
	}
	shared := c.differ("bases")
	for _, name := range c.after.Plan.Clusters() {
		management := name == c.after.Plan.Management.Name
		if all[name] || shared && !management || c.differ(name, "register/", "values.yaml", "agent-values.yaml", "charts/", "deliver/", "cluster.json") {
			apply = append(apply, name)
		}
	}
	if len(apply) > 0 {
		c.report.Steps = append(c.report.Steps, Step{What: "apply", Clusters: apply, Why: byEngine(c.after.Plan)})
	}
	if len(upgrade) > 0 {
		why := "their values change"
		if d := c.after.Plan.Deliver; d != nil && d.Charts {
			why = with(why, byEngine(c.after.Plan))
		}
		c.report.Steps = append(c.report.Steps, Step{What: "helm upgrade", Clusters: upgrade, Why: why})
	}
	registration, _ := c.after.Plan.Registration()
	if c.differ(registration) {
		c.report.Steps = append(c.report.Steps, Step{What: "apply", Object: registration, Clusters: []string{c.after.Plan.Management.Name}, Why: with("the clusters that the relay server knows", byEngine(c.after.Plan))})
	}
	at := map[string]int{} // a workload restarts once, whatever the reasons
	for _, s := range roles {
		for _, w := range s.Restarts {
			name := cmp.Or(w.Deployment, w.DaemonSet)
			if i, ok := at[name]; ok {
				c.report.Steps[i].Why += ", " + string(s.Role)
				continue
			}
			at[name] = len(c.report.Steps)
			c.report.Steps = append(c.report.Steps, Step{What: "restart", Object: name, Clusters: w.Clusters, Why: "reads at start: " + string(s.Role)})
		}
	}
}

// differ reports whether files at or below a path of the build folder have changed, apart from exceptions.
func (c *comparison) differ(place string, but ...string) bool {
	if c.after.Files == nil {
		return false // not compiled yet
	}
	of := func(t overlay.Tree) overlay.Tree {
		return slices.DeleteFunc(slices.Clone(t.Unit(unitOf(place))), func(f folder.File) bool {
			rest, below := strings.CutPrefix(f.Name, place+"/")
			return f.Name != place && !below || slices.ContainsFunc(but, func(b string) bool { return strings.HasPrefix(rest, b) })
		})
	}
	return !slices.EqualFunc(of(c.before.Files), of(c.after.Files), func(a, b folder.File) bool { return a.Name == b.Name && bytes.Equal(a.Data, b.Data) })
}

// unitOf returns the top-level part of the tree that a path is in.
func unitOf(place string) string {
	unit, _, _ := strings.Cut(place, "/")
	return unit
}
