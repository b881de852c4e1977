package compiler

import (
	"errors"
	"slices"
	"time"

	"relayform/compiler/delivery"
	"relayform/compiler/keystore"
	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/pki"
	"relayform/compiler/plan"
	"relayform/compiler/project"
	"relayform/compiler/verify"
)

// Verify checks what the clusters of a project would contain at a time: every overlay is built, with private values if the keys are
// available, otherwise without.
func Verify(project project.Project, env Env, at time.Time) (*verify.Report, error) {
	c := &compile{project: project, env: env, options: Options{Locked: true}}
	plan, l, err := c.complete()
	if err != nil {
		return nil, err
	}
	m, withoutKeys, err := c.material(plan, l)
	if err != nil {
		return nil, err
	}
	return c.verdict(m, withoutKeys, at)
}

// verdict verifies what clusters would contain, and says why private values are omitted, if they are.
func (c *compile) verdict(m verify.Material, withoutKeys error, at time.Time) (*verify.Report, error) {
	report, err := verify.Judge(m, at, c.env.NewKey)
	if err == nil && withoutKeys != nil {
		report.LeftOut = append(report.LeftOut, withoutKeys.Error())
	}
	return report, err
}

// complete reads a project whose lockfile has everything that the topology asks for.
func (c *compile) complete() (*plan.Plan, *lockfile.File, error) {
	plan, l, err := c.load()
	if err != nil {
		return nil, nil, err
	}
	store, err := c.openStore(plan)
	if err != nil {
		return nil, nil, err
	}
	_, err = c.lacking(plan, l, store)
	return plan, l, err
}

// material returns what the clusters would contain; without private values if these are not available, and then why.
func (c *compile) material(p *plan.Plan, l *lockfile.File) (m verify.Material, withoutKeys, err error) {
	m = verify.Material{Authority: p.Authority, DNSNames: p.DNSNames, Gateway: p.Gateway(), Names: verify.NamesOf(p.Product), AgentValidity: p.Product.AgentValidity}
	m.Unseen = len(m.Names.Issued) > 0
	store, err := c.openStore(p)
	if err != nil {
		return m, nil, err
	}
	private, withoutKeys := c.privateFiles(p, store, l)
	if missing := store.Missing(l, p.Product.Has); !p.Local() && p.Sops == nil && len(missing) > 0 {
		withoutKeys = missing[0]
	}
	parts, err := delivery.Opened(p, l, c.opener(p, store, p.Clusters()))
	if unopened := new(closedError); errors.As(err, &unopened) {
		withoutKeys = err
		parts, err = delivery.Opened(p, l, closed)
	}
	if err != nil {
		return m, nil, err
	}
	m.Public = withoutKeys != nil
	tree, err := c.emitAs(p, l, parts)
	if err != nil {
		return m, nil, err
	}
	w, err := c.workspace(p, l, tree, private)
	if err != nil {
		return m, nil, err
	}
	proof, err := c.newProof(p, parts, w)
	if err != nil {
		return m, nil, err
	}
	for cluster := range p.Each {
		if cluster.Agent && cluster.RelayAddress == "" {
			m.Unaddressed = append(m.Unaddressed, cluster.Name)
		}
		if p.Telemetry != nil && p.Telemetry.Address == "" && cluster.Name != p.Management.Name {
			m.Unsent = append(m.Unsent, cluster.Name)
		}
		m.Clusters = append(m.Clusters, verify.Cluster{Name: cluster.Name, Management: cluster.Name == p.Management.Name, Agent: cluster.Agent, Authority: cluster.Authority})
	}
	clusters := slices.Collect(p.Each)
	for _, group := range tree.InForm(p.Clusters()) {
		secrets, err := c.secrets(proof, l, clusters[group[0]], m)
		if err != nil {
			return m, nil, err
		}
		for _, i := range group {
			if m.Clusters[i].Secrets, err = c.withClient(parts, store, secrets, m.Clusters[i].Name, m.Public); err != nil {
				return m, nil, err
			}
		}
	}
	return m, withoutKeys, nil
}

