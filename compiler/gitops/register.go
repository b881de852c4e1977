package gitops

import (
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"path"

	"relayform/compiler/manifest"
	"relayform/compiler/plan"
)

// part is a part of the registration of agents that is applied at once: a name and a folder of the management cluster's.
type part struct{ name, folder string }

// perPart is the approximate number of agents per part: kustomize takes a second for 500 objects, and a minute for 5,000.
const perPart = 250

// parts returns the number of parts; 0 if the registration is not divided. It is a power of two, so that a cluster changes its part only
// when the fleet doubles.
func (f *flux) parts() int {
	agents := len(f.plan.Agents())
	if agents <= plan.RegisterLimit {
		return 0
	}
	n := 2
	for n*perPart < agents {
		n *= 2
	}
	return n
}

// index returns the part, of n, that registers a cluster.
func index(cluster string, n int) int {
	digest := sha256.Sum256([]byte(cluster))
	return int(binary.BigEndian.Uint32(digest[:])) % n
}

func (f *flux) partOf(cluster string) string {
	n := f.parts()
	if n == 0 {
		return f.name(f.plan.Management.Name, plan.RegisterFolder)
	}
	return f.part(index(cluster, n))
}

func (f *flux) part(i int) string {
	return f.name(f.plan.Management.Name, fmt.Sprintf("part-%02x", i))
}

// register returns the parts, and writes their folders if there is more than one.
func (f *flux) register() []part {
	m, n := f.plan.Management.Name, f.parts()
	if n == 0 {
		return []part{{f.partOf(""), plan.RegisterFolder}}
	}
	texts, scalars := make([][]byte, n), make(manifest.Scalars)
	for _, c := range f.plan.Agents() {
		i := index(c.Name, n)
		lead := "---\n"
		if texts[i] == nil {
			lead = "# " + manifest.Header + "\n"
		}
		texts[i] = scalars.AppendCluster(append(texts[i], lead...), f.plan.Product.ClusterAPIVersion, f.plan.Namespace, c.Name, c.ClusterDomain, c.Labels, nil)
	}
	var parts []part
	for i, text := range texts {
		if text == nil {
			continue
		}
		folder := path.Join(plan.RegisterFolder, PartsFolder, fmt.Sprintf("%02x", i))
		f.file(path.Join(m, folder, plan.ClustersFile), text)
		parts = append(parts, part{f.part(i), folder})
	}
	return parts
}
