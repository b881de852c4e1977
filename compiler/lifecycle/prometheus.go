package lifecycle

import (
	"fmt"
	"io"
	"strconv"
	"strings"
)

// Names of the gauges, for alert rules and the dashboard.
const (
	notBefore  = "relayform_certificate_not_before_seconds"
	notAfter   = "relayform_certificate_not_after_seconds"
	due        = "relayform_certificate_due_seconds"
	orphaned   = "relayform_orphaned_files"
	since      = "relayform_rotation_since_seconds"
	drainUntil = "relayform_rotation_drain_until_seconds"
)

// metric is a gauge of each certificate.
type metric struct {
	name, help string
	value      func(Certificate) int64
}

var metrics = []metric{
	{notBefore, "From when a certificate is valid, in Unix time.", func(c Certificate) int64 { return c.NotBefore.Unix() }},
	{notAfter, "Until when a certificate is valid, in Unix time.", func(c Certificate) int64 { return c.NotAfter.Unix() }},
	{due, "When a certificate should be renewed, in Unix time.", func(c Certificate) int64 { return c.Due.Unix() }},
}

// WritePrometheus writes the report in the text exposition format, for a textfile collector. It does not depend on the report's date.
func (r *Report) WritePrometheus(w io.Writer) error {
	var b strings.Builder
	for _, m := range metrics {
		gauge(&b, m.name, m.help)
		for _, c := range r.Certificates {
			if c.State == Aside {
				continue
			}
			labels := []string{"topology", r.Topology, "role", c.Role, "generation", strconv.Itoa(c.Generation),
				"state", c.State, "source", c.Source, "algorithm", c.Algorithm, "sha256", c.SHA256}
			if c.Cluster != "" {
				labels = append(labels, "cluster", c.Cluster)
			}
			sample(&b, m.name, m.value(c), labels...)
		}
	}
	gauge(&b, orphaned, "Files of the key store that no certificate needs.")
	sample(&b, orphaned, int64(len(r.Orphans)), "topology", r.Topology)
	if r.Rotation != nil {
		gauge(&b, since, "Since when the root's rotation is in its phase, in Unix time.")
		sample(&b, since, r.Rotation.Since.Unix(), "topology", r.Topology, "phase", r.Rotation.Phase)
		if until := r.Rotation.DrainUntil; until != nil {
			gauge(&b, drainUntil, "Until when agents may hold certificates under the other root, in Unix time.")
			sample(&b, drainUntil, until.Unix(), "topology", r.Topology)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func gauge(b *strings.Builder, name, help string) {
	fmt.Fprintf(b, "# HELP %s %s\n# TYPE %s gauge\n", name, help, name)
}

var escapes = strings.NewReplacer(`\`, `\\`, `"`, `\"`, "\n", `\n`)

func sample(b *strings.Builder, name string, value int64, labels ...string) {
	pairs := make([]string, 0, len(labels)/2)
	for i := 0; i < len(labels); i += 2 {
		pairs = append(pairs, labels[i]+`="`+escapes.Replace(labels[i+1])+`"`)
	}
	fmt.Fprintf(b, "%s{%s} %d\n", name, strings.Join(pairs, ","), value)
}
