package lifecycle_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"testing"
	"time"
	"unicode"

	"relayform/compiler/lifecycle"
	"relayform/schema/diag"
)

// report returns one during a rotation: a root that is leaving, one in use, one set aside.
func report() *lifecycle.Report {
	until := at.AddDate(0, 1, 0)
	clusters := []string{"m", "a", "b", "c", "d", "e"}
	leaving, inForce, aside, late := in(lifecycle.Leaving, 1), in(lifecycle.InForce, 2), in(lifecycle.Aside, 3), in(lifecycle.InForce, -400)
	inForce.Places = []lifecycle.Place{
		{Secret: "relay-root-tls-secret", Key: "ca.crt", Clusters: clusters, Everywhere: true}, {Secret: "relay-server-tls-secret", Key: "ca.crt", Clusters: clusters[:1]},
	}
	inForce.Restarts = []lifecycle.Workload{{Deployment: "server", Clusters: clusters[:1]}, {Deployment: "agent", Clusters: clusters[1:], Everywhere: true}}
	return &lifecycle.Report{
		Topology: "demo", At: at, Certificates: []lifecycle.Certificate{leaving, inForce, aside, late}, Orphans: []string{"old.key", "older.token"},
		Token:    &lifecycle.TokenStatus{Generation: 4, Key: "not here", RenewedBy: "relayform renew token"},
		Rotation: &lifecycle.Rotation{Phase: "drain", Since: at.AddDate(0, 0, -3), DrainUntil: &until},
	}
}

