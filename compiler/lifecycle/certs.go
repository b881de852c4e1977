package lifecycle

import (
	"io"
	"time"

	"relayform/compiler/document"
	"relayform/compiler/manifest"
)

// Report is every certificate of a topology, as of a date.
type Report struct {
	Topology     string        `json:"topology" jsonschema:"The name of the mesh."`
	At           time.Time     `json:"at" jsonschema:"The date of the report."`
	Certificates []Certificate `json:"certificates" jsonschema:"Every certificate of the lockfile."`
	Requests     []Request     `json:"requests,omitempty" jsonschema:"The certificate requests that an external PKI has not answered yet."`
	Token        *TokenStatus  `json:"token,omitempty" jsonschema:"The identity token; absent if agents need none."`
	Rotation     *Rotation     `json:"rotation,omitempty" jsonschema:"The rotation of the root, while there is one."`
	// Issued are the certificates that cert-manager issues in the clusters. The certificates themselves are unknown.
	Issued []Issued `json:"issued,omitempty" jsonschema:"The certificates that cert-manager issues in the clusters; what it issued is not known."`
	// Orphans are files in the key store that no certificate needs.
	Orphans []string `json:"orphans" jsonschema:"The files of the key store that no certificate needs; relayform gc removes them."`
}

// States of a certificate.
const (
	InForce = "in force"
	Joining = "joining" // a root that clusters trust already, but that signs nothing yet
	Leaving = "leaving" // a root that clusters still trust, but that signs nothing any more
	Aside   = "set aside"
)

// Certificate is one certificate and its life cycle.
type Certificate struct {
	Role       string     `json:"role" jsonschema:"What it is for: root, server, signing, agent."`
	Cluster    string     `json:"cluster,omitempty" jsonschema:"The cluster whose agent has it."`
	Generation int        `json:"generation" jsonschema:"The number of the certificate in its role, from 1."`
	State      string     `json:"state" jsonschema:"in force, joining, leaving or set aside."`
	Source     string     `json:"source" jsonschema:"Where it comes from: selfSigned or external."`
	Algorithm  string     `json:"algorithm" jsonschema:"The algorithm of its key."`
	Subject    string     `json:"subject" jsonschema:"Its subject."`
	SHA256     string     `json:"sha256" jsonschema:"The SHA-256 fingerprint, in hexadecimal."`
	NotBefore  time.Time  `json:"notBefore" jsonschema:"When it begins to be valid."`
	NotAfter   time.Time  `json:"notAfter" jsonschema:"When it ends."`
	Due        time.Time  `json:"due" jsonschema:"When it should be renewed."`
	DaysLeft   int        `json:"daysLeft" jsonschema:"The days until it ends."`
	Key        string     `json:"key" jsonschema:"Where its private key is."`
	Places     []Place    `json:"places" jsonschema:"The Secrets that hold it."`
	RenewedBy  string     `json:"renewedBy" jsonschema:"What renews it."`
	Restarts   []Workload `json:"restarts" jsonschema:"What to restart after it is renewed."`
	Kept       bool       `json:"kept,omitempty" jsonschema:"True if no cluster has it, because it signs where the keys are."`
}

// TokenStatus is the identity token. It does not expire.
type TokenStatus struct {
	Generation int        `json:"generation" jsonschema:"The number of the token, from 1."`
	Key        string     `json:"key" jsonschema:"The file that holds it."`
	Places     []Place    `json:"places" jsonschema:"The Secrets that hold it."`
	RenewedBy  string     `json:"renewedBy" jsonschema:"What renews it."`
	Restarts   []Workload `json:"restarts" jsonschema:"What to restart after it is renewed."`
}

// Rotation is the progress of a root rotation.
type Rotation struct {
	Phase      string     `json:"phase" jsonschema:"distribute, issue, drain or retire."`
	Since      time.Time  `json:"since" jsonschema:"When the phase began."`
	DrainUntil *time.Time `json:"drainUntil,omitempty" jsonschema:"When the last agent's certificate of the old root ends."`
}

// Place is a Secret with a certificate.
type Place struct {
	Secret     string   `json:"secret" jsonschema:"The name of the Secret."`
	Key        string   `json:"key" jsonschema:"The key in it."`
	Clusters   []string `json:"clusters" jsonschema:"The clusters that have it."`
	Everywhere bool     `json:"-"`
}

// Workload is a Deployment or a DaemonSet that reads a certificate at start.
type Workload struct {
	Deployment string   `json:"deployment,omitempty" jsonschema:"The name of the Deployment, if it is one."`
	DaemonSet  string   `json:"daemonSet,omitempty" jsonschema:"The name of the DaemonSet, if it is one."`
	Clusters   []string `json:"clusters" jsonschema:"The clusters in which it runs."`
	Everywhere bool     `json:"-"`
}

// Resource returns the workload in kubectl's form.
func (w Workload) Resource() string {
	if w.DaemonSet != "" {
		return manifest.DaemonSet(w.DaemonSet)
	}
	return manifest.Deployment(w.Deployment)
}

// DueWithin returns the certificates that are due before the report's date plus d. Those set aside or leaving never are.
func (r *Report) DueWithin(d time.Duration) []Certificate {
	var due []Certificate
	for _, c := range r.Certificates {
		if !c.neverDue() && c.Due.Before(r.At.Add(d)) {
			due = append(due, c)
		}
	}
	return due
}

// WriteJSON writes the report as one JSON document.
func (r *Report) WriteJSON(w io.Writer) error { return document.WriteJSON(w, r) }
