package adopt

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"relayform/compiler/pki"
	"relayform/compiler/scaffold"
	"relayform/compiler/verify"
)

// claim is a source that says that it is a cluster, or seems to be one.
type claim struct {
	source  *Source
	because string
}

// remotes matches the registered clusters with sources.
func (f *finder) remotes() {
	known := f.registered()
	claims, silent := f.claims()
	f.answered(claims)
	f.leftOut(known, claims)
	if len(f.faults) > 0 {
		return
	}
	if own := f.managementName(); len(claims[own]) == 0 { // an agent in the relay server's cluster is registered, too
		if _, ok := known[own]; ok {
			claims[own] = []claim{{f.mesh.Management.source, "a KubernetesCluster has this cluster's name"}}
		}
	}
	if f.told = len(known) > 0; !f.told {
		f.note("no KubernetesCluster was given, so nothing says which clusters are registered: adopt takes those that hold the relay's Secrets")
	}
	maps.DeleteFunc(known, func(name string, _ registered) bool { return f.left(name) })
	f.byName(known, claims, silent)
	f.unclaimed(known, claims, silent)
	if len(f.faults) > 0 {
		return
	}
	for _, name := range slices.Sorted(maps.Keys(claims)) {
		of := claims[name]
		if f.left(name) || f.left(of[0].source.Name) {
			continue
		}
		if len(of) > 1 {
			f.fault("", fmt.Sprintf("choose one: --cluster %s=%s, or --cluster %s=%s", name, of[0].source.Name, name, of[1].source.Name),
				"%s (%s) and %s (%s) both say that they are %s", of[0].source.Name, of[0].because, of[1].source.Name, of[1].because, name)
			continue
		}
		f.remote(name, known, of[0])
	}
	if f.mesh.Management.Name == "" {
		f.mesh.Management.Name = f.managementName()
	}
	f.mesh.Management.values = slices.Concat(f.values[f.mesh.Management.Context], f.loose[f.mesh.Management.Name], f.loose[""])
}

// byName matches silent sources with the clusters of the same name, if there is nothing better.
func (f *finder) byName(known map[string]registered, claims map[string][]claim, silent []*Source) {
	named := map[string][]claim{}
	for _, s := range silent {
		for _, name := range []string{s.Name, scaffold.NameOf(s.Name)} {
			if _, ok := known[name]; ok && len(claims[name]) == 0 {
				because := "the name " + s.Name
				if of := f.loose[name]; len(of) > 0 {
					because += ", and " + of[0].At
				}
				named[name] = append(named[name], claim{s, because})
				break
			}
		}
	}
	maps.Copy(claims, named)
}

// remote adds a cluster to the mesh.
func (f *finder) remote(name string, known map[string]registered, of claim) {
	k, isKnown := known[name]
	if f.told && !isKnown {
		f.fault(of.source.Name, fmt.Sprintf("say which registered cluster this is: --cluster NAME=%s; or leave it out: --without %s", of.source.Name, name),
			"its agent calls itself %s (%s), but no such cluster is registered in the management cluster", name, of.because)
		return
	}
	if of.source == f.mesh.Management.source {
		f.mesh.Management.Name, f.mesh.Agent, f.mesh.Because.Agent = name, true, of.because
		f.mesh.Management.ClusterDomain, f.mesh.Management.Labels = k.domain, k.labels
		return
	}
	c := Cluster{Cluster: scaffold.Cluster{Name: name, Context: of.source.Name}, ClusterDomain: k.domain, Labels: k.labels, Because: of.because, source: of.source}
	c.values = slices.Concat(f.values[of.source.Name], f.loose[name])
	c.Secrets = f.secrets(of.source)
	f.elsewhere(c)
	f.mesh.Remotes = append(f.mesh.Remotes, c)
}

// elsewhere refuses a cluster that has the relay's Secrets only in a different namespace.
func (f *finder) elsewhere(c Cluster) {
	names := f.secretNames()
	for _, o := range c.source.Objects {
		if role, ok := names[o.Name]; o.Kind == "Secret" && ok && c.Secret(role) == nil && o.Namespace != f.mesh.Namespace {
			f.fault(o.At, "a topology has one namespace for all clusters: move the agent there, or leave the cluster out: --without "+c.Name, "Secret %s of %s is in the namespace %s, but the relay's namespace is %s", o.Name, c.Name, o.Namespace, f.mesh.Namespace)
			return
		}
	}
}

// claims returns what agents' values and certificates say, by cluster name; silent are sources with the relay's Secrets that say nothing.
func (f *finder) claims() (claims map[string][]claim, silent []*Source) {
	claims = map[string][]claim{}
	var strangers []string
	for i := range f.sources {
		s := &f.sources[i]
		if f.left(s.Name) || slices.Contains(slices.Collect(maps.Values(f.answers.Clusters)), s.Name) {
			continue
		}
		if len(s.Objects) == 0 {
			f.lieLoose(s)
			continue
		}
		said := f.says(s)
		names := slices.Sorted(maps.Keys(said))
		switch {
		case len(names) > 1:
			f.fault(s.Name, fmt.Sprintf("choose one: --cluster %s=%s, or --cluster %s=%s", names[0], s.Name, names[1], s.Name), "its agent calls itself %s (%s) and %s (%s)", names[0], said[names[0]], names[1], said[names[1]])
		case len(names) == 1:
			claims[names[0]] = append(claims[names[0]], claim{s, said[names[0]]})
		case s != f.mesh.Management.source && len(f.secrets(s)) > 0:
			silent = append(silent, s)
		case s != f.mesh.Management.source:
			strangers = append(strangers, s.Name)
		}
	}
	if len(strangers) > 0 {
		f.note("%s none of the relay's objects; skipped", holds(strangers))
	}
	return claims, silent
}

