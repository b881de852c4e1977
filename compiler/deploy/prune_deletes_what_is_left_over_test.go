package deploy

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/ingress"
	"relayform/compiler/kubectl"
	"relayform/compiler/manifest"
	"relayform/compiler/overlay"
	"relayform/compiler/product"
)

var (
	ours           = map[string]string{manifest.ManagedByLabel: manifest.ManagedBy}
	gateway        = kind("gateways.networking.istio.io")
	virtualService = kind("virtualservices.networking.istio.io")
)

// kind returns a kind that an ingress form adds, as kubectl accepts it.
func kind(name string) manifest.Kind {
	kinds := ingress.Kinds()
	return kinds[slices.IndexFunc(kinds, func(k manifest.Kind) bool { return k.String() == name })]
}

// made returns Secrets of an overlay.
func made(names ...string) []overlay.Object {
	var all []overlay.Object
	for _, name := range names {
		all = append(all, overlay.Object{Identity: manifest.Identity{Kind: "Secret", Namespace: "mesh", Name: name}, Labels: ours})
	}
	return all
}

// secretLine returns kubectl's line for a Secret.
func secretLine(name string) string { return "v1\tSecret\tmesh\t" + name + "\trelayform\n" }

// cluster returns a kubectl that applies with this output, and then lists these lines.
func cluster(says, lists string) *fake {
	return &fake{answer: func(call string) (string, error) {
		switch {
		case strings.Contains(call, " get namespace"):
			return "namespace/mesh\n", nil
		case strings.Contains(call, " apply "):
			return says, nil
		case strings.Contains(call, " get "):
			return lists, nil
		}
		return "", nil
	}}
}

func (f *fake) deletes() []string {
	return slices.DeleteFunc(slices.Clone(f.calls), func(call string) bool { return !strings.Contains(call, " delete ") })
}

func TestPruneDeletesOnlyWhatIsLeftOver(t *testing.T) {
	k := &fake{answer: func(call string) (string, error) {
		switch {
		case strings.Contains(call, " apply "):
			return "namespace/mesh unchanged\nsecret/keep serverside-applied\n", nil
		case strings.Contains(call, "api-resources"):
			return "gateways.networking.istio.io\n", nil
		case strings.Contains(call, " get "):
			return secretLine("keep") + secretLine("old") + "networking.istio.io/v1\tGateway\tmesh\told\trelayform\n", nil
		case strings.Contains(call, " delete "):
			return "", nil
		}
		return "", errors.New("unexpected: " + call)
	}}
	j := job("m")
	j.Prunable = append(j.Prunable, gateway, virtualService)
	outcomes := Run(t.Context(), k.run, [][]Job{{j}}, Options{Prune: true}, silent)
	want := []string{
		"--context=ctx-m apply -k build/m",
		"--context=ctx-m api-resources --api-group=networking.istio.io --output=name",
		"--context=ctx-m --namespace=mesh get --selector=app.kubernetes.io/managed-by=relayform --output=" + columns + " -- secrets,gateways.networking.istio.io",
		"--context=ctx-m --namespace=mesh delete --wait=false --ignore-not-found -- secrets old",
		"--context=ctx-m --namespace=mesh delete --wait=false --ignore-not-found -- gateways.networking.istio.io old",
	}
	if !slices.Equal(k.calls, want) || outcomes[0].Summary() != "2 deleted, 1 serverside-applied, 1 unchanged" {
		t.Errorf("got %q\n%s, %v", k.calls, outcomes[0].Summary(), outcomes[0].Err)
	}
	k.answer = func(call string) (string, error) { return "", &kubectl.Error{Code: 1, Said: "no"} }
	k.calls = nil
	Run(t.Context(), k.run, [][]Job{{j}}, Options{Prune: true}, silent)
	if len(k.calls) != 1 {
		t.Errorf("after a failed apply: %q", k.calls)
	}
}

// TestPruneBelievesNoWords has kubectl print anything about what it applied: what was applied is never deleted.
func TestPruneBelievesNoWords(t *testing.T) {
	for name, says := range map[string]string{
		"nothing":            "",
		"JSON":               `{"kind": "List", "items": [{"kind": "Secret", "data": {"token": "c2VjcmV0c2VjcmV0"}}]}`,
		"another language":   "secret/keep erstellt\n",
		"a warning":          "Warning: v1 ComponentStatus is deprecated\n",
		"line ends":          "secret/keep configured\r\n",
		"names without verb": "secret/keep\n",
		"words run together": "secret/keepconfigured",
	} {
		k := cluster(says, secretLine("keep")+secretLine("old"))
		o := Run(t.Context(), k.run, [][]Job{{job("m")}}, Options{Prune: true}, silent)[0]
		if got := k.deletes(); len(got) != 1 || !strings.HasSuffix(got[0], " -- secrets old") || o.State != Done {
			t.Errorf("%s: %q, %v", name, got, o.Err)
		}
		if strings.Contains(o.Summary(), "c2Vj") {
			t.Errorf("%s: the summary repeats it: %s", name, o.Summary())
		}
	}
}

