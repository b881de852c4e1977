package gitops

import (
	"fmt"
	"path"
	"strings"

	"relayform/compiler/manifest"
	"relayform/compiler/plan"
	"relayform/compiler/product"
)

// helmRelease is the spec of a HelmRelease.
type helmRelease struct {
	Interval         string       `json:"interval"`
	Timeout          string       `json:"timeout"`
	ReleaseName      string       `json:"releaseName"`
	TargetNamespace  string       `json:"targetNamespace"`
	StorageNamespace string       `json:"storageNamespace"`
	Chart            chart        `json:"chart"`
	ValuesFrom       []valuesFrom `json:"valuesFrom,omitempty"`
	DependsOn        []named      `json:"dependsOn,omitempty"`
	KubeConfig       *kubeConfig  `json:"kubeConfig,omitempty"`
	Install          action       `json:"install"`
	Upgrade          action       `json:"upgrade"`
}

type chart struct {
	Spec chartSpec `json:"spec"`
}

type chartSpec struct {
	Chart     string `json:"chart"`
	Version   string `json:"version"`
	SourceRef source `json:"sourceRef"`
}

type valuesFrom struct {
	Kind       string `json:"kind"`
	Name       string `json:"name"`
	ValuesKey  string `json:"valuesKey"`
	TargetPath string `json:"targetPath,omitempty"`
	Optional   bool   `json:"optional,omitempty"`
}

// action keeps a failed release, and retries: an agent that was installed before the relay server was reachable connects later.
type action struct {
	Strategy strategy `json:"strategy"`
}

type strategy struct {
	Name          string `json:"name"`
	RetryInterval string `json:"retryInterval"`
}

var retry = action{strategy{"RetryOnFailure", retryInterval}}

type helmRepository struct {
	Interval string `json:"interval"`
	URL      string `json:"url"`
}

// watch makes Flux upgrade a release as soon as the object with its values changes.
const watch = "reconcile.fluxcd.io/watch"

// LicenseKey is the key in the Secret with the licence, if the server's chart takes one; see License.
const LicenseKey = "license"

// License returns the name of the Secret from which Flux takes the licence, if there is one.
func License(p *plan.Plan) string { return p.Name + ".license" }

// releases returns the objects that install a cluster's charts.
func (f *flux) releases(cluster string, releases []release) []manifest.Object {
	p := f.plan
	remote := cluster != p.Management.Name
	var objects []manifest.Object
	if !remote || !p.Deliver.Hub { // a hub has them once
		objects = append(objects, f.repositories(remote)...)
		if own := f.ownValues(); own.Data != nil {
			objects = append(objects, own)
		}
	}
	before := ""
	for _, r := range releases {
		spec := &helmRelease{
			Interval: interval, Timeout: chartTimeout, ReleaseName: r.Name, TargetNamespace: p.Namespace, StorageNamespace: p.Namespace,
			Chart:   chart{chartSpec{r.Name, p.Charts.Version, source{"HelmRepository", f.repository(r.Chart)}}},
			Install: retry, Upgrade: retry,
		}
		if before != "" {
			spec.DependsOn = []named{{before}}
		}
		if remote && p.Deliver.Hub {
			spec.KubeConfig = reaches(cluster)
		}
		if r.file != "" {
			values := f.values(f.name(cluster, strings.TrimSuffix(r.file, path.Ext(r.file))), map[string]string{r.file: string(r.values)})
			objects = append(objects, values)
			spec.ValuesFrom = append(spec.ValuesFrom, valuesFrom{Kind: "ConfigMap", Name: values.Metadata.Name, ValuesKey: r.file})
			for i := range p.Charts.Values {
				spec.ValuesFrom = append(spec.ValuesFrom, valuesFrom{Kind: "ConfigMap", Name: f.ownValues().Metadata.Name, ValuesKey: f.ownKey(i)})
			}
		}
		if r.License != "" {
			spec.ValuesFrom = append(spec.ValuesFrom, valuesFrom{Kind: "Secret", Name: License(p), ValuesKey: LicenseKey, TargetPath: r.License, Optional: true})
		}
		before = f.name(cluster, r.what)
		objects = append(objects, f.object("helm.toolkit.fluxcd.io/v2", "HelmRelease", before, spec))
	}
	return objects
}

// repositories returns the repositories of a cluster's charts; a hub's are those of all clusters.
func (f *flux) repositories(remote bool) []manifest.Object {
	p := f.plan.Product
	charts := []product.Chart{p.AgentChart, p.CRDChart}
	if !remote {
		charts = []product.Chart{p.ServerChart, p.AgentChart, p.CRDChart}
		if !f.plan.Deliver.Hub && !f.plan.Management.Agent {
			charts = []product.Chart{p.ServerChart, p.CRDChart}
		}
	}
	var objects []manifest.Object
	seen := map[string]bool{"": true}
	for _, c := range charts {
		if !seen[c.Repo] {
			seen[c.Repo] = true
			objects = append(objects, f.object("source.toolkit.fluxcd.io/v1", "HelmRepository", f.repository(c), helmRepository{interval, c.Repo}))
		}
	}
	return objects
}

// repository returns the name of a chart's repository: the same for several charts in one repository.
func (f *flux) repository(c product.Chart) string {
	p := f.plan.Product
	for _, other := range []product.Chart{p.ServerChart, p.AgentChart, p.CRDChart} {
		if other.Repo == c.Repo {
			return f.name(other.Name)
		}
	}
	return f.name(c.Name)
}

// values returns a ConfigMap with values files.
func (f *flux) values(name string, data map[string]string) manifest.Object {
	o := f.object("v1", "ConfigMap", name, nil)
	o.Metadata.Labels[watch] = "Enabled"
	o.Data = data
	return o
}

// ownValues returns users' values files, unchanged; its Data is nil if there are none.
func (f *flux) ownValues() manifest.Object {
	var data map[string]string
	for i, v := range f.plan.Charts.Values {
		if data == nil {
			data = map[string]string{}
		}
		data[f.ownKey(i)] = string(v.Text)
	}
	return f.values(f.plan.Name+".own-values", data)
}

// ownKey returns the key of a user's file: keys cannot contain slashes, and files in different folders may have the same name.
func (f *flux) ownKey(i int) string { return fmt.Sprintf("own-%d.yaml", i+1) }
