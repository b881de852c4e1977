package compiler

import (
	"bytes"
	"path/filepath"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"relayform/compiler/project"
	"relayform/schema/diag"
)

// TestCertificatesReport compares the report on the fixtures' certificates with golden/certs: for terminals of 80 and 120 columns, in
// detail, as JSON and for Prometheus, and once after everything has expired.
func TestCertificatesReport(t *testing.T) {
	files := map[string][]byte{}
	from, err := filepath.Abs("../fixtures")
	if err != nil {
		t.Fatal(err)
	}
	back := filepath.Join(from, "..", "compiler")
	for _, name := range []string{"reference", "external", "fleet", "rotation", "rotation-external", "issued"} {
		t.Chdir(filepath.Join(from, name)) // commands need not name the topology here
		project := project.New(project.DefaultTopology, "", "")
		for when, at := range map[string]time.Time{"": fixtureTime.Add(200 * day), "-ten-years-on": fixtureTime.AddDate(10, 0, 0)} {
			r, err := Certificates(project, Env{}, at)
			if err != nil {
				t.Fatal(err)
			}
			var narrow, wide, details, json, prometheus bytes.Buffer
			for _, err := range []error{
				r.WriteText(&narrow, diag.Screen{Width: 80}), r.WriteText(&wide, diag.Screen{Width: 120}), r.WriteDetails(&details, diag.Screen{}),
				r.WriteJSON(&json), r.WritePrometheus(&prometheus),
			} {
				if err != nil {
					t.Fatal(err)
				}
			}
			files[name+when+".txt"], files[name+when+".details.txt"] = narrow.Bytes(), details.Bytes()
			for _, line := range strings.Split(narrow.String(), "\n") {
				if utf8.RuneCountInString(line) > 80 {
					t.Errorf("%s%s: wider than 80 columns: %s", name, when, line)
				}
			}
			if name == "rotation-external" && when == "" {
				files[name+".wide.txt"], files[name+".json"], files[name+".prom"] = wide.Bytes(), json.Bytes(), prometheus.Bytes()
			}
		}
	}
	t.Chdir(back)
	golden(t, "../golden/certs", files)
}

// TestDueWithin counts what is due before a date.
func TestDueWithin(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	for _, c := range []struct {
		days, within, want int
	}{
		{0, 30, 0},
		{0, 397, 0},
		{0, 399, 1},  // the server's certificate expires after 398 days
		{398, 1, 1},  // today
		{0, 700, 2},  // and the signing CA must not be used in the last 13 months before its expiry
		{0, 2921, 3}, // and the root needs two years for its rotation
	} {
		r, err := Certificates(s.project, s.env(), fixtureTime.Add(time.Duration(c.days)*day))
		if err != nil {
			t.Fatal(err)
		}
		if due := r.DueWithin(time.Duration(c.within) * day); len(due) != c.want {
			t.Errorf("after %d days, within %d: %d due, want %d", c.days, c.within, len(due), c.want)
		}
	}
}
