package compiler

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"

	"relayform/compiler/pki"
	"relayform/compiler/product"
	"relayform/compiler/verify"
	"relayform/schema/diag"
)

// listed returns Secrets as kubectl prints them, with relayform's label and a test's changes.
func listed(secrets map[string]map[string][]byte, change func(name string, metadata map[string]any)) []byte {
	items := []any{}
	for name, data := range secrets {
		metadata := map[string]any{"name": name, "namespace": "gloo-mesh", "labels": map[string]any{"app.kubernetes.io/managed-by": "relayform"}}
		if change != nil {
			change(name, metadata)
		}
		items = append(items, map[string]any{"apiVersion": "v1", "kind": "Secret", "type": "Opaque", "metadata": metadata, "data": data})
	}
	text, err := json.Marshal(map[string]any{"apiVersion": "v1", "kind": "List", "items": items})
	if err != nil {
		panic(err)
	}
	return text
}

// with returns a mesh's Secrets with one value replaced.
func with(secrets map[string]map[string][]byte, name, key string, value []byte) map[string]map[string][]byte {
	all := map[string]map[string][]byte{}
	for n, data := range secrets {
		all[n] = map[string][]byte{}
		for k, v := range data {
			all[n][k] = v
		}
	}
	all[name][key] = value
	return all
}

// label sets a Secret's manager; empty for none.
func label(secret, by string) func(string, map[string]any) {
	return func(name string, metadata map[string]any) {
		if name == secret {
			metadata["labels"] = map[string]any{"app.kubernetes.io/managed-by": by}
		}
	}
}

// owner makes a Secret belong to an object.
func owner(secret, kind string) func(string, map[string]any) {
	return func(name string, metadata map[string]any) {
		if name == secret {
			metadata["ownerReferences"] = []any{map[string]any{"kind": kind, "name": "x"}}
		}
	}
}

