package adopt

import (
	"encoding/json"
	"strings"
)

// registered is a cluster that is registered in the management cluster.
type registered struct {
	name, domain string
	labels       map[string]string
}

// registered returns the clusters that are registered in the management cluster.
func (f *finder) registered() map[string]registered {
	all := map[string]registered{}
	for _, o := range f.mesh.Management.source.Objects {
		if o.Kind != "KubernetesCluster" || o.APIVersion != f.mesh.Product.ClusterAPIVersion {
			continue
		}
		if o.Namespace != "" && o.Namespace != f.mesh.Namespace {
			f.note("%s: KubernetesCluster %s is in the namespace %s; skipped", o.At, o.Name, o.Namespace)
			continue
		}
		var spec struct {
			ClusterDomain string `json:"clusterDomain"`
		}
		_ = json.Unmarshal(o.Spec, &spec) // an invalid one has no domain
		all[o.Name] = registered{name: o.Name, domain: strings.TrimSuffix(spec.ClusterDomain, "."), labels: users(o.Labels)}
	}
	return all
}