// TestPruneRefusesAListThatCannotBe has a cluster list something impossible, or not asked for: nothing is deleted.
func TestPruneRefusesAListThatCannotBe(t *testing.T) {
	line := func(version, kind, namespace, name, label string) string {
		return strings.Join([]string{version, kind, namespace, name, label}, "\t") + "\n"
	}
	for name, lists := range map[string]string{
		"nothing":                           "",
		"blank":                             "\n \r\n",
		"not what was applied":              secretLine("old"),
		"names alone":                       "secret/keep\nsecret/old\n",
		"JSON":                              `{"items":[]}`,
		"a warning":                         "Warning: deprecated\n" + secretLine("keep") + secretLine("old"),
		"no resources":                      "No resources found in mesh namespace.\n",
		"an option":                         secretLine("keep") + secretLine("--all"),
		"a short option":                    secretLine("keep") + secretLine("-l"),
		"a path":                            secretLine("keep") + secretLine("../old"),
		"a slash":                           secretLine("keep") + secretLine("secret/old"),
		"a comma":                           secretLine("keep") + secretLine("a,b"),
		"a space":                           secretLine("keep") + secretLine("a b"),
		"an escape":                         secretLine("keep") + secretLine("\x1b[2J"),
		"upper case":                        secretLine("keep") + secretLine("Old"),
		"no name":                           secretLine("keep") + secretLine(""),
		"a dot at the end":                  secretLine("keep") + secretLine("old."),
		"two dots":                          secretLine("keep") + secretLine("a..b"),
		"too long":                          secretLine("keep") + secretLine(strings.Repeat("a", 254)),
		"a line break":                      secretLine("keep") + secretLine("a\nv1\tSecret\tmesh\tvictim\trelayform\nb"),
		"cut short":                         secretLine("keep") + "v1\tSecret\tmesh\tol",
		"cut short in a label":              secretLine("keep") + "v1\tSecret\tmesh\told\trelay",
		"another label":                     secretLine("keep") + line("v1", "Secret", "mesh", "old", "Helm"),
		"no label":                          secretLine("keep") + line("v1", "Secret", "mesh", "old", ""),
		"another kind":                      secretLine("keep") + line("v1", "Namespace", "mesh", "mesh", "relayform"),
		"a kind not asked for":              secretLine("keep") + line("v1", "Service", "mesh", "old", "relayform"),
		"a kind's look-alike":               secretLine("keep") + line("evil.example.com/v1", "Secret", "mesh", "old", "relayform"),
		"another namespace":                 secretLine("keep") + line("v1", "Secret", "kube-system", "old", "relayform"),
		"without a namespace":               secretLine("keep") + line("v1", "Secret", "", "old", "relayform"),
		"a column too many":                 secretLine("keep") + "v1\tSecret\tmesh\told\trelayform\tx\n",
		"what was applied is\na look-alike": line("evil.example.com/v1", "Secret", "mesh", "keep", "relayform") + secretLine("old"),
	} {
		k := cluster("secret/keep created\n", lists)
		o := Run(t.Context(), k.run, [][]Job{{job("m")}}, Options{Prune: true}, silent)[0]
		if got := k.deletes(); len(got) > 0 || o.State != Failed || !strings.HasSuffix(o.Err.Error(), "nothing was deleted") {
			t.Errorf("%s: deletes %q, %v", name, got, o.Err)
		}
	}
}

// TestPruneKeepsWhatItKnowsNothingOf deletes nothing from a cluster whose overlay is unknown, or if kubectl fails.
func TestPruneKeepsWhatItKnowsNothingOf(t *testing.T) {
	unlabelled, elsewhere := made("keep"), made("keep")
	unlabelled[0].Labels, elsewhere[0].Namespace = nil, "other"
	for name, makes := range map[string][]overlay.Object{"nothing": nil, "no label": unlabelled, "another namespace": elsewhere} {
		j := job("m")
		j.Makes = makes
		k := cluster("", secretLine("keep")+secretLine("old"))
		if o := Run(t.Context(), k.run, [][]Job{{j}}, Options{Prune: true}, silent)[0]; len(k.deletes()) > 0 || o.State != Failed {
			t.Errorf("%s: %q, %v", name, k.calls, o.Err)
		}
	}
	for _, fails := range []string{" apply ", " get ", " api-resources "} {
		j := job("m")
		j.Prunable = append(j.Prunable, gateway)
		k := cluster("", secretLine("keep")+secretLine("old"))
		answer := k.answer
		k.answer = func(call string) (string, error) {
			out, _ := answer(call)
			if strings.Contains(call, fails) {
				return out, &kubectl.Error{Code: -1, Said: "signal: killed"}
			}
			return out, nil
		}
		if o := Run(t.Context(), k.run, [][]Job{{j}}, Options{Prune: true}, silent)[0]; len(k.deletes()) > 0 || o.State != Failed {
			t.Errorf("kubectl is killed in%s: %q, %v", fails, k.calls, o.Err)
		}
	}
}

