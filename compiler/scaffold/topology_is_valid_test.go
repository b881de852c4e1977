package scaffold

import (
	"strings"
	"testing"

	"relayform/compiler/ingress"
	"relayform/schema"
)

func TestTopologyIsValidAndSaysWhatWasAnswered(t *testing.T) {
	contexts := []string{"kind-mgmt", "arn:aws:eks:eu-west-1:1234:cluster/x", "admin@home", "a,b", "0123", "true", "a#b", "it's", "x:", "1e5", "-", "日本"}
	for _, name := range ingress.Names() {
		for _, context := range contexts {
			a := Answers{
				Name: "null", Product: "gloo-platform", Namespace: "0123", Schema: schemaName, Algorithm: "ecdsa",
				Management: Cluster{"true", context}, RelayAddress: "[2001:db8::7]:443", Agent: true, Ingress: name,
				Remotes: []Cluster{{"y", context + "2"}, {"n", "n"}},
			}
			text := a.Topology()
			got, _, err := schema.ParseTopology("topology.yaml", text)
			if err != nil {
				t.Fatalf("%s, %s: %v\n%s", name, context, err, text)
			}
			m := got.Management
			if string(m.Context) != context || string(m.Name) != "true" || !m.Agent || string(m.RelayAddress) != a.RelayAddress || schema.Chosen(m.Ingress) != name ||
				string(got.Remotes["y"].Context) != context+"2" || len(got.Remotes) != 2 || string(got.Namespace) != "0123" || got.PKI.SelfSigned.KeyAlgorithm != "ecdsa" {
				t.Errorf("%s, %s: the topology says something else:\n%s", name, context, text)
			}
		}
	}
	if none := (Answers{Name: "a", Product: "gloo-platform", Namespace: "b", Schema: schemaName, Algorithm: "rsa", Management: Cluster{"c", "c"}, Ingress: "istio"}).Topology(); !strings.Contains(string(none), "\nremotes: {}\n") {
		t.Errorf("without remotes:\n%s", none)
	}
}

const schemaName = "topology.schema.json"

func TestNamesComeFromContexts(t *testing.T) {
	for context, want := range map[string]string{
		"kind-mgmt-cluster":                            "mgmt-cluster",
		"k3d-edge":                                     "edge",
		"gke_my-project_europe-west1-b_prod_eu":        "eu",
		"gke_my-project_europe-west1-b_prod":           "prod",
		"arn:aws:eks:eu-west-1:123456:cluster/Prod-1":  "prod-1",
		"kubernetes-admin@home":                        "home",
		"default/api-prod-example-com:6443/kube:admin": "kube-admin",
		"7up":                   "c-7up",
		"--":                    "c",
		"日本":                    "c",
		strings.Repeat("a", 80): strings.Repeat("a", 63),
	} {
		if got := NameOf(context); got != want {
			t.Errorf("%s: got %s, want %s", context, got, want)
		}
	}
}

func TestContextsOfOneClusterAreOne(t *testing.T) {
	got, err := Contexts([]byte(`{"current-context":"me@a","contexts":[
		{"name":"admin@a","context":{"cluster":"a"}},
		{"name":"me@a","context":{"cluster":"a"}},
		{"name":"kind-b","context":{"cluster":"kind-b"}},
		{"name":"k3d-b","context":{"cluster":"k3d-b"}}]}`))
	if err != nil || len(got) != 3 {
		t.Fatalf("got %v, %v; want three clusters", got, err)
	}
	if a := got[0]; a.Context != "me@a" || a.Name != "a" || !a.Current || len(a.Others) != 1 || a.Others[0] != "admin@a" {
		t.Errorf("want the current context to stand for its cluster, got %+v", a)
	}
	if got[1].Name != "b" || got[2].Name != "b-2" {
		t.Errorf("want names that differ, got %s and %s", got[1].Name, got[2].Name)
	}
	if _, err := Contexts([]byte("oops")); err == nil {
		t.Error("want an error for what is no kubeconfig")
	}
}
