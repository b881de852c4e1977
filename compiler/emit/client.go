package emit

import (
	"path"
	"strings"

	"relayform/compiler/manifest"
	"relayform/compiler/plan"
)

// client writes the component that provides a cluster's agent certificate. Overlays refer to it by the same name, so that they can be
// identical.
func (e *emitter) client(c plan.Cluster) {
	client, ok := e.parts.Client(c.Name)
	if !ok {
		return
	}
	dir := path.Join(c.Name, clientFolder)
	k := manifest.Kustomization{Component: true, Resources: []string{client.File}}
	if client.Component != "" {
		k.Components = append(k.Components, path.Join("..", e.links.Keys, client.Component))
	}
	e.kustomization(dir, k)
	var facts strings.Builder
	if client.Agent.Chain != nil { // otherwise an issuer in the cluster creates it
		for _, line := range Facts(client.Agent.Certificate) {
			facts.WriteString("# " + line + "\n")
		}
	}
	yaml, err := manifest.Marshal(client.Public.Object.Annotated(e.annotations.Secrets))
	e.text(path.Join(dir, client.File), append([]byte(facts.String()), yaml...), err)
}
