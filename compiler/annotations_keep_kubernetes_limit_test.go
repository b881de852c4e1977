package compiler

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"relayform/compiler/ingress"
	"relayform/compiler/plan"
	"relayform/schema"
)

// TestAnnotationsKeepKubernetesLimit checks that annotations are limited by their total size, and keys by the length of both their parts.
func TestAnnotationsKeepKubernetesLimit(t *testing.T) {
	root, err := os.OpenRoot(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	for _, c := range []struct {
		key    string
		length int
		want   string
	}{
		{"example.com/a", ingress.MaxAnnotations - len("example.com/a"), ""},
		{"example.com/a", ingress.MaxAnnotations - len("example.com/a") + 1, "Kubernetes' limit is 262144 (256 KiB)"},
		{strings.Repeat("p", 253) + "/" + strings.Repeat("n", 63), 1, ""},
		{strings.Repeat("p", 254) + "/n", 1, "want a Kubernetes key"},
		{"p/" + strings.Repeat("n", 64), 1, "want a Kubernetes key"},
	} {
		text := fmt.Sprintf("apiVersion: relayform/v1\nkind: Topology\nname: demo\npki: {selfSigned: {}}\nmanagement:\n  name: m\n  ingress:\n    loadBalancer:\n      annotations:\n        ? %s\n        : %s\n", c.key, strings.Repeat("v", c.length))
		topology, doc, err := schema.ParseTopology("t.yaml", []byte(text))
		if err == nil {
			_, err = plan.Resolve(topology, doc, root, plan.Guard{})
		}
		if got := fmt.Sprint(err); (c.want == "") != (err == nil) || !strings.Contains(got, c.want) {
			t.Errorf("a key of %d and a value of %d bytes: got %s; want %s", len(c.key), c.length, got[:min(len(got), 200)], c.want)
		}
	}
}
