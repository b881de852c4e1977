package gitops

import (
	"path"
	"slices"
	"strings"

	"relayform/compiler/manifest"
	"relayform/compiler/plan"
)

// argoCD writes objects of Argo CD 3 (argoproj.io/v1alpha1).
type argoCD struct {
	*Writer
	made map[bool]form // the form of each remote's objects with pull, by whether charts are installed
}

func newArgoCD(w *Writer) *argoCD { return &argoCD{w, map[bool]form{}} }

// application is the spec of an Application.
type application struct {
	Project     string      `json:"project"`
	Destination destination `json:"destination"`
	Sources     []gitSource `json:"sources"`
	SyncPolicy  syncPolicy  `json:"syncPolicy"`
}

// destination is a cluster: by its name, or the one that the engine runs in.
type destination struct {
	Name      string `json:"name,omitempty"`
	Server    string `json:"server,omitempty"`
	Namespace string `json:"namespace"`
}

// gitSource is a folder of the repository, or a chart.
type gitSource struct {
	RepoURL        string `json:"repoURL"`
	TargetRevision string `json:"targetRevision"`
	Path           string `json:"path,omitempty"`
	Chart          string `json:"chart,omitempty"`
	Helm           *helm  `json:"helm,omitempty"`
	Ref            string `json:"ref,omitempty"`
}

type helm struct {
	ReleaseName string   `json:"releaseName"`
	ValueFiles  []string `json:"valueFiles,omitempty"`
}

type syncPolicy struct {
	Automated   automated `json:"automated"`
	Retry       retries   `json:"retry"`
	SyncOptions []string  `json:"syncOptions"`
}

type automated struct {
	Prune    bool `json:"prune"`
	SelfHeal bool `json:"selfHeal"`
}

type retries struct {
	Limit   int     `json:"limit"`
	Refresh bool    `json:"refresh"`
	Backoff backoff `json:"backoff"`
}

type backoff struct {
	Duration    string `json:"duration"`
	Factor      int    `json:"factor"`
	MaxDuration string `json:"maxDuration"`
}

// always syncs automatically, and retries with the current state of git. The namespace is created before the chart's hooks run in it; the
// overlay then sets the rest of it.
var always = syncPolicy{
	Automated:   automated{Prune: true, SelfHeal: true},
	Retry:       retries{Limit: -1, Refresh: true, Backoff: backoff{Duration: "10s", Factor: 2, MaxDuration: "5m"}},
	SyncOptions: []string{"CreateNamespace=true"},
}

// Annotations and names of Argo CD.
const (
	syncWave      = "argocd.argoproj.io/sync-wave"
	syncOptions   = "argocd.argoproj.io/sync-options"
	generatePaths = "argocd.argoproj.io/manifest-generate-paths"
	finalizer     = "resources-finalizer.argocd.argoproj.io/foreground"
	inCluster     = "https://kubernetes.default.svc"

	// early is the wave of the namespace and its Secrets: they exist and are healthy before anything of a chart is applied.
	early = "-10"
)

// generated is a placeholder for a remote's name in an ApplicationSet, which replaces it with the value in the remote's cluster.json.
const generated = "{{.cluster}}"

// application applies a folder of the repository, and further sources, to a cluster.
func (a *argoCD) application(name string, to destination, changes []string, sources ...gitSource) manifest.Object {
	o := manifest.New("argoproj.io/v1alpha1", "Application", a.plan.Deliver.Namespace(), name, nil, application{
		Project: a.plan.Deliver.ArgoCD.Project, Destination: to, Sources: sources, SyncPolicy: always,
	})
	o.Metadata.Finalizers = []string{finalizer} // deleting an Application deletes what it applied
	o.Metadata.Annotations = map[string]string{generatePaths: strings.Join(changes, ";")}
	return o
}

func (a *argoCD) git(folder string) gitSource {
	from := a.plan.Deliver.ArgoCD
	return gitSource{RepoURL: string(from.Repository), TargetRevision: from.Revision, Path: folder}
}

// myself applies its own folder, so that its changes need no manual step.
func (a *argoCD) myself(cluster string) manifest.Object {
	folder := path.Join(a.build, a.folder(cluster))
	return a.application(a.delivers(cluster), destination{Server: inCluster, Namespace: a.plan.Deliver.Namespace()}, []string{"/" + folder}, a.git(folder))
}

// cluster applies everything of a cluster. Waves apply its Secrets before its charts. CRDs and the registration of clusters are in the same
// wave, in the order of kinds: an agent's pods fail until its cluster is registered, so neither may wait for the other.
func (a *argoCD) cluster(c plan.Cluster, to destination, releases []release) manifest.Object {
	p := a.plan
	at := a.at(c.Name)
	sources := []gitSource{a.git(at)}
	changes := []string{"/" + at}
	if p.Deliver.Hub {
		if c.Name != p.Management.Name {
			changes = append(changes, "/"+path.Join(a.build, "bases"))
		}
		changes = append(changes, a.owned(c)...)
	}
	values := false
	for _, r := range releases {
		s := gitSource{RepoURL: r.Repo, TargetRevision: p.Charts.Version, Chart: r.Name, Helm: &helm{ReleaseName: r.Name}}
		if r.file != "" {
			values = true
			s.Helm.ValueFiles = append(s.Helm.ValueFiles, "$values/"+path.Join(at, r.file))
			for _, own := range p.Charts.Values {
				file := path.Join(at, OwnFolder, own.Path)
				if p.Deliver.Hub {
					file = path.Join(p.Deliver.Path, own.Path)
					changes = append(changes, "/"+file)
				}
				s.Helm.ValueFiles = append(s.Helm.ValueFiles, "$values/"+file)
			}
		}
		sources = append(sources, s)
	}
	if c.Name == p.Management.Name && len(p.Agents()) > 0 {
		sources = append(sources, a.git(path.Join(at, plan.RegisterFolder)))
	}
	if values {
		from := a.git("")
		from.Ref = "values"
		sources = append(sources, from)
	}
	slices.Sort(changes)
	return a.application(a.name(c.Name), to, slices.Compact(changes), sources...)
}

