package compiler

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"relayform/compiler/pki"
	"relayform/compiler/verify"
)

// TestEveryFixtureVerifies verifies what each fixture compiles to: relayform's output must have no findings.
func TestEveryFixtureVerifies(t *testing.T) {
	day := time.Date(2026, 12, 2, 0, 0, 0, 0, time.UTC)
	tried := 0
	for name, project := range fixtures(t) {
		t.Run(name, func(t *testing.T) {
			identities, _ := os.ReadFile(filepath.Join(project.Dir(), "identity.txt")) // if the keys are encrypted
			report, err := Verify(project, Env{NewKey: pki.GenerateKey, Identities: identities}, day)
			if err != nil {
				t.Fatal(err)
			}
			for _, f := range report.Findings {
				if f.Code == verify.NoRelayAddress && len(report.Unaddressed) > 0 || f.Code == verify.NoTelemetryAddress && len(report.Unsent) > 0 { // as their topologies intend
					continue
				}
				t.Errorf("%s: %v %s: %s [%s]", f.Severity, f.Clusters, f.Object, f.Message, f.Code)
			}
			for _, c := range report.Connections {
				if c.MutualTLS.Done {
					tried++
				}
				if strings.HasPrefix(name, "telemetry") != c.Telemetry.OK {
					t.Errorf("%v: telemetry %+v", c.Clusters, c.Telemetry)
				}
				if c.FirstContact.Done && !c.FirstContact.OK || c.MutualTLS.Done && !c.MutualTLS.OK {
					t.Errorf("%v: %+v", c.Clusters, c)
				}
			}
		})
	}
	if tried == 0 {
		t.Error("no handshake was tried")
	}
}