// withClient returns the Secrets of identical overlays, with the certificate of one cluster's agent.
func (c *compile) withClient(parts delivery.Parts, store *keystore.Store, secrets []verify.Secret, cluster string, public bool) ([]verify.Secret, error) {
	client, ok := parts.Client(cluster)
	i := slices.IndexFunc(secrets, func(s verify.Secret) bool { return ok && s.Name == client.Public.Object.Metadata.Name })
	if i < 0 {
		return secrets, nil
	}
	own := secrets[i]
	own.Data = map[string][]byte{}
	for key, value := range client.Data {
		own.Data[key] = value
	}
	if delete(own.Data, client.Private.Key); !public && client.Data[client.Private.Key] != nil {
		own.Data[client.Private.Key] = client.Data[client.Private.Key]
	} else if !public {
		value, err := store.Private(client.Private.Value)
		if err != nil {
			return nil, err
		}
		own.Data[client.Private.Key] = value
	}
	all := slices.Clone(secrets)
	all[i] = own
	return all, nil
}

// secrets returns the relay's Secrets in an overlay, after checking that it is as relayform emits it.
func (c *compile) secrets(f *proof, l *lockfile.File, cluster plan.Cluster, m verify.Material) ([]verify.Secret, error) {
	rendered, err := f.w.Render(cluster.Name)
	if err = f.judge(cluster, rendered, err); err != nil {
		return nil, err
	}
	if m.Public {
		if err := public(f.parts, f.plan, rendered); err != nil {
			return nil, err
		}
	}
	text, err := rendered.YAML()
	if err != nil {
		return nil, err
	}
	found, err := manifest.ReadSecrets(text)
	if err != nil {
		return nil, err
	}
	fetched, err := c.fetched(f.plan, l, text, m.Public)
	if err != nil {
		return nil, err
	}
	return verify.Choose(append(found, fetched...), m.Names, f.plan.Namespace, c.project.Topology)
}

// fetched returns the Secrets that an operator in the cluster creates, with the private values that it fetches or decrypts taken from the
// key store: references end with the digest of their value, and ciphertexts are recorded with it.
func (c *compile) fetched(p *plan.Plan, l *lockfile.File, text []byte, public bool) ([]manifest.Secret, error) {
	if p.Local() || p.Sops != nil {
		return nil, nil
	}
	store, err := c.openStore(p)
	if err != nil {
		return nil, err
	}
	made, err := manifest.ReadMade(text)
	if err != nil {
		return nil, err
	}
	sealed := map[string]string{}
	for _, c := range delivery.Ciphertexts(p, l) {
		sealed[c.Secret] = c.Value
	}
	var all []manifest.Secret
	for _, e := range made {
		for key, ref := range e.From {
			file := sealed[e.Name]
			if e.Name == p.Product.Secret(pki.Agent) {
				file = agentFile(l, e.Data[p.Product.Keys.Cert])
			} else if p.ExternalSecrets != nil {
				file = lockfile.KeyFile(delivery.DigestOf(ref))
				if key == p.Product.Keys.Token {
					file = lockfile.TokenFile(delivery.DigestOf(ref))
				}
			}
			if public {
				continue
			}
			if e.Data[key], err = store.Private(file); err != nil {
				return nil, err
			}
		}
		all = append(all, e.Secret)
	}
	return all, nil
}

// agentFile returns the file of the key for an agent's certificate.
func agentFile(l *lockfile.File, chain []byte) string {
	found := pki.ReadPEM(chain).Certificates
	for _, a := range l.Agents {
		if len(found) > 0 && a.Chain[0].Equal(found[0]) {
			return lockfile.AgentKeyFile(a.Cluster, a.SPKI)
		}
	}
	return ""
}