// owned returns the folders of users' components that a hub's overlays read in place.
func (a *argoCD) owned(c plan.Cluster) []string {
	clusters := []plan.Cluster{c}
	if c.Name == generated {
		clusters = a.plan.Remotes
	}
	var folders []string
	for _, c := range clusters {
		for _, component := range c.Components {
			for _, f := range component.Files {
				folders = append(folders, "/"+path.Join(a.plan.Deliver.Path, path.Dir(f.Name)))
			}
		}
	}
	slices.Sort(folders)
	return slices.Compact(folders)
}

func (a *argoCD) management(releases []release) error {
	p := a.plan
	m := p.Management
	here := destination{Server: inCluster, Namespace: p.Namespace}
	objects := []manifest.Object{a.myself(m.Name), a.cluster(m, here, releases)}
	if p.Deliver.Hub && len(p.Remotes) > 0 {
		objects = append(objects, a.remotes())
	}
	return a.objects(a.folder(m.Name)+"/argocd.yaml", objects...)
}

// remotes creates an Application for each remote that has a cluster.json.
func (a *argoCD) remotes() manifest.Object {
	type files struct {
		Path string `json:"path"`
	}
	type git struct {
		RepoURL  string  `json:"repoURL"`
		Revision string  `json:"revision"`
		Files    []files `json:"files"`
	}
	type generator struct {
		Git git `json:"git"`
	}
	type template struct {
		Metadata manifest.Metadata `json:"metadata"`
		Spec     any               `json:"spec"`
	}
	type applicationSet struct {
		GoTemplate        bool        `json:"goTemplate"`
		GoTemplateOptions []string    `json:"goTemplateOptions"`
		Generators        []generator `json:"generators"`
		Template          template    `json:"template"`
	}
	p := a.plan
	each := a.cluster(plan.Cluster{Name: generated}, destination{Name: generated, Namespace: p.Namespace}, a.ofAgent(nil))
	each.Metadata.Namespace = "" // it is the ApplicationSet's
	from := p.Deliver.ArgoCD
	return manifest.New("argoproj.io/v1alpha1", "ApplicationSet", p.Deliver.Namespace(), a.name("remotes"), nil, applicationSet{
		GoTemplate: true, GoTemplateOptions: []string{"missingkey=error"},
		Generators: []generator{{git{string(from.Repository), from.Revision, []files{{path.Join(a.build, "*", manifest.ClusterFile)}}}}},
		Template:   template{each.Metadata, each.Spec},
	})
}

// remote writes what a hub's ApplicationSet needs, or a remote's own Applications.
func (a *argoCD) remote(c plan.Cluster, releases []release) error {
	if a.plan.Deliver.Hub {
		if a.plan.Deliver.Charts && len(releases) == 0 {
			return nil // an ApplicationSet installs the charts of each cluster that it finds
		}
		a.file(c.Name+"/"+manifest.ClusterFile, manifest.ClusterName(c.Name))
		return nil
	}
	charts := len(releases) > 0
	f, ok := a.made[charts]
	if !ok {
		var err error
		of := plan.Cluster{Name: a.holes.name}
		if f, err = newForm(a.holes, a.myself(a.holes.name), a.cluster(of, destination{Server: inCluster, Namespace: a.plan.Namespace}, releases)); err != nil {
			return err
		}
		a.made[charts] = f
	}
	a.file(c.Name+"/"+plan.DeliverFolder+"/argocd.yaml", f.fill(c.Name, nil))
	return nil
}

// Annotations are the annotations on relayform's objects for a plan's engine.
type Annotations struct{ Namespace, Secrets, Registered map[string]string }

// AnnotationsOf returns annotations that keep namespaces, as they may contain more than what an engine deletes. Argo CD waits for Secrets
// before it installs charts, and applies the registration of clusters even before it knows the kind.
func AnnotationsOf(p *plan.Plan) (a Annotations) {
	switch d := p.Deliver; {
	case d == nil:
	case d.Flux != nil:
		a.Namespace = map[string]string{"kustomize.toolkit.fluxcd.io/prune": "disabled"}
	default:
		a.Namespace = map[string]string{syncOptions: "Prune=false,Delete=false", syncWave: early}
		a.Secrets = map[string]string{syncWave: early}
		a.Registered = map[string]string{syncOptions: "SkipDryRunOnMissingResource=true"}
	}
	return a
}
