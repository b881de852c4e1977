package gitops

import (
	"fmt"
	"slices"

	"relayform/compiler/manifest"
	"relayform/compiler/plan"
)

// How often Flux reconciles, how often it retries failures, and how long it waits for objects to be healthy. A changed source is applied at
// once.
const (
	interval      = "10m0s"
	retryInterval = "1m0s"
	timeout       = "5m0s"
	chartTimeout  = "10m0s"
)

// flux writes objects of Flux 2.7 and later (kustomize.toolkit.fluxcd.io/v1, helm.toolkit.fluxcd.io/v2).
type flux struct {
	*Writer
	forms map[remoteKind]remoteForms
}

func newFlux(w *Writer) *flux { return &flux{w, map[remoteKind]remoteForms{}} }

// named refers to an object of the same namespace.
type named struct {
	Name string `json:"name"`
}

type source struct {
	Kind string `json:"kind"`
	Name string `json:"name"`
}

type kubeConfig struct {
	SecretRef named `json:"secretRef"`
}

type decryption struct {
	Provider  string `json:"provider"`
	SecretRef named  `json:"secretRef"`
}

// healthCheck defines in CEL when an object of a kind that Flux does not know is healthy.
type healthCheck struct {
	APIVersion string `json:"apiVersion"`
	Kind       string `json:"kind"`
	Current    string `json:"current"`
	Failed     string `json:"failed,omitempty"`
}

// kustomization is the spec of a Kustomization.
type kustomization struct {
	Interval         string        `json:"interval"`
	RetryInterval    string        `json:"retryInterval"`
	Timeout          string        `json:"timeout"`
	SourceRef        source        `json:"sourceRef"`
	Path             string        `json:"path"`
	Prune            bool          `json:"prune"`
	Wait             bool          `json:"wait,omitempty"`
	DependsOn        []named       `json:"dependsOn,omitempty"`
	Decryption       *decryption   `json:"decryption,omitempty"`
	KubeConfig       *kubeConfig   `json:"kubeConfig,omitempty"`
	HealthCheckExprs []healthCheck `json:"healthCheckExprs,omitempty"`
}

func (f *flux) object(apiVersion, kind, name string, spec any) manifest.Object {
	return manifest.New(apiVersion, kind, f.plan.Deliver.Namespace(), name, nil, spec)
}

// kustomization applies a folder, after others.
func (f *flux) kustomization(name, folder string, after ...string) (manifest.Object, *kustomization) {
	from := f.plan.Deliver.Flux.Source
	k := &kustomization{
		Interval: interval, RetryInterval: retryInterval, Timeout: timeout,
		SourceRef: source{from.Kind, string(from.Name)}, Path: "./" + folder, Prune: true,
	}
	for _, other := range after {
		k.DependsOn = append(k.DependsOn, named{other})
	}
	return f.object("kustomize.toolkit.fluxcd.io/v1", "Kustomization", name, k), k
}

// overlay applies a cluster's overlay, and waits until private values exist.
func (f *flux) overlay(cluster string) manifest.Object {
	o, k := f.kustomization(f.name(cluster), f.at(cluster))
	k.Wait = true
	switch p := f.plan; {
	case p.Sops != nil:
		k.Decryption = &decryption{"sops", named{p.Deliver.Decrypts()}}
	case p.SealedSecrets != nil:
		k.HealthCheckExprs = []healthCheck{health(manifest.SealedSecret, "Synced")}
	case p.ExternalSecrets != nil:
		k.HealthCheckExprs = []healthCheck{health(manifest.ExternalSecret, "Ready")}
	}
	if len(f.plan.Product.Issued()) > 0 {
		k.HealthCheckExprs = append(k.HealthCheckExprs, issued)
	}
	if f.plan.Deliver.Hub && cluster != f.plan.Management.Name {
		k.KubeConfig = reaches(cluster)
	}
	return o
}

// issued treats a Certificate as healthy once its Secret matches its spec, and as failed if cert-manager has given up for now. It is not
// ready at first, and during a renewal the Secret stays as it was.
var issued = healthCheck{
	APIVersion: manifest.Certificate.APIVersion(), Kind: manifest.Certificate.Name, Current: health(manifest.Certificate, "Ready").Current,
	Failed: "status.conditions.exists(c, c.type == 'Issuing' && c.status == 'False') && !" + health(manifest.Certificate, "Ready").Current,
}

