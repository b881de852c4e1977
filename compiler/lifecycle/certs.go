package lifecycle

import (
	"io"
	"time"

	"relayform/compiler/manifest"
	"relayform/schema/diag"
)

// Report is every certificate of a topology, seen from a date.
type Report struct {
	Topology     string        `json:"topology"`
	At           time.Time     `json:"at"`
	Certificates []Certificate `json:"certificates"`
	Requests     []Request     `json:"requests,omitempty"`
	Token        *TokenStatus  `json:"token,omitempty"`
	Rotation     *Rotation     `json:"rotation,omitempty"`
	// Issued are the certificates that cert-manager issues in the clusters. What it issued is not known.
	Issued []Issued `json:"issued,omitempty"`
	// Orphans are files of the key store that no certificate needs.
	Orphans []string `json:"orphans"`
}

// The states of a certificate.
const (
	InForce = "in force"
	Joining = "joining" // a root that clusters trust already and that signs nothing yet
	Leaving = "leaving" // a root that clusters still trust and that signs nothing any more
	Aside   = "set aside"
)

// Certificate is one certificate and what is to be known of its life.
type Certificate struct {
	Role       string     `json:"role"`
	Cluster    string     `json:"cluster,omitempty"` // whose agent has it
	Generation int        `json:"generation"`
	State      string     `json:"state"`
	Source     string     `json:"source"`
	Algorithm  string     `json:"algorithm"`
	Subject    string     `json:"subject"`
	SHA256     string     `json:"sha256"`
	NotBefore  time.Time  `json:"notBefore"`
	NotAfter   time.Time  `json:"notAfter"`
	Due        time.Time  `json:"due"` // when it ought to be renewed
	DaysLeft   int        `json:"daysLeft"`
	Key        string     `json:"key"`
	Places     []Place    `json:"places"`
	RenewedBy  string     `json:"renewedBy"`
	Restarts   []Workload `json:"restarts"`
	Kept       bool       `json:"kept,omitempty"` // no cluster has it, as it signs where the keys are
}

// TokenStatus is the identity token. It does not expire.
type TokenStatus struct {
	Generation int        `json:"generation"`
	Key        string     `json:"key"`
	Places     []Place    `json:"places"`
	RenewedBy  string     `json:"renewedBy"`
	Restarts   []Workload `json:"restarts"`
}

// Rotation is how far a change of the root has come.
type Rotation struct {
	Phase      string     `json:"phase"`
	Since      time.Time  `json:"since"`
	DrainUntil *time.Time `json:"drainUntil,omitempty"`
}

// Place is a Secret that holds a certificate.
type Place struct {
	Secret     string   `json:"secret"`
	Key        string   `json:"key"`
	Clusters   []string `json:"clusters"`
	Everywhere bool     `json:"-"`
}

// Workload is what reads a certificate at start: a Deployment or a DaemonSet.
type Workload struct {
	Deployment string   `json:"deployment,omitempty"`
	DaemonSet  string   `json:"daemonSet,omitempty"`
	Clusters   []string `json:"clusters"`
	Everywhere bool     `json:"-"`
}

// Resource is the workload as kubectl takes it.
func (w Workload) Resource() string {
	if w.DaemonSet != "" {
		return manifest.DaemonSet(w.DaemonSet)
	}
	return manifest.Deployment(w.Deployment)
}

// DueWithin are the certificates that are due before the report's date plus d. Those set aside or
// leaving never do.
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
func (r *Report) WriteJSON(w io.Writer) error { return diag.WriteJSON(w, "  ", r) }