func written(t *testing.T, write func(io.Writer) error) string {
	t.Helper()
	var b bytes.Buffer
	if err := write(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// TestThePageSaysUntilWhen checks the page by which people plan renewals.
func TestThePageSaysUntilWhen(t *testing.T) {
	got := written(t, func(w io.Writer) error { return report().WriteDetails(w, diag.Screen{}) })
	for _, want := range []string{
		"demo on 2026-12-01\n", "the root is being rotated: phase drain since 2026-11-28, agents drain until 2027-01-01\n",
		"root 1 ", "  leaving  ", "  set aside  ", "root 2 ", "  2026-12-03  ", "  367d  ", "  -35d  ", "  since 2025-10-27  ",
		"\nroot 2: in force, ECDSA P-256, CN=root\n  in        ca.crt of relay-root-tls-secret, 6 clusters\n            ca.crt of relay-server-tls-secret, m\n" +
			"  renewed   relayform renew root\n  restart   deployment/server, m\n            deployment/agent, a, b, c, d, e\n  valid     from 2024-12-03 until 2027-12-03\n  key       here\n",
		"\nroot 3: set aside, ECDSA P-256, CN=root\n  valid ",
		"\ntoken 4: does not expire\n  renewed   relayform renew token\n  restart   nothing: it is reloaded without a restart\n  key       not here\n",
		"(relayform gc removes them):\n  old.key\n  older.token\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	calm := report()
	calm.Rotation, calm.Token, calm.Orphans = nil, nil, nil
	if got := written(t, func(w io.Writer) error { return calm.WriteDetails(w, diag.Screen{}) }); strings.Contains(got, "rotated") || strings.Contains(got, "token") || strings.Contains(got, "gc") {
		t.Errorf("got\n%s", got)
	}
}

// full is a full disk.
type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

// TestAReportThatIsNotWrittenIsAnError writes to a full disk: otherwise a monitor would keep using the old report.
func TestAReportThatIsNotWrittenIsAnError(t *testing.T) {
	r := report()
	for name, err := range map[string]error{"text": r.WriteText(full{}, diag.Screen{}), "details": r.WriteDetails(full{}, diag.Screen{}), "json": r.WriteJSON(full{}), "prometheus": r.WritePrometheus(full{})} {
		if err == nil {
			t.Errorf("%s: is content", name)
		}
	}
}

// TestTheTimeLineShowsWhen draws validity on a terminal: = while a certificate may stay, + from when it should be renewed, | today.
func TestTheTimeLineShowsWhen(t *testing.T) {
	half := lifecycle.Certificate{State: lifecycle.InForce, NotBefore: at.AddDate(0, 0, -10), Due: at.AddDate(0, 0, 10), NotAfter: at.AddDate(0, 0, 30)}
	whole := lifecycle.Certificate{State: lifecycle.Leaving, NotBefore: at.AddDate(0, 0, -20), Due: at.AddDate(0, 0, -20), NotAfter: at.AddDate(0, 0, 20)}
	r := lifecycle.Report{At: at, Certificates: []lifecycle.Certificate{half, whole}}
	got := written(t, func(w io.Writer) error { return r.WriteText(w, diag.Screen{Width: 74}) })
	for _, want := range []string{
		"  2026                                2026\n", "........========|=======++++++++++++++++\n", "================|================.......\n",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	empty := lifecycle.Report{At: at}
	if got := written(t, func(w io.Writer) error { return empty.WriteText(w, diag.Screen{}) }); got == "" {
		t.Error("nothing is said of no certificate")
	}
}

// TestMetricsAreTheDates checks each gauge against its certificate: with the wrong one, an alert would come late.
func TestMetricsAreTheDates(t *testing.T) {
	r := report()
	r.Topology = "a\"b\\c\nd"
	got := written(t, r.WritePrometheus)
	const topology = `topology="a\"b\\c\nd"`
	for _, c := range r.Certificates {
		labels := fmt.Sprintf(`{%s,role="root",generation="%d",state="%s",source="selfSigned",algorithm="ECDSA P-256",sha256="ab"} `, topology, c.Generation, c.State)
		for name, date := range map[string]time.Time{"not_before": c.NotBefore, "not_after": c.NotAfter, "due": c.Due} {
			line := fmt.Sprintf("\nrelayform_certificate_%s_seconds%s%d\n", name, labels, date.Unix())
			if strings.Contains(got, line) == (c.State == lifecycle.Aside) {
				t.Errorf("%s of generation %d, %s: want %q in\n%s", name, c.Generation, c.State, line, got)
			}
		}
	}
	for _, want := range []string{
		"\nrelayform_orphaned_files{" + topology + "} 2\n",
		fmt.Sprintf("\nrelayform_rotation_since_seconds{%s,phase=\"drain\"} %d\n", topology, r.Rotation.Since.Unix()),
		fmt.Sprintf("\nrelayform_rotation_drain_until_seconds{%s} %d\n", topology, r.Rotation.DrainUntil.Unix()),
	} {
		if !strings.Contains(got, want) {
			t.Errorf("%q is not in\n%s", want, got)
		}
	}
	if n := strings.Count(got, "# TYPE "); n != 6 || strings.Count(got, "# HELP ") != n {
		t.Errorf("%d gauges", n)
	}
	r.Rotation.DrainUntil = nil
	if got := written(t, r.WritePrometheus); strings.Contains(got, "drain_until") || !strings.Contains(got, "rotation_since") {
		t.Errorf("no time to drain until:\n%s", got)
	}
	r.Rotation = nil
	if got := written(t, r.WritePrometheus); strings.Contains(got, "rotation") {
		t.Errorf("no rotation:\n%s", got)
	}
}

// TestSubjectsOfOthersActUponNothing puts what a terminal would interpret into the subject of a certificate from an external PKI.
func TestSubjectsOfOthersActUponNothing(t *testing.T) {
	r := report()
	r.Certificates[1].Subject = "CN=\x1b[2Ja\u009b\nroot 9: fine\u202e<\U000e0041>"
	for name, write := range map[string]func(io.Writer) error{
		"text": func(w io.Writer) error { return r.WriteText(w, diag.Screen{}) }, "details": func(w io.Writer) error { return r.WriteDetails(w, diag.Screen{}) }, "json": r.WriteJSON, "prometheus": r.WritePrometheus,
	} {
		for line := range strings.Lines(written(t, write)) {
			if strings.ContainsFunc(strings.TrimSuffix(line, "\n"), func(r rune) bool { return !unicode.IsPrint(r) }) || strings.HasPrefix(line, "root 9") {
				t.Errorf("%s: %q", name, line)
			}
		}
	}
	var back lifecycle.Report
	if err := json.Unmarshal([]byte(written(t, r.WriteJSON)), &back); err != nil || back.Certificates[1].Subject != r.Certificates[1].Subject || !reflect.DeepEqual(back.Rotation, r.Rotation) {
		t.Errorf("JSON says something else: %v, %q", err, back.Certificates[1].Subject)
	}
}
