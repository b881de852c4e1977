package compiler

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"relayform/compiler/plan"
)

// TestRegistrationOfALargeFleetIsRendered has so many agents that their objects are one file: it is rendered as kubectl applies it, and a
// full disk is an error.
func TestRegistrationOfALargeFleetIsRendered(t *testing.T) {
	s := newRendered(t)
	var remotes strings.Builder
	for i := range plan.RegisterLimit + 1 {
		fmt.Fprintf(&remotes, "  c%03d: {}\n", i)
	}
	head, _, _ := strings.Cut(renderedTopology, "remotes:\n")
	s.write("topology.yaml", []byte(head+"remotes:\n"+remotes.String()+"pki: {selfSigned: {keyAlgorithm: ecdsa}}\n"))
	order, texts, err := s.visited(RenderOptions{Register: true, Public: true}, "mgmt")
	if err != nil || len(order) != 1 || order[0] != "mgmt" {
		t.Fatalf("visited %v: %v", order, err)
	}
	if text := texts["mgmt"]; strings.Count(text, "kind: KubernetesCluster") != plan.RegisterLimit+1 || !strings.HasPrefix(text, "apiVersion:") {
		t.Errorf("%d clusters: %.300s", strings.Count(text, "kind: KubernetesCluster"), text)
	}
	full := errors.New("the disk is full")
	if err := Render(s.project, s.env(), []string{"mgmt"}, RenderOptions{Register: true}, func(string, []byte) error { return full }); !errors.Is(err, full) {
		t.Errorf("a full disk is told as %v", err)
	}
}
