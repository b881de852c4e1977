package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"relayform/schema/diag"
	"relayform/schema/secrecy"
)

// Severity is how much a finding matters.
type Severity string

// The severities: an Error breaks the mesh or exposes a key; a Warning breaks it with other software, or soon; a Note breaks nothing.
const (
	Error   Severity = "error"
	Warning Severity = "warning"
	Note    Severity = "note"
)

// Severities lists all of them, worst first.
var Severities = []Severity{Error, Warning, Note}

// Finding is one statement about the material.
type Finding struct {
	diag.Fault
	Check    Check    `json:"check" jsonschema:"The check that found it: chain, validity, trust and so on."`
	Severity Severity `json:"severity" jsonschema:"An error breaks the mesh or exposes a key; a warning will soon, or does with other software; a note breaks nothing."`
	Clusters []string `json:"clusters" jsonschema:"The clusters that it is about."`
	// Object is the Secret and its key, such as relay-root-tls-secret ca.crt.
	Object string `json:"object,omitempty" jsonschema:"The Secret and its key, such as relay-root-tls-secret ca.crt."`
	File   string `json:"file,omitempty" jsonschema:"The file that the first cluster's Secret was read from."`
}

// NewFinding returns a finding with a code, under the code's check.
func NewFinding(fault *diag.Fault, severity Severity, clusters []string, object, file string) Finding {
	e, ok := Explanations().Of(fault.Code)
	if !ok {
		panic("no explanation of " + string(fault.Code)) // a test checks all codes
	}
	if fault.Hint == "" {
		with := *fault
		with.Hint, fault = usual[fault.Code], &with
	}
	return Finding{Fault: *fault, Check: Check(e.Group), Severity: severity, Clusters: clusters, Object: object, File: file}
}

// Connection is how TLS works from one kind of agent to the relay server, and from the collectors next to them to the telemetry gateway.
type Connection struct {
	Clusters     []string `json:"clusters" jsonschema:"The clusters whose agents hold the same, and so connect in the same way."`
	FirstContact Outcome  `json:"firstContact" jsonschema:"The first contact of an agent, which has no certificate of its own yet."`
	MutualTLS    Outcome  `json:"mutualTLS" jsonschema:"Mutual TLS, once the agent has its certificate."`
	Telemetry    Outcome  `json:"telemetry,omitzero" jsonschema:"Mutual TLS of the collectors beside the agents with the telemetry gateway; absent if there is none."`
}

// Outcome is the result of a handshake.
type Outcome struct {
	Done   bool        `json:"done" jsonschema:"Whether the handshake was tried; false if a part that it needs is missing."`
	OK     bool        `json:"ok" jsonschema:"Whether it succeeded. Meaningful only if done is true."`
	Until  time.Time   `json:"until,omitzero" jsonschema:"When it will start to fail, if it succeeded."`
	Causes []diag.Code `json:"causes,omitempty" jsonschema:"The codes of the findings that explain why it failed."`
}

// Report is the result of verification.
type Report struct {
	At          time.Time    `json:"at" jsonschema:"The time for which it was checked."`
	Clusters    []string     `json:"clusters" jsonschema:"All clusters that were checked."`
	Findings    []Finding    `json:"findings" jsonschema:"What was found, the worst first."`
	Connections []Connection `json:"connections" jsonschema:"How agents connect to the relay server, once for each kind of agent."`
	Unaddressed []string     `json:"unaddressed,omitempty" jsonschema:"The clusters whose agents have no address to dial yet."`
	Unsent      []string     `json:"unsent,omitempty" jsonschema:"The clusters whose collectors have no address to send to yet."`
	Dialled     *Dialled     `json:"dialled,omitempty" jsonschema:"What the relay's address presented, with --dial."`
	Also        []*Dialled   `json:"alsoDialled,omitempty" jsonschema:"What the same address presented to agents that ask for another authority."`

	DialledGateway *Dialled `json:"dialledGateway,omitempty" jsonschema:"What the address of the telemetry gateway presented, with --dial."`

	Public  bool     `json:"public,omitempty" jsonschema:"True if only public files were checked, without private keys."`
	LeftOut []string `json:"leftOut,omitempty" jsonschema:"What was not checked, and why."`
}

// Count returns the number of findings of a severity.
func (r *Report) Count(s Severity) int {
	n := 0
	for _, f := range r.Findings {
		if f.Severity == s {
			n++
		}
	}
	return n
}

// Until returns when the first of the agents' connections fails; zero if one fails already or none was tried.
func (r *Report) Until() time.Time {
	return r.until(func(c Connection) []Outcome { return []Outcome{c.FirstContact, c.MutualTLS} })
}

func (r *Report) until(of func(Connection) []Outcome) time.Time {
	var until time.Time
	for _, c := range r.Connections {
		for _, o := range of(c) {
			if !o.Done {
				continue
			}
			if !o.OK {
				return time.Time{}
			}
			if until.IsZero() || o.Until.Before(until) {
				until = o.Until
			}
		}
	}
	return until
}

// Add adds findings, merges equal ones with their clusters, and sorts them, worst first. Quoted values may be anything that a Secret
// contains.
func (r *Report) Add(findings ...Finding) {
	type key struct {
		diag.Fault
		severity Severity
		object   string
	}
	at := map[key]int{}
	var merged []Finding
	for _, f := range slices.Concat(r.Findings, findings) {
		f.Object, f.Message, f.Hint = secrecy.Mask(f.Object), secrecy.Mask(f.Message), secrecy.Mask(f.Hint)
		k := key{f.Fault, f.Severity, f.Object}
		if i, ok := at[k]; ok {
			merged[i].Clusters = append(merged[i].Clusters, f.Clusters...)
			continue
		}
		at[k] = len(merged)
		f.Clusters = slices.Clone(f.Clusters)
		merged = append(merged, f)
	}
	for i := range merged {
		slices.Sort(merged[i].Clusters)
		merged[i].Clusters = slices.Compact(merged[i].Clusters)
	}
	slices.SortStableFunc(merged, func(a, b Finding) int {
		return cmp.Or(
			cmp.Compare(slices.Index(Severities, a.Severity), slices.Index(Severities, b.Severity)),
			cmp.Compare(slices.Index(Checks, a.Check), slices.Index(Checks, b.Check)),
			slices.Compare(a.Clusters, b.Clusters),
			cmp.Compare(a.Object, b.Object),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Message, b.Message),
		)
	})
	r.Findings = merged
}

// maxNamed is the maximum number of clusters named in a sentence.
const maxNamed = 3

// InWords lists clusters for a sentence: a, b and 9 others.
func InWords(clusters []string) string {
	if len(clusters) <= maxNamed {
		return strings.Join(clusters, ", ")
	}
	return fmt.Sprintf("%s and %d others", strings.Join(clusters[:maxNamed-1], ", "), len(clusters)-maxNamed+1)
}