func holds(names []string) string {
	if len(names) == 1 {
		return named(names) + " holds"
	}
	return named(names) + " hold"
}

// lieLoose assigns values outside clusters' folders to the cluster that they name.
func (f *finder) lieLoose(s *Source) {
	for _, v := range s.Values {
		name := text(v, f.mesh.Product.Agent.Cluster)
		if text(v, f.mesh.Product.Agent.Address) == "" && v.Value(f.mesh.Product.Server.ServiceType) == nil && v.Value(f.mesh.Product.Server.ServerSecret) == nil && name == "" {
			f.note("%s names no cluster; skipped", v.At)
			continue
		}
		if f.isServer(v) {
			name = ""
		}
		f.loose[name] = append(f.loose[name], v)
	}
}

// isServer reports whether values are those of the relay server's chart.
func (f *finder) isServer(v verify.Values) bool {
	top, _, _ := strings.Cut(f.mesh.Product.Server.ServiceType, ".")
	return v.Value(top) != nil
}

// says returns the cluster names in an agent's values and certificate, with their places.
func (f *finder) says(s *Source) map[string]string {
	said := map[string]string{}
	agent := f.mesh.Product.Agent
	for _, v := range f.values[s.Name] {
		runs := v.Value(agent.Address) != nil || v.Value(agent.Authority) != nil
		for _, setting := range agent.Fixed { // whether it is enabled
			if have := v.Value(setting.Path); have != nil {
				runs = have == setting.Value
			}
		}
		if name := text(v, agent.Cluster); name != "" && runs {
			said[name] = cmp.Or(said[name], agent.Cluster+" in "+v.At)
		}
	}
	for _, secret := range f.secrets(s) {
		if secret.Role != Client {
			continue
		}
		c := pki.ReadPEM(secret.Data[f.mesh.Product.Keys.Cert])
		if len(c.Certificates) > 0 && len(c.Certificates[0].DNSNames) > 0 {
			name := c.Certificates[0].DNSNames[0]
			said[name] = cmp.Or(said[name], "the agent's certificate in Secret "+secret.Name+" of "+s.Name)
		}
	}
	return said
}

// answered adds the user's answers.
func (f *finder) answered(claims map[string][]claim) {
	for _, name := range slices.Sorted(maps.Keys(f.answers.Clusters)) {
		at := f.answers.Clusters[name]
		s := f.source(at)
		if s == nil {
			f.fault("--cluster "+name+"="+at, "want one of "+named(f.sourceNames()), "no such source")
			continue
		}
		claims[name] = []claim{{s, "--cluster"}}
	}
}

// leftOut refuses to leave out what does not exist.
func (f *finder) leftOut(known map[string]registered, claims map[string][]claim) {
	for _, name := range f.answers.Without {
		_, isKnown := known[name]
		if !isKnown && len(claims[name]) == 0 && f.source(name) == nil {
			f.fault("--without "+name, "want a cluster, or one of "+named(f.sourceNames()), "no such cluster or source")
		}
	}
}

// unclaimed asks about registered clusters without a source, and sources without a registered cluster.
func (f *finder) unclaimed(known map[string]registered, claims map[string][]claim, silent []*Source) {
	taken := map[*Source]bool{}
	for _, of := range claims {
		for _, c := range of {
			taken[c.source] = true
		}
	}
	free := slices.DeleteFunc(silent, func(s *Source) bool { return taken[s] })
	if !f.told {
		for _, s := range free {
			claims[scaffold.NameOf(s.Name)] = append(claims[scaffold.NameOf(s.Name)], claim{s, "the name " + s.Name + "; nothing else names the cluster"})
		}
		return
	}
	var missing []string
	for _, name := range slices.Sorted(maps.Keys(known)) {
		if len(claims[name]) == 0 {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		hint := fmt.Sprintf("add it (--from %s=PATH, or its --context), or leave it out: --without %s", missing[0], missing[0])
		if len(free) > 0 {
			hint = fmt.Sprintf("say which source it is, such as --cluster %s=%s; or leave it out: --without %s", missing[0], free[0].Name, missing[0])
		}
		f.fault("", hint, "%s registered, but the input has nothing from %s", are(missing), [...]string{"it", "them"}[min(1, len(missing)-1)])
	}
	for _, s := range free {
		if len(missing) == 0 {
			f.fault(s.Name, "leave it out: --without "+s.Name, "it holds the relay's Secrets, but every registered cluster already has a source")
		}
	}
}

func are(names []string) string {
	if len(names) == 1 {
		return named(names) + " is"
	}
	return named(names) + " are"
}

// managementName returns the management cluster's name for itself, or its source's name.
func (f *finder) managementName() string {
	m := f.mesh.Management
	for _, v := range slices.Concat(f.values[m.Context], f.loose[""]) {
		for _, path := range f.mesh.Product.Server.Cluster {
			if text(v, path) != "" {
				return text(v, path)
			}
		}
	}
	return scaffold.NameOf(m.Context)
}
