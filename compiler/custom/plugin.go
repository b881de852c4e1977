package custom

import (
	"fmt"
	"path"

	"relayform/schema/diag"
	"relayform/schema/source"
)

// instead maps each of kustomize's built-in plugins to the kustomization key that does the same, if the plugin would open files or apply
// patches; otherwise to nothing.
var instead = map[string]string{
	"AnnotationsTransformer": "", "LabelTransformer": "", "NamespaceTransformer": "", "PrefixTransformer": "", "SuffixTransformer": "",
	"PrefixSuffixTransformer": "", "ImageTagTransformer": "", "ReplicaCountTransformer": "", "HashTransformer": "", "IAMPolicyGenerator": "",
	"ConfigMapGenerator": "configMapGenerator", "SecretGenerator": "secretGenerator",
	"PatchTransformer": "patches", "PatchJson6902Transformer": "patches", "PatchStrategicMergeTransformer": "patches",
	"ReplacementTransformer": "replacements", "ValueAddTransformer": "patches", "HelmChartInflationGenerator": "resources",
}

// plugin checks entries of generators, transformers and validators: only kustomize's built-in ones are permitted, and only those that open
// nothing.
func (k *kustomization) plugin(n *source.Node) *diag.Fault {
	file, text := fmt.Sprintf("%s:%d", k.file, n.Line), n.Value
	if !inline(text) {
		var fault *diag.Fault
		if text, fault = k.open(n, n.Value, MaxPatch); fault != nil {
			return fault
		}
		file = path.Join(k.dir, n.Value)
	}
	docs, fault := documents(file, text)
	if fault != nil {
		return fault
	}
	for _, doc := range docs {
		var kind, version string
		if v := doc.Get("kind"); v != nil {
			kind = v.Value
		}
		if v := doc.Get("apiVersion"); v != nil {
			version = v.Value
		}
		key, known := instead[kind]
		known = known && unique(doc)
		switch {
		case !known || version != "builtin":
			return k.fault(n, fmt.Sprintf("the plugin %s %s would be run; no program is run", version, kind), "write the objects that it makes into a file of the component")
		case key != "":
			return k.fault(n, kind+" opens files or applies patches; want the key of the kustomization that does so", "write "+key)
		}
		k.folder.cost.Add(Cost{Passes: 1, Each: work{Text: len(text)}})
	}
	return nil
}

// unique reports whether there are no duplicate keys: of two kinds, kustomize might use the other.
func unique(n *source.Node) bool {
	seen := map[string]bool{}
	for _, k := range n.Keys {
		if seen[k.Name] {
			return false
		}
		seen[k.Name] = true
	}
	return true
}
