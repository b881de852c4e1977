package main

import (
	"relayform/compiler"
	"relayform/compiler/issue"
	"relayform/compiler/plan"
)

// making is how something was obtained.
type making string

const (
	isIssued    making = "issued"
	isImported  making = "imported"
	isRequested making = "requested"
	isWithdrawn making = "withdrawn"
	isRotated   making = "rotated"
)

// madeDocument is something that was issued, or would have to be.
type madeDocument struct {
	What       making   `json:"what" jsonschema:"issued; imported from files; requested of an external PKI; withdrawn, a request that is taken back; or rotated, a step of the root's rotation."`
	Role       string   `json:"role" jsonschema:"What it is for: root, server, signing, agent, token, or rotation."`
	Clusters   []string `json:"clusters,omitempty" jsonschema:"The clusters whose agents' certificates are meant."`
	Generation int      `json:"generation,omitempty" jsonschema:"The number of the certificate in its role, from 1; absent if it is not made yet, and for agents."`
	NotAfter   string   `json:"notAfter,omitempty" jsonschema:"When the certificate ends."`
	From       string   `json:"from,omitempty" jsonschema:"The files that it was imported from."`
	Reason     string   `json:"reason" jsonschema:"Why it was made, or has to be."`
}

// madeOf describes what was due. Generation and expiry come from the result's lockfile.
func madeOf(r *compiler.Result, all []issue.Due) []madeDocument {
	documents := make([]madeDocument, len(all))
	for i, due := range all {
		d := madeDocument{What: isIssued, Role: string(due.Role), Clusters: due.Clusters, From: due.From, Reason: due.Reason}
		switch {
		case due.Role == issue.RootRotation:
			d.What = isRotated
		case due.Role == issue.Withdrawal:
			d.What = isWithdrawn
		case due.IsRequest():
			d.What = isRequested
		case due.From != "":
			d.What = isImported
		}
		if r != nil && (d.What == isIssued || d.What == isImported) {
			d.Generation, d.NotAfter = ends(r, due)
		}
		documents[i] = d
	}
	return documents
}

// ends returns generation and expiry of what was issued, from the lockfile.
func ends(r *compiler.Result, due issue.Due) (generation int, notAfter string) {
	if len(due.Clusters) > 0 {
		if a := r.Lock.Agent(due.Clusters[0]); a != nil {
			return 0, a.NotAfter
		}
	}
	if c := r.Lock.Newest(due.Role); c != nil {
		return c.Generation, c.NotAfter
	}
	return 0, ""
}

// encryptedDocument is a private value that was encrypted for clusters.
type encryptedDocument struct {
	What   string `json:"what" jsonschema:"The value: a role and its generation, such as server 2."`
	Secret string `json:"secret" jsonschema:"The Secret that holds it in the clusters."`
	Key    string `json:"key" jsonschema:"The key in the Secret."`
	For    string `json:"for" jsonschema:"The topology's field that names who can decrypt it."`
	Reason string `json:"reason" jsonschema:"Why it was encrypted."`
}

func encryptedOf(all []issue.Sealing) []encryptedDocument {
	documents := make([]encryptedDocument, len(all))
	for i, s := range all {
		documents[i] = encryptedDocument{s.What, s.Secret, s.Key, s.Audience.Place(), s.Reason}
	}
	return documents
}

// awaitedDocument is a pending certificate request.
type awaitedDocument struct {
	Role    string `json:"role" jsonschema:"The role of the certificate that is asked for."`
	Subject string `json:"subject" jsonschema:"The subject that is asked for."`
	File    string `json:"file" jsonschema:"The request to send to the PKI, relative to the build folder."`
	Field   string `json:"field" jsonschema:"The topology's field that must name the certificate."`
	Named   bool   `json:"named" jsonschema:"Whether the field names a certificate, although not the expected one."`
	Holds   bool   `json:"holds" jsonschema:"Whether nothing else is compiled until the certificate arrives."`
	Answer  string `json:"answer,omitempty" jsonschema:"The file that holds the certificate; it is imported once the others have arrived."`
}

func awaited(all []issue.Waiting) []awaitedDocument {
	documents := make([]awaitedDocument, len(all))
	for i, q := range all {
		documents[i] = awaitedDocument{string(q.Role), q.Subject, plan.RequestFile(q.Role), q.Field, !q.Absent, q.Holds, q.Come}
	}
	return documents
}