// health treats an object as healthy when a condition is true, and as failed when it is false.
func health(kind manifest.Kind, condition string) healthCheck {
	is := func(status string) string {
		return fmt.Sprintf("status.conditions.exists(c, c.type == '%s' && c.status == '%s')", condition, status)
	}
	return healthCheck{APIVersion: kind.APIVersion(), Kind: kind.Name, Current: is("True"), Failed: is("False")}
}

// KubeConfig returns the name of the Secret with which a hub accesses a remote, as in Cluster API; its key is value.
func KubeConfig(cluster string) string { return cluster + "-kubeconfig" }

func reaches(cluster string) *kubeConfig { return &kubeConfig{named{KubeConfig(cluster)}} }

// myself applies its own folder, so that its changes need no manual step.
func (f *flux) myself(cluster string) manifest.Object {
	at := f.at(cluster, plan.DeliverFolder)
	if f.plan.Deliver.Hub {
		at = f.at(plan.DeliverFolder)
	}
	o, _ := f.kustomization(f.delivers(cluster), at)
	return o
}

func (f *flux) management(releases []release) error {
	m := f.plan.Management
	objects := []manifest.Object{f.myself(m.Name), f.overlay(m.Name)}
	first := f.name(m.Name)
	if len(releases) > 0 {
		objects = append(objects, f.installs(m.Name, first))
		if err := f.objects(m.Name+"/"+ChartsFolder+"/charts.yaml", f.releases(m.Name, releases)...); err != nil {
			return err
		}
		if !m.Agent { // an agent's pods fail until its cluster is registered, so its chart cannot come first
			first = f.name(m.Name, ChartsFolder)
		}
	}
	if len(f.plan.Agents()) > 0 {
		for _, part := range f.register() {
			o, k := f.kustomization(part.name, f.at(m.Name, part.folder), first)
			k.Wait = true
			objects = append(objects, o)
		}
	}
	return f.objects(f.folder(m.Name)+"/flux.yaml", objects...)
}

// installs applies the folder with a cluster's charts, and waits until they are installed.
func (f *flux) installs(cluster string, after ...string) manifest.Object {
	o, k := f.kustomization(f.name(cluster, ChartsFolder), f.at(cluster, ChartsFolder), after...)
	k.Wait, k.Timeout = true, chartTimeout
	return o
}

// remote writes a form once for all remotes of the same kind.
func (f *flux) remote(c plan.Cluster, releases []release) error {
	kind := remoteKind{charts: len(releases) > 0}
	if f.plan.Deliver.Hub {
		kind.after = f.partOf(c.Name)
	}
	forms, ok := f.forms[kind]
	if !ok {
		var err error
		if forms, err = f.newForms(kind, releases); err != nil {
			return err
		}
		f.forms[kind] = forms
	}
	name := c.Name + "/" + plan.DeliverFolder + "/flux.yaml"
	if f.plan.Deliver.Hub {
		name = plan.DeliverFolder + "/clusters/" + c.Name + ".yaml"
	}
	f.file(name, forms.delivered.fill(c.Name, nil))
	if kind.charts {
		f.file(c.Name+"/"+ChartsFolder+"/charts.yaml", forms.charts.fill(c.Name, releases[len(releases)-1].values))
	}
	return nil
}

// remoteKind is what the forms of a remote depend on.
type remoteKind struct {
	charts bool
	after  string // a hub registers the cluster first
}

type remoteForms struct{ delivered, charts form }

func (f *flux) newForms(kind remoteKind, releases []release) (forms remoteForms, err error) {
	var objects []manifest.Object
	if !f.plan.Deliver.Hub {
		objects = append(objects, f.myself(f.holes.name))
	}
	objects = append(objects, f.overlay(f.holes.name))
	if kind.charts {
		after := []string{f.name(f.holes.name)}
		if kind.after != "" {
			after = append(after, f.name(f.plan.Management.Name, ChartsFolder), kind.after)
		}
		objects = append(objects, f.installs(f.holes.name, after...))
		agent := slices.Clone(releases)
		agent[len(agent)-1].values = []byte(f.holes.values)
		if forms.charts, err = newForm(f.holes, f.releases(f.holes.name, agent)...); err != nil {
			return forms, err
		}
	}
	forms.delivered, err = newForm(f.holes, objects...)
	return forms, err
}
