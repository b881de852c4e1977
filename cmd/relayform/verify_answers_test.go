package main

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const topology = `apiVersion: relayform/v1
kind: Topology
name: demo
management:
  name: mgmt
  ingress: {istio: {}}
remotes:
  east: {}
  west: {}
pki: {selfSigned: {keyAlgorithm: ecdsa}}
`

func relayform(t *testing.T, want int, args ...string) (stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	if got := run(args, &out, &err); got != want {
		t.Fatalf("relayform %s: exit %d, want %d\n%s%s", strings.Join(args, " "), got, want, out.String(), err.String())
	}
	return out.String(), err.String()
}

func compiled(t *testing.T) (dir, file string) {
	t.Helper()
	dir = t.TempDir()
	file = filepath.Join(dir, "topology.yaml")
	if err := os.WriteFile(file, []byte(topology), 0o644); err != nil {
		t.Fatal(err)
	}
	relayform(t, exitDone, "compile", file)
	return dir, file
}

func contains(t *testing.T, text string, want ...string) {
	t.Helper()
	for _, w := range want {
		if !strings.Contains(text, w) {
			t.Errorf("%q is not in:\n%s", w, text)
		}
	}
}

func TestVerifyAnswersForATopology(t *testing.T) {
	dir, file := compiled(t)
	out, _ := relayform(t, exitDone, "verify", file)
	contains(t, out, "3 clusters", "0 errors", "the certificates fit until", "2 agents have no address to dial")

	out, _ = relayform(t, exitShort, "verify", "--at", "2099-01-01", file)
	contains(t, out, "[expired]", "not every agent reaches the relay server", "2099-01-01")

	out, _ = relayform(t, exitDone, "verify", "--keys", filepath.Join(dir, "nowhere"), file)
	contains(t, out, "left out: whether private keys belong", "not tried")

	_, errs := relayform(t, exitError, "verify", "--at", "tomorrow", file)
	contains(t, errs, "--at: want a day")
	_, errs = relayform(t, exitError, "verify", "--format", "xml", file)
	contains(t, errs, "--format xml: want text, json, yaml, sarif or junit")

	if err := os.Remove(filepath.Join(dir, "topology.lock.yaml")); err != nil {
		t.Fatal(err)
	}
	_, errs = relayform(t, exitShort, "verify", file)
	contains(t, errs, "[lock-missing]")
}

func TestVerifyWritesEachFormat(t *testing.T) {
	args := []string{"verify", "--from", "../../fixtures/manual", "--at", "2026-11-25", "--format"}
	out, _ := relayform(t, exitShort, append(args, "json")...)
	var report struct {
		Clusters []string
		Findings []struct{ Code, Severity, Message, File string }
	}
	if err := json.Unmarshal([]byte(out), &report); err != nil || len(report.Findings) == 0 || len(report.Clusters) != 2 {
		t.Errorf("%v: %+v", err, report)
	}
	out, _ = relayform(t, exitShort, append(args, "sarif")...)
	var sarif struct {
		Version string
		Runs    []struct {
			Tool struct {
				Driver struct{ Rules []struct{ ID string } }
			}
			Results []struct{ RuleID string }
		}
	}
	if err := json.Unmarshal([]byte(out), &sarif); err != nil || sarif.Version != "2.1.0" || len(sarif.Runs[0].Results) != len(report.Findings) || len(sarif.Runs[0].Tool.Driver.Rules) == 0 {
		t.Errorf("%v: %+v", err, sarif)
	}
	out, _ = relayform(t, exitShort, append(args, "junit")...)
	var junit struct {
		Failures int `xml:"failures,attr"`
		Cases    []struct {
			Failure *struct{} `xml:"failure"`
		} `xml:"testcase"`
	}
	if err := xml.Unmarshal([]byte(out), &junit); err != nil || junit.Failures != 3 {
		t.Errorf("%v: %d failures; want the missing token of two clusters and the first contact", err, junit.Failures)
	}
}

func TestVerifyTakesManifestsOfOtherNames(t *testing.T) {
	text, err := os.ReadFile("../../fixtures/manual/mgmt-cluster.yaml")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "one.yaml")
	if err := os.WriteFile(file, bytes.ReplaceAll(text, []byte("relay-server-tls-secret"), []byte("my-server")), 0o644); err != nil {
		t.Fatal(err)
	}
	out, _ := relayform(t, exitShort, "verify", "--from", file, "--server-secret", "my-server", "--at", "2026-11-25")
	contains(t, out, "my-server tls.crt")
	out, _ = relayform(t, exitShort, "verify", "--from", file, "--server-secret", "my-server", "--at", "2026-11-25", "--product", "gloo-platform")
	contains(t, out, "one: my-server", "gloo-mesh")
	out, _ = relayform(t, exitShort, "verify", "--from", file, "--server-secret", "my-server", "--at", "2026-11-25", "--authority", "relay.example.com")
	contains(t, out, "[authority-uncovered]")
}