// TestApplyLooksFirst has clusters with various contents before an apply. The mesh's own may be replaced, even if the lockfile no longer
// contains it; foreign contents are refused, and named.
func TestApplyLooksFirst(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	first := meshOf(t, s.project)
	again := newTestProject(t) // the same topology after its lockfile was lost
	again.compile(own(""))
	other := meshOf(t, again.project)
	for _, what := range []string{"token", "signing", "server"} {
		if _, err := Renew(s.project, s.env(), RenewOptions{What: what}); err != nil {
			t.Fatal(err)
		}
	}
	now := meshOf(t, s.project)
	root, token, signing, server := relay.Secret(pki.Root), relay.Secret(product.Token), relay.Secret(pki.Signing), relay.Secret(pki.Server)
	ca, cert := relay.Keys.CA, relay.Keys.Cert
	both := slices.Concat(now.remote[root][ca], other.remote[root][ca])
	type secrets = map[string]map[string][]byte
	for name, c := range map[string]struct {
		management, remote secrets
		change             func(string, map[string]any) // on the remote
		errors, warnings   []diag.Code
		says               string
	}{
		"nothing":                        {nil, nil, nil, nil, nil, ""},
		"what is compiled":               {now.management, now.remote, nil, nil, nil, ""},
		"what was compiled before":       {first.management, first.remote, nil, nil, nil, ""},
		"an older token, by hand":        {now.management, first.remote, label(token, ""), []diag.Code{verify.ForeignTrust}, nil, "the token differs from the lockfile's"},
		"a token of the chart":           {now.management, first.remote, label(token, "Helm"), []diag.Code{verify.ForeignTrust}, nil, "says that Helm manages it"},
		"a token alone":                  {now.management, secrets{token: first.remote[token]}, nil, []diag.Code{verify.ForeignTrust}, nil, "the token differs from"},
		"another mesh's remote":          {now.management, other.remote, nil, []diag.Code{verify.ForeignTrust}, nil, "this cluster trusts "},
		"another mesh's root":            {now.management, with(now.remote, root, ca, other.remote[root][ca]), nil, []diag.Code{verify.ForeignTrust}, nil, ", which is not in the lockfile"},
		"another mesh's signing CA":      {with(now.management, signing, cert, other.management[signing][cert]), now.remote, nil, []diag.Code{verify.ForeignTrust}, nil, "the signing CA is "},
		"another mesh's relay server":    {with(now.management, server, cert, other.management[server][cert]), now.remote, nil, []diag.Code{verify.ForeignTrust}, nil, "the relay server's certificate is "},
		"another mesh":                   {other.management, other.remote, nil, []diag.Code{verify.ForeignTrust}, nil, "error: mgmt-cluster, remote-cluster: relay-root-tls-secret ca.crt: this cluster trusts "},
		"another mesh, by hand":          {now.management, other.remote, label(token, ""), []diag.Code{verify.ForeignTrust}, nil, "relay-root-tls-secret ca.crt: this cluster trusts "},
		"a root beside its own":          {now.management, with(now.remote, root, ca, both), nil, nil, []diag.Code{verify.ForeignTrust}, "this cluster also trusts "},
		"no root in the root's Secret":   {now.management, with(now.remote, root, ca, []byte("oops")), nil, []diag.Code{verify.Unreadable}, nil, "it holds something other than a certificate"},
		"half a root":                    {now.management, with(now.remote, root, ca, now.remote[root][ca][:200]), nil, []diag.Code{verify.Unreadable}, nil, "it holds something other than a certificate"},
		"a signing CA that is none":      {with(now.management, signing, cert, []byte("oops")), now.remote, nil, []diag.Code{verify.Unreadable}, nil, "it holds something other than a certificate"},
		"an empty Secret":                {now.management, secrets{root: {}, token: {}}, nil, nil, nil, ""},
		"a Secret of cert-manager's":     {now.management, now.remote, owner(root, "Certificate"), nil, []diag.Code{verify.OwnedElsewhere}, "an object of the kind Certificate"},
		"a Secret that was a sealed one": {now.management, now.remote, owner(token, "SealedSecret"), nil, []diag.Code{verify.OwnedElsewhere}, "SealedSecret"},
	} {
		t.Run(name, func(t *testing.T) {
			env := s.env()
			var mutex sync.Mutex
			calls := map[string]int{}
			env.Kubectl = func(_ context.Context, args ...string) ([]byte, error) {
				mutex.Lock()
				defer mutex.Unlock()
				if calls[args[0]]++; !slices.Contains(args, "get") || !slices.Contains(args, "--namespace=gloo-mesh") {
					t.Errorf("kubectl %q", args)
				}
				if strings.HasSuffix(args[0], "mgmt-cluster") {
					return listed(c.management, nil), nil
				}
				return listed(c.remote, c.change), nil
			}
			looked, err := Look(t.Context(), s.project, env, []string{"mgmt-cluster", "remote-cluster"}, 4)
			if err != nil || len(looked.Unasked) > 0 {
				t.Fatal(err, looked.Unasked)
			}
			var warnings []diag.Code
			said := ""
			for _, f := range looked.Findings {
				if f.Severity == verify.Warning {
					warnings = append(warnings, f.Code)
				}
				said += f.Text()
			}
			if !slices.Equal(codes(looked.Findings), c.errors) || !slices.Equal(warnings, c.warnings) || !strings.Contains(said, c.says) {
				t.Errorf("want %v, %v and %q, got\n%s", c.errors, c.warnings, c.says, said)
			}
			for _, m := range []mesh{first, now, other} {
				if strings.Contains(said, string(m.remote[token][relay.Keys.Token])) {
					t.Error("a token is told")
				}
			}
			if len(calls) != 2 || calls["--context=mgmt-cluster"] != 1 {
				t.Errorf("calls of kubectl: %v; want one for each cluster", calls)
			}
		})
	}
}

// TestACauseIsToldOnce checks many clusters of a different mesh, and of one whose root was replaced in one step.
func TestACauseIsToldOnce(t *testing.T) {
	s := newTestProject(t)
	var remotes strings.Builder
	for i := range 40 {
		fmt.Fprintf(&remotes, "  r%02d: {}\n", i)
	}
	topology := strings.Replace(testTopology, "  remote-cluster: {}\n", remotes.String(), 1)
	s.write("topology.yaml", fmt.Appendf(nil, topology, own("")))
	if _, err := Compile(s.project, s.env(), Options{}); err != nil {
		t.Fatal(err)
	}
	now := meshOf(t, s.project)
	again := newTestProject(t)
	again.compile(own(""))
	other := meshOf(t, again.project)
	env := s.env()
	env.Kubectl = func(_ context.Context, args ...string) ([]byte, error) {
		if strings.HasSuffix(args[0], "mgmt-cluster") {
			return listed(now.management, nil), nil
		}
		return listed(with(now.remote, relay.Secret(pki.Root), relay.Keys.CA, other.remote[relay.Secret(pki.Root)][relay.Keys.CA]), nil), nil
	}
	var run []string
	for i := range 30 {
		run = append(run, fmt.Sprintf("r%02d", i))
	}
	looked, err := Look(t.Context(), s.project, env, run, 8)
	if err != nil || len(looked.Findings) != 1 || len(looked.Findings[0].Clusters) != 30 {
		t.Errorf("%v, %+v", err, looked.Findings)
	}
	s.write("topology.yaml", fmt.Appendf(nil, topology, "selfSigned: {keyAlgorithm: ecdsa, validity: {root: 80000h}}"))
	if _, err := Compile(s.project, s.env(), Options{ReissueRoot: true}); err != nil {
		t.Fatal(err)
	}
	env.Kubectl = func(_ context.Context, args ...string) ([]byte, error) {
		if strings.HasSuffix(args[0], "mgmt-cluster") {
			return listed(now.management, nil), nil
		}
		return listed(now.remote, nil), nil
	}
	looked, err = Look(t.Context(), s.project, env, []string{"mgmt-cluster"}, 8)
	if err != nil || !slices.Contains(codes(looked.Findings), verify.AgentCutOff) {
		t.Fatalf("%v, %+v", err, looked.Findings)
	}
	for _, f := range looked.Findings {
		if f.Code == verify.AgentCutOff && len(f.Clusters) != 40 {
			t.Errorf("the clusters that were not to be applied are cut off as well: %+v", f)
		}
	}
}

