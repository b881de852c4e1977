package plan

import (
	"cmp"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strconv"

	"relayform/schema"
	"relayform/schema/diag"
	"relayform/schema/pattern"
)

// Deliver describes how a GitOps engine delivers the build folder to the clusters.
type Deliver struct {
	Flux   *schema.Flux // one of the two is set
	ArgoCD *schema.ArgoCD
	Path   string // the topology's folder in the engine's source, slash-separated; "." for its root
	Hub    bool   // the management cluster's engine applies to all clusters; otherwise each cluster's own does
	Charts bool   // the engine also installs the charts
}

// Engine returns the engine's name, as its project spells it.
func (d *Deliver) Engine() string {
	if d.Flux != nil {
		return "Flux"
	}
	return "Argo CD"
}

// Mode returns the topology's field value for how the engine reaches the clusters.
func (d *Deliver) Mode() string {
	if d.Hub {
		return "hub"
	}
	return "pull"
}

// Namespace returns the namespace of the engine's objects.
func (d *Deliver) Namespace() string {
	if d.Flux != nil {
		return d.Flux.Source.Namespace
	}
	return d.ArgoCD.Namespace
}

// Decrypts returns the name of the Secret with the age identities with which Flux decrypts.
func (d *Deliver) Decrypts() string { return cmp.Or(string(d.Flux.Decryption), "sops-age") }

// Artifacts reports whether the engine reads one artifact per cluster, with only that cluster's folder.
func (d *Deliver) Artifacts() bool {
	return d.Flux != nil && !d.Hub && d.Flux.Source.Kind == "OCIRepository"
}

// Apart reports whether each cluster's folder must be self-contained: its own engine reads nothing else.
func (p *Plan) Apart() bool { return p.Deliver != nil && !p.Deliver.Hub }

// DeliverFolder contains what an engine reads: in the build folder for all clusters, or in the folder of one.
const DeliverFolder = "deliver"

// HubLimit is the maximum number of remotes for one engine. Argo CD's users report about 500 clusters for an instance, and Flux takes
// minutes for 1,000 Kustomizations.
const HubLimit = 1000

// maxDelivered is the maximum length of a topology's and a cluster's name together when an engine delivers: names made of both are used in
// labels, which hold 63 characters.
const maxDelivered = 63 - len(".") - len(".register")

// deliver resolves which engine delivers the build folder.
func (r *resolver) deliver(p *Plan, in *schema.Deliver) error {
	if in == nil || *in == (schema.Deliver{}) {
		return nil
	}
	d := &Deliver{Flux: in.Flux, ArgoCD: in.ArgoCD}
	var mode, folder string
	switch {
	case in.Flux != nil:
		mode, folder, d.Charts = in.Flux.Mode, in.Flux.Path, in.Flux.Charts
	case in.ArgoCD != nil:
		mode, folder, d.Charts = in.ArgoCD.Mode, in.ArgoCD.Path, in.ArgoCD.Charts
	default:
		return fmt.Errorf("deliver %s: the schema allows it, but relayform knows no such engine; want one in compiler/plan", schema.Chosen(*in))
	}
	d.Hub, d.Path = mode == "hub", path.Clean(cmp.Or(folder, "."))
	p.Deliver = d
	r.fits(p, schema.Chosen(*in))
	return nil
}

// fits checks that an engine fits the rest of the topology.
func (r *resolver) fits(p *Plan, engine string) {
	d, at := p.Deliver, []string{"deliver", engine}
	below := func(field string) []string { return append(slices.Clone(at), field) }
	if !filepath.IsLocal(filepath.FromSlash(d.Path)) {
		r.fault(below("path"), diag.BadPath.Fault("the path leaves the repository", "write the topology's folder from the top of the repository"))
	}
	switch {
	case r.doc.Refused("secrets"): // a consequence of that fault
	case p.Local() && p.Product.Private():
		r.faultAtKey(at, diag.Clash.Fault("private values are in keys/ on this machine, where no engine reads them", storesFor(d)))
	case d.ArgoCD != nil && p.Sops != nil:
		r.faultAtKey(at, diag.Clash.Fault("Argo CD decrypts nothing, and its authors advise against doing so while it generates manifests", storesFor(d)))
	}
	if d.Flux != nil && d.Flux.Decryption != "" && p.Sops == nil {
		r.faultAtKey(below("decryption"), diag.Clash.Fault("it needs secrets.sops, but the topology has another store", "remove it"))
	}
	if d.Charts && p.Charts.Version == "" && !r.doc.Refused("charts", "version") {
		r.faultAtKey(at, diag.Clash.Fault("it installs the charts, but charts.version is not set: an engine would install the newest at the time", "write charts: {version: …}, or charts: false here if somebody else installs them"))
	}
	if len(p.Remotes) > HubLimit && d.Hub {
		r.fault(below("mode"), diag.LimitExceeded.Fault(fmt.Sprintf("%d remotes; one engine reaches %d at most", len(p.Remotes), HubLimit), "write mode: pull, and each cluster's own engine reads that cluster's folder"))
	}
	if d.Charts && d.Flux != nil {
		size := 0
		for _, v := range p.Charts.Values {
			size += len(v.Text)
		}
		if size > maxConfigMap {
			r.fault([]string{"charts", "values"}, diag.LimitExceeded.Fault(fmt.Sprintf("the files have %d bytes; Flux hands them to its charts in a ConfigMap, which holds 1 MiB", size), ""))
		}
	}
	if d.ArgoCD != nil {
		r.named(p)
	}
	for c := range p.Each {
		if len(p.Name)+len(c.Name) > maxDelivered {
			at := []string{"management", "name"}
			if c.Name != p.Management.Name {
				at = []string{"remotes", c.Name}
			}
			r.faultAtKey(at, diag.LimitExceeded.Fault(fmt.Sprintf("%s names its objects by topology and cluster, which may have %d characters together, but %s.%s has %d", d.Engine(), maxDelivered, p.Name, c.Name, len(p.Name)+len(c.Name)), "choose a shorter name"))
		}
	}
}

// maxConfigMap is the maximum size of a ConfigMap's data, less its metadata (Kubernetes, "ConfigMaps", at most 1 MiB).
const maxConfigMap = 1<<20 - 64<<10

// storesFor names the stores that work with an engine.
func storesFor(d *Deliver) string {
	if d.ArgoCD != nil {
		return "choose secrets.sealedSecrets or secrets.externalSecrets"
	}
	return "choose secrets.sops, secrets.sealedSecrets or secrets.externalSecrets"
}

// Deliverable reports whether an engine's objects can name a path as it is: some interpret it as a template, pattern or list.
func Deliverable(path string) bool { return deliverable().MatchString(path) }

var deliverable = pattern.Late(`^[A-Za-z0-9._/-]+$`)

// named refuses paths of users' files that Argo CD would interpret.
func (r *resolver) named(p *Plan) {
	refuse := func(at []string, name string) {
		if !Deliverable(name) {
			r.fault(at, diag.BadPath.Fault("Argo CD reads templates, patterns and lists in paths; want letters, digits, ., _, - and /", "rename it"))
		}
	}
	for i, v := range p.Charts.Values {
		refuse([]string{"charts", "values", strconv.Itoa(i)}, v.Path)
	}
	for c := range p.Each {
		for i, component := range c.Components {
			for _, f := range component.Files {
				if !Deliverable(path.Dir(f.Name)) {
					refuse(append(slices.Clone(p.Place(c)), "components", strconv.Itoa(i)), f.Name)
					break
				}
			}
		}
	}
}
