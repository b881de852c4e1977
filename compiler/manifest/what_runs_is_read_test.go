package manifest_test

import (
	"strings"
	"testing"
	"time"

	"relayform/compiler/manifest"
)

// TestWhatRunsIsRead reads kubectl's output for Deployments and Secrets, in the API server's own form. Only the newest change of data and
// the newest restart count.
func TestWhatRunsIsRead(t *testing.T) {
	there, err := manifest.ReadRunning([]byte(`{"kind":"List","items":[
{"kind":"Deployment","metadata":{"name":"agent","creationTimestamp":"2027-01-01T00:00:00Z","managedFields":[
  {"manager":"helm","operation":"Update","apiVersion":"apps/v1","time":"2027-01-09T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:template":{"f:metadata":{"f:labels":{".":{},"f:app":{}}}}}}},
  {"manager":"kubectl-rollout","operation":"Update","apiVersion":"apps/v1","time":"2027-01-02T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:spec":{"f:template":{"f:metadata":{"f:annotations":{".":{},"f:kubectl.kubernetes.io/restartedAt":{}}}}}}}]}},
{"kind":"DaemonSet","metadata":{"name":"collector","creationTimestamp":"2027-01-02T00:00:00Z"}},
{"kind":"Secret","data":{"ca.crt":"cm9vdA=="},"metadata":{"name":"root","creationTimestamp":"2027-01-01T00:00:00Z","managedFields":[
  {"manager":"kubectl-client-side-apply","operation":"Update","apiVersion":"v1","time":"2027-01-03T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:data":{".":{},"f:ca.crt":{}},"f:type":{}}},
  {"manager":"kubectl-edit","operation":"Update","apiVersion":"v1","time":"2027-01-08T00:00:00Z","fieldsType":"FieldsV1","fieldsV1":{"f:metadata":{"f:labels":{"f:x":{}}}}}]}},
{"kind":"Secret","metadata":{"name":"old","creationTimestamp":"2027-01-01T00:00:00Z"}}]}`))
	if err != nil {
		t.Fatal(err)
	}
	day := func(n int) time.Time { return time.Date(2027, 1, n, 0, 0, 0, 0, time.UTC) }
	if at := there.Restarted["deployment/agent"]; !at.Equal(day(2)) {
		t.Errorf("restarted at %s", at)
	}
	if at := there.Changed["root"]; !at.Equal(day(3)) || !there.Changed["old"].Equal(day(1)) || string(there.Holds["root"]["ca.crt"]) != "root" {
		t.Errorf("changed at %s: %v", at, there)
	}
	for secret, want := range map[string]bool{"root": true, "old": false, "nowhere": false} {
		if there.Stale("deployment/agent", []string{secret}) != want || there.Stale("daemonset/collector", []string{secret}) != want || there.Stale("deployment/nobody", []string{secret}) {
			t.Errorf("%s: want %t", secret, want)
		}
	}
}

// TestWhatRunsIsNotTold reads something that is not an object, something too large, and nothing. No error contains a value.
func TestWhatRunsIsNotTold(t *testing.T) {
	for text, wrong := range map[string]bool{
		"": false, "\n": false, "kind: ConfigMap": false,
		`{"kind":"Secret","data":{"token":"c2VjcmV0"`: true, `{"kind":"Secret","data":{"token":"se-cret"}}`: true, "kind: Secret\nmetadata: {managedFields: [{time: secret}]}": true,
		strings.Repeat("a: secret\n", 1<<21): true,
	} {
		_, err := manifest.ReadRunning([]byte(text))
		if (err != nil) != wrong || err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%.50s: %v", text, err)
		}
	}
}