// TestPruneRefusesAClusterThatDeniesItsKinds has a cluster list no kind Gateway, although one was just applied.
func TestPruneRefusesAClusterThatDeniesItsKinds(t *testing.T) {
	j := job("m")
	j.Prunable = append(j.Prunable, gateway)
	j.Makes = append(j.Makes, overlay.Object{Identity: manifest.Identity{Group: gateway.Group, Kind: gateway.Name, Namespace: "mesh", Name: "in"}, Labels: ours})
	k := cluster("", secretLine("keep")+secretLine("old"))
	if o := Run(t.Context(), k.run, [][]Job{{j}}, Options{Prune: true}, silent)[0]; len(k.deletes()) > 0 || o.State != Failed {
		t.Errorf("%q, %v", k.calls, o.Err)
	}
}

// TestPruneKeepsWhatUsersAdd keeps the objects of a user's component, with relayform's label or without.
func TestPruneKeepsWhatUsersAdd(t *testing.T) {
	j := job("m")
	j.Makes = made("keep", "own")
	j.Makes[1].Labels = nil
	k := cluster("", secretLine("keep")+secretLine("own"))
	if o := Run(t.Context(), k.run, [][]Job{{j}}, Options{Prune: true}, silent)[0]; len(k.deletes()) > 0 || o.State != Done {
		t.Errorf("%q, %v", k.calls, o.Err)
	}
}

// TestLookingDeletesNothing lists what a prune would delete, if nothing is to change.
func TestLookingDeletesNothing(t *testing.T) {
	for _, o := range []Options{{DryRun: true}, {Diff: true}} {
		o.Prune = true
		k := cluster("", secretLine("old")) // new objects do not exist yet
		outcome := Run(t.Context(), k.run, [][]Job{{job("m")}}, o, silent)[0]
		if fmt.Sprint(outcome.Doomed) != "[secret/old]" || len(outcome.Deleted) > 0 || outcome.Err != nil || outcome.Summary() != "1 to delete" {
			t.Errorf("%+v: %v, deleted %v, %v", o, outcome.Doomed, outcome.Deleted, outcome.Err)
		}
		if o.Diff != (outcome.State == Different) {
			t.Errorf("%+v: state %d", o, outcome.State)
		}
		for _, call := range k.deletes() {
			if o.Diff || !strings.Contains(call, "--dry-run=server") {
				t.Errorf("%+v runs kubectl %s", o, call)
			}
		}
	}
}

// TestPruneDeletesManyInBatches has more leftovers than one command can delete before its timeout.
func TestPruneDeletesManyInBatches(t *testing.T) {
	var names []string
	lists := secretLine("keep")
	for i := range 2*batchSize + 1 {
		names = append(names, fmt.Sprintf("old-%d", i))
		lists += secretLine(names[i])
	}
	k := cluster("", lists)
	Run(t.Context(), k.run, [][]Job{{job("m")}}, Options{Prune: true}, silent)
	var deleted []string
	for _, call := range k.deletes() {
		_, batch, _ := strings.Cut(call, " -- secrets ")
		words := strings.Fields(batch)
		if len(words) > batchSize {
			t.Errorf("%d names in one command", len(words))
		}
		deleted = append(deleted, words...)
	}
	if len(k.deletes()) != 3 || !slices.Equal(deleted, names) {
		t.Errorf("%d commands, %d deleted, want %d", len(k.deletes()), len(deleted), len(names))
	}
}

// TestPruneOfARemoteKeepsTheManagementClusters reaches the management cluster through a remote's context, a second name of the same
// cluster: the relay's own Secrets stay.
func TestPruneOfARemoteKeepsTheManagementClusters(t *testing.T) {
	for _, name := range managements(product.Profiles[0]) {
		j := job("r")
		j.Foreign = managements(product.Profiles[0])
		k := cluster("", secretLine("keep")+secretLine("old")+secretLine(name))
		o := Run(t.Context(), k.run, [][]Job{{j}}, Options{Prune: true}, silent)[0]
		if len(k.deletes()) > 0 || o.State != Failed || !strings.Contains(o.Err.Error(), "like a management cluster") {
			t.Errorf("%s: %q, %v", name, k.deletes(), o.Err)
		}
	}
}
