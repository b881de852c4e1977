package lifecycle

import (
	"fmt"
	"io"
	"strings"
)

// alert is a Prometheus alerting rule (https://prometheus.io/docs/prometheus/latest/configuration/alerting_rules/). In its expression %s is
// the label matcher for the topology, to which others may be added.
type alert struct {
	name, expr, hold, severity string
	summary, description       string
}

// alerts are the rules for the metrics of WritePrometheus. Certificates of a role are one alert, however many they are: a fleet's agents
// alert once. A root that is being removed is already replaced, and does not alert.
var alerts = []alert{
	{
		"RelayformCertificateDueSoon", `count by (topology, role) (` + due + `{%s,state!="leaving"} < time() + 30 * 86400 > time())`, "1h", "info",
		"{{ $value }} {{ $labels.role }} certificate(s) of {{ $labels.topology }} are due within 30 days",
		"relayform certs says which, and what renews them.",
	},
	{
		"RelayformCertificateDue", `count by (topology, role) (` + due + `{%s,state!="leaving"} <= time())`, "1h", "warning",
		"{{ $value }} {{ $labels.role }} certificate(s) of {{ $labels.topology }} are due for renewal",
		"What they sign from now on ends early, or they end soon. relayform certs says what renews them; then apply, and restart what it names.",
	},
	{
		"RelayformCertificateEndsSoon", `count by (topology, role) (` + notAfter + `{%s,state!="leaving"} < time() + 7 * 86400 > time())`, "5m", "critical",
		"{{ $value }} {{ $labels.role }} certificate(s) of {{ $labels.topology }} end within 7 days",
		"Agents lose the relay server then. Renew them (relayform certs says how), apply, and restart what reads them at start.",
	},
	{
		"RelayformCertificateExpired", `count by (topology, role) (` + notAfter + `{%s,state!="leaving"} <= time())`, "0m", "critical",
		"{{ $value }} {{ $labels.role }} certificate(s) of {{ $labels.topology }} have expired",
		"Handshakes fail. relayform verify says which agents are cut off, and what to do.",
	},
	{
		"RelayformRotationStands", `time() - ` + since + `{%s,phase!="drain"} > 30 * 86400`, "1h", "warning",
		"The rotation of the root of {{ $labels.topology }} has been in its phase {{ $labels.phase }} for over 30 days",
		"Apply the phase to every cluster, run relayform verify --live --before with the next phase, and continue.",
	},
	{
		"RelayformRotationDrained", drainUntil + `{%s} <= time()`, "1h", "info",
		"The agents of {{ $labels.topology }} have drained: the old root may be removed",
		"Set the rotation's phase to retire, compile, and apply.",
	},
	{
		"RelayformOrphanedFiles", orphaned + `{%s} > 0`, "1d", "info",
		"The key store of {{ $labels.topology }} has {{ $value }} file(s) that nothing needs",
		"relayform gc removes them.",
	},
	{
		"RelayformMetricsAbsent", `absent(` + notAfter + `{%s})`, "1h", "warning",
		"The metrics of {{ $labels.topology }} are no longer written",
		"relayform certs --format prometheus writes them, for a textfile collector. Until then no alert fires.",
	},
}

// WriteAlerts writes a Prometheus rule file for the metrics of WritePrometheus. The rules apply only to this topology, so that the files of
// several topologies can be used together.
func (r *Report) WriteAlerts(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "# Written by relayform certs --format prometheus-rules, for the metrics of --format prometheus.\ngroups:\n  - name: %s\n    rules:\n", quoted("relayform "+r.Topology))
	for _, a := range alerts {
		expr := fmt.Sprintf(a.expr, `topology="`+escapes.Replace(r.Topology)+`"`)
		fmt.Fprintf(&b, "      - alert: %s\n        expr: %s\n        for: %s\n        labels:\n          severity: %s\n        annotations:\n          summary: %s\n          description: %s\n",
			a.name, quoted(expr), a.hold, a.severity, quoted(a.summary), quoted(a.description))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// quoted returns a text in single quotes, as in YAML: only a quote is escaped, by doubling it.
func quoted(text string) string { return "'" + strings.ReplaceAll(text, "'", "''") + "'" }