// TestWhoCannotBeAskedIsTreatedSafely has clusters that do not answer. A cluster of the run fails as its apply would; one whose contents
// are needed counts as cut off, whether it belongs to the run or not.
func TestWhoCannotBeAskedIsTreatedSafely(t *testing.T) {
	s := newTestProject(t)
	s.compile(own(""))
	s.compile(own("distribute"))
	before := meshOf(t, s.project)
	after := func(phase string) mesh {
		s.compile(own(phase))
		return meshOf(t, s.project)
	}
	look := func(m mesh, silent string, run ...string) (Looked, []diag.Code) {
		t.Helper()
		env := s.env()
		env.Kubectl = func(_ context.Context, args ...string) ([]byte, error) {
			switch {
			case strings.HasSuffix(args[0], silent):
				return nil, errors.New("no answer")
			case strings.HasSuffix(args[0], "mgmt-cluster"):
				return listed(m.management, nil), nil
			}
			return listed(m.remote, nil), nil
		}
		looked, err := Look(t.Context(), s.project, env, run, 4)
		if err != nil {
			t.Fatal(err)
		}
		return looked, codes(looked.Findings)
	}
	if looked, found := look(before, "remote-cluster", "mgmt-cluster", "remote-cluster"); len(found) > 0 || len(looked.Unasked) != 1 {
		t.Errorf("nothing changes: %v, %v", looked.Unasked, found)
	}
	issued := after("issue")
	for _, run := range [][]string{{"mgmt-cluster"}, {"mgmt-cluster", "remote-cluster"}} {
		if looked, found := look(before, "remote-cluster", run...); !slices.Equal(found, []diag.Code{verify.AgentCutOff}) || len(looked.Unasked) != len(run)-1 {
			t.Errorf("%v: %v, %v", run, looked.Unasked, found)
		}
		if _, found := look(issued, "remote-cluster", run...); len(found) > 0 {
			t.Errorf("%v: the relay server's root stays, and yet %v", run, found)
		}
	}
	rubbish := before
	rubbish.remote = with(before.remote, relay.Secret(pki.Root), relay.Keys.CA, []byte("oops"))
	if _, found := look(rubbish, "nobody", "mgmt-cluster"); !slices.Equal(found, []diag.Code{verify.AgentCutOff}) {
		t.Errorf("a remote that is not applied holds what nobody can read: %v", found)
	}
	after("drain")
	after("retire, agentsReissued: true")
	for _, run := range [][]string{{"remote-cluster"}, {"mgmt-cluster", "remote-cluster"}} {
		if looked, found := look(issued, "mgmt-cluster", run...); !slices.Equal(found, []diag.Code{verify.AgentCutOff}) || len(looked.Unasked) != len(run)-1 {
			t.Errorf("%v: %v, %v", run, looked.Unasked, found)
		}
	}
	rubbish = issued
	rubbish.management = with(issued.management, relay.Secret(pki.Server), relay.Keys.Cert, []byte("oops"))
	if _, found := look(rubbish, "nobody", "remote-cluster"); !slices.Equal(found, []diag.Code{verify.AgentCutOff}) {
		t.Errorf("the management cluster is not applied, and holds what nobody can read: %v", found)
	}
	if looked, found := look(after(""), "mgmt-cluster", "remote-cluster"); len(found)+len(looked.Unasked) > 0 {
		t.Errorf("the remote drops nothing: %v, %v", looked.Unasked, found)
	}
}
