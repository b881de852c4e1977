package compiler

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"relayform/compiler/plan"
	"relayform/compiler/project"
)

// TestListOfClustersNamesNoOptions reads an edited list: its names are printed in commands.
func TestListOfClustersNamesNoOptions(t *testing.T) {
	got := plan.ReadClusters([]byte("# head of-it -\nmgmt hub a:1\n--all east -\n-o west -\nnorth north -\nEast east b:2\ntwo words\n"))
	if len(got) != 2 || got[0].Name != "mgmt" || got[0].RelayAddress != "a:1" || got[1].Name != "north" || got[1].RelayAddress != "" {
		t.Errorf("read %+v", got)
	}
	if c := plan.Compare(got, []plan.Cluster{{Name: "mgmt", Context: "other"}, {Name: "north", Context: "north"}}); !c.Management || len(c.Moved)+len(c.Removed)+len(c.Added) > 0 {
		t.Errorf("another management cluster makes %+v", c)
	}
}

// TestNextIsRunAsWritten changes the clusters of a mesh, runs the printed next steps in a shell, and checks what they run: exactly the
// changed clusters, in order. Folders and contexts have names that a shell would execute if unquoted.
func TestNextIsRunAsWritten(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	const hub, east, west, north = "$(touch${IFS}pwn)", "at;touch${IFS}pwn", "it's", "north"
	topology := func(remotes, more string) string {
		return "apiVersion: relayform/v1\nkind: Topology\nname: demo\nproduct: gloo-platform\nmanagement: {name: mgmt, context: '" + hub + "', relayAddress: \"203.0.113.7:31443\", ingress: {istio: {}}}\n" +
			"remotes: {" + remotes + "}\npki: {selfSigned: {keyAlgorithm: ecdsa}}\n" + more
	}
	const begin = "east: {context: 'at;touch${IFS}pwn'}, west: {context: \"it's\"}"
	const external = "charts: {version: 2.9.1}\nsecrets: {externalSecrets: {store: {name: vault}, path: relayform/demo}}\n"
	const flux = external + "deliver: {flux: {source: {name: mesh}}}\n"
	apply := func(context, folder string) string {
		return "kubectl --context " + context + " apply -k " + folder
	}
	upgrade := func(context string) string {
		return "helm upgrade --install gloo-platform gloo-platform --repo https://storage.googleapis.com/gloo-platform/helm-charts --kube-context " + context
	}
	forget := func(context string) string {
		return "kubectl --context " + context + " --namespace gloo-mesh delete --ignore-not-found"
	}
	for name, c := range map[string]struct {
		remotes, more string
		want          []string // beginnings of the commands, in order
	}{
		"a label":           {strings.Replace(begin, "'at;touch${IFS}pwn'", "'at;touch${IFS}pwn', labels: {a: b}", 1), "", []string{apply(hub, "$build/mgmt/register")}},
		"a remote more":     {begin + ", north: {}", "", []string{apply(north, "$build/north"), apply(hub, "$build/mgmt/register"), "helm upgrade --install gloo-platform-crds", upgrade(north)}},
		"another name":      {strings.Replace(begin, "east", "orient", 1), "", []string{apply(east, "$build/orient"), apply(hub, "$build/mgmt/register"), forget(east) + " secret relay-client-tls-secret", "helm upgrade --install gloo-platform-crds", upgrade(east), "kubectl --context " + east + " --namespace gloo-mesh rollout restart deployment/gloo-mesh-agent", "kubectl --context " + east + " --namespace gloo-mesh rollout status", forget(hub) + " kubernetesclusters east"}},
		"another context":   {strings.Replace(begin, "\"it's\"", "north", 1), "", []string{"helm uninstall gloo-platform --kube-context " + west, forget(west) + " secrets relay-root-tls-secret relay-identity-token-secret relay-client-tls-secret", apply(north, "$build/west"), "helm upgrade --install gloo-platform-crds", upgrade(north)}},
		"a remote less":     {"west: {context: \"it's\"}", "", []string{apply(hub, "$build/mgmt/register"), "helm uninstall gloo-platform --kube-context " + east, forget(east) + " secrets relay-root-tls-secret", forget(hub) + " kubernetesclusters east", "relayform renew token --file $dir/topology.yaml"}},
		"names exchanged":   {"west: {context: 'at;touch${IFS}pwn'}, east: {context: \"it's\"}", "", []string{forget(west) + " secret relay-client", "helm upgrade --install gloo-platform-crds", upgrade(west), "kubectl --context " + west + " --namespace gloo-mesh rollout restart", "kubectl --context " + west, forget(east) + " secret relay-client", "helm upgrade --install gloo-platform-crds", upgrade(east), "kubectl --context " + east + " --namespace gloo-mesh rollout restart", "kubectl --context " + east}},
		"another address":   {strings.Replace(begin, "'at;touch${IFS}pwn'", "'at;touch${IFS}pwn', relayAddress: 'r.example.com:443'", 1), "", []string{"helm upgrade --install gloo-platform-crds", upgrade(east)}},
		"nothing":           {begin, "", nil},
		"gone, and a store": {"west: {context: \"it's\"}", external, []string{apply(hub, "$build/mgmt/register"), "helm uninstall", forget(east) + " externalsecrets,secrets relay-root-tls-secret", forget(hub) + " kubernetesclusters", "relayform renew token"}},
		"gone from Flux":    {"west: {context: \"it's\"}", flux, []string{"kubectl --context " + east + " --namespace flux-system delete --ignore-not-found kustomizations.kustomize.toolkit.fluxcd.io demo.east.deliver", forget(east) + " externalsecrets,secrets", "relayform renew token"}},
		"renamed in Flux":   {strings.Replace(begin, "east", "orient", 1), flux, []string{"kubectl --context " + east + " apply -f $build/orient/deliver/flux.yaml", "kubectl --context " + east + " --namespace flux-system delete --ignore-not-found kustomizations.kustomize.toolkit.fluxcd.io demo.east.deliver", forget(east) + " secret relay-client-tls-secret", "kubectl --context " + east + " --namespace gloo-mesh rollout restart", "kubectl --context " + east}},
		"gone from a hub":   {"west: {context: \"it's\"}", strings.Replace(flux, "mesh}", "mesh}, mode: hub", 1), []string{"relayform renew token"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestProject(t)
			dir := filepath.Dir(s.project.Topology)
			build := filepath.Join(dir, "$(touch pwn) it's; touch pwn")
			if strings.Contains(c.more, "deliver") { // engines accept no such folder
				build = filepath.Join(dir, "built")
			}
			s.project = project.New(s.project.Topology, build, "")
			s.write("topology.yaml", []byte(topology(begin, c.more)))
			if r, err := Compile(s.project, s.env(), Options{}); err != nil || r.Next(s.project) != nil {
				t.Fatal(err, r)
			}
			s.write("topology.yaml", []byte(topology(c.remotes, c.more)))
			r, err := Compile(s.project, s.env(), Options{})
			if err != nil {
				t.Fatal(err)
			}
			script := "say() { for word; do printf '%s ' \"$word\"; done; echo; }\nkubectl() { say kubectl \"$@\"; }\nhelm() { say helm \"$@\"; }\nrelayform() { say relayform \"$@\"; }\n" + strings.Join(r.Next(s.project), "\n")
			sh := exec.Command("sh", "-e")
			sh.Dir, sh.Stdin, sh.Env = t.TempDir(), strings.NewReader(script), append(os.Environ(), "LICENSE_KEY=my key")
			out, err := sh.CombinedOutput()
			if err != nil {
				t.Fatalf("%v:\n%s\n%s", err, script, out)
			}
			for _, at := range []string{dir, sh.Dir} {
				if _, err := os.Lstat(filepath.Join(at, "pwn")); err == nil {
					t.Fatalf("a name was run:\n%s", script)
				}
			}
			ran := slices.DeleteFunc(strings.Split(string(out), "\n"), func(line string) bool { return line == "" })
			for i, want := range c.want {
				want = strings.NewReplacer("$build", build, "$dir", dir).Replace(want)
				if i >= len(ran) || !strings.HasPrefix(ran[i], want) {
					t.Fatalf("%d: want %s\n%s", i, want, strings.Join(ran, "\n"))
				}
			}
			if len(ran) != len(c.want) {
				t.Errorf("ran\n%s\nwant %d commands", strings.Join(ran, "\n"), len(c.want))
			}
		})
	}
}
