package compiler

import (
	"os"
	"strings"
	"testing"

	"relayform/compiler/ingress"
	"relayform/compiler/plan"
	"relayform/schema"
)

// TestAnnotationsAreBlamedAtTheirLine has more annotations than Kubernetes accepts: the fault is at their line.
func TestAnnotationsAreBlamedAtTheirLine(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	text := "apiVersion: relayform/v1\nkind: Topology\nname: demo\npki: {selfSigned: {}}\nmanagement:\n  name: m\n  ingress:\n    loadBalancer:\n      aws: {}\n      annotations:\n        example.com/a: " + strings.Repeat("v", ingress.MaxAnnotations) + "\n"
	topology, doc, err := schema.ParseTopology("t.yaml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	_, err = plan.Resolve(topology, doc, root, plan.Guard{})
	if err == nil || !strings.Contains(err.Error(), "t.yaml:10:") {
		t.Errorf("want line 10: %.200v", err)
	}
}
