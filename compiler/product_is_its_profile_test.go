package compiler

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"relayform/compiler/delivery"
	"relayform/compiler/issue"
	"relayform/compiler/lifecycle"
	"relayform/compiler/manifest"
	"relayform/compiler/overlay"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/verify"
	"relayform/schema"
)

// other is a product with a relay and many agents that no known chart installs.
func other(without ...pki.Role) product.Profile {
	p := product.Profiles[0]
	p.Name, p.Service, p.PodLabel = "other", "principal", "app.kubernetes.io/name"
	p.Port = product.Port{Name: "tunnel", Number: 8443}
	p.Keys = product.Keys{CA: "roots.pem", Cert: "cert.pem", Key: "key.pem", Token: "secret"}
	p.ClientSecret, p.AgentValidity = "principal-client", 90*24*time.Hour
	p.Roles = slices.DeleteFunc(slices.Clone(p.Roles), func(r product.Role) bool { return slices.Contains(without, r.Role) })
	for i := range p.Roles {
		p.Roles[i].Secret = "principal-" + string(p.Roles[i].Role)
	}
	return p
}

// TestAProductIsItsProfile compiles for a product that exists only in memory: also without some roles, and in every phase of a rotation.
// The overlays contain what its profile says, nothing of another product's, and no Secret of a role that it does not have. The result
// verifies.
func TestAProductIsItsProfile(t *testing.T) {
	for name, without := range map[string][]pki.Role{
		"all roles": nil, "no signing CA": {pki.Signing}, "no token": {product.Token}, "a root and a server": {pki.Signing, product.Token},
	} {
		t.Run(name, func(t *testing.T) {
			s := newTestProject(t)
			for _, phase := range []string{"", "distribute", "issue", "drain", "retire"} {
				s.write("topology.yaml", []byte(strings.Replace(fmt.Sprintf(testTopology, own(phase)), "{istio: {}}", "{nodePort: {nodePort: 31443}}", 1)))
				compileProduct(t, s, other(without...), without)
				s.now = s.now.Add(100 * 24 * time.Hour)
			}
		})
	}
}

// compileProduct compiles a project for a product, and checks what its clusters get.
func compileProduct(t *testing.T, s *testProject, profile product.Profile, without []pki.Role) {
	t.Helper()
	text, err := s.project.ReadTopology()
	if err != nil {
		t.Fatal(err)
	}
	topology, doc, err := schema.ParseTopology("topology.yaml", text)
	if err != nil {
		t.Fatal(err)
	}
	root, err := os.OpenRoot(s.project.Dir())
	if err != nil {
		t.Fatal(err)
	}
	defer root.Close()
	p, err := plan.ResolveFor(profile, topology, doc, root, plan.Guard{})
	if err != nil {
		t.Fatal(err)
	}
	l, err := s.project.ReadLock(p)
	if err != nil {
		t.Fatal(err)
	}
	c := &compile{project: s.project, env: s.env()}
	if err := c.acquire(); err != nil {
		t.Fatal(err)
	}
	defer c.hold.Release()
	store, err := c.openStore(p)
	if err != nil {
		t.Fatal(err)
	}
	order, err := c.lacking(p, l, store)
	if err != nil {
		t.Fatal(err)
	}
	made, err := c.get(p, order)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.commit(made, p, store); err != nil {
		t.Fatal(err)
	}
	tree, err := c.emit(p, made.Lock)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.prove(p, made.Lock, tree); err != nil {
		t.Fatal(err)
	}
	isOfTheProduct(t, tree, profile, without)

	m := holds(t, c, p, made, tree)
	for _, cluster := range m.Clusters {
		for _, role := range without {
			if name := "principal-" + string(role); cluster.Secret(name) != nil {
				t.Errorf("%s has the Secret %s, of a role that the product lacks", cluster.Name, name)
			}
		}
	}
	report, err := verify.Judge(m, s.now, pki.GenerateKey)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range report.Findings {
		t.Errorf("%s: %s: %s", made.Lock.Phase(), f.Object, f.Message)
	}
	for _, connection := range report.Connections {
		if !connection.FirstContact.OK || connection.MutualTLS.Done == slices.Contains(without, pki.Signing) || connection.MutualTLS.Done && !connection.MutualTLS.OK {
			t.Errorf("%s: %+v", made.Lock.Phase(), connection)
		}
	}
	inventory := lifecycle.Inventory(p, made.Lock, store, s.now, s.project.Command)
	if (inventory.Token == nil) != slices.Contains(without, product.Token) {
		t.Errorf("the report on the token: %v", inventory.Token)
	}
	if _, err := issue.Lacking(p, made.Lock, c.world(store), issue.Wish{Renewal: &issue.Renewal{What: issue.AllDue, Within: time.Hour}}); err != nil {
		t.Errorf("renew: %v", err)
	}
}

// isOfTheProduct looks for what other products' profiles say.
func isOfTheProduct(t *testing.T, tree overlay.Tree, profile product.Profile, without []pki.Role) {
	t.Helper()
	management := ""
	for _, f := range tree.Unit("mgmt-cluster") {
		if !strings.HasSuffix(f.Name, ".crt") {
			management += string(f.Data)
		}
	}
	for _, want := range []string{"name: tunnel", "port: 8443", "targetPort: 8443", "app.kubernetes.io/name: principal", "principal-server", "cert.pem: ", "roots.pem: "} {
		if !strings.Contains(management, want) {
			t.Errorf("the management cluster's overlay lacks %q", want)
		}
	}
	stray := []string{": 9900\n", "grpc", "tls.crt", "ca.crt", "tls.key"}
	for _, r := range relay.Roles {
		stray = append(stray, r.Secret)
	}
	for _, role := range without {
		value := map[pki.Role]string{pki.Signing: profile.Server.SigningSecret, product.Token: profile.Server.TokenSecret}[role]
		stray = append(stray, "principal-"+string(role), value[strings.LastIndexByte(value, '.')+1:])
	}
	for _, word := range stray { // only ports: digests contain any digits
		if strings.Contains(management, word) {
			t.Errorf("the management cluster's overlay has %q", word)
		}
	}
}

// holds returns what the clusters would contain.
func holds(t *testing.T, c *compile, p *plan.Plan, made *issue.Issued, tree overlay.Tree) verify.Material {
	t.Helper()
	store, err := c.openStore(p)
	if err != nil {
		t.Fatal(err)
	}
	private, err := delivery.Of(p, made.Lock).InMemory(store.Private)
	if err != nil {
		t.Fatal(err)
	}
	w, err := c.workspace(p, made.Lock, tree, private)
	if err != nil {
		t.Fatal(err)
	}
	m := verify.Material{Authority: p.Authority, Names: verify.NamesOf(p.Product), AgentValidity: p.Product.AgentValidity}
	for cluster := range p.Each {
		r, err := w.Render(cluster.Name)
		if err != nil {
			t.Fatal(err)
		}
		text, err := r.YAML()
		if err != nil {
			t.Fatal(err)
		}
		found, err := manifest.ReadSecrets(text)
		if err != nil {
			t.Fatal(err)
		}
		secrets, err := verify.Choose(found, m.Names, p.Namespace, cluster.Name)
		if err != nil {
			t.Fatal(err)
		}
		m.Clusters = append(m.Clusters, verify.Cluster{Name: cluster.Name, Management: cluster.Name == p.Management.Name, Agent: cluster.Agent, Secrets: secrets})
	}
	return m
}
