package custom

import (
	"maps"
	"path"
	"slices"

	"relayform/schema/diag"
	"relayform/schema/source"
)

// kustomization is the one being checked.
type kustomization struct {
	reader *Reader
	folder *reached
	dir    string
	file   string // relative to the topology's directory
}

// kind is what a key of a kustomization contains.
type kind int

const (
	value           kind = iota // opens nothing
	perObject                   // opens nothing, and applies to every object
	resources                   // files with objects, or folders with kustomizations
	components                  // folders with components
	files                       // files with settings of kustomize
	selector                    // selects objects with regular expressions
	selectors                   // the same, with what is done to each object
	patchFile                   // a file with a patch
	replacementFile             // a file with replacements
	sources                     // files of a generator, as path or key=path
	variables                   // files with variables, in shell syntax
	variable                    // one such file
	literals                    // key=value
	patchText                   // a patch
	patchOrFiles                // patches or files with one
	plugins                     // kustomize's built-in plugins, or files with them
	generator                   // a list of maps with the keys of a generator
	patch                       // a list of maps with the keys of a patch
	replacement                 // a list of maps with the keys of a replacement
	refused                     // see refusals
)

// fields are the keys of a kustomization and what they contain. Unknown keys are refused, so that nothing that a later kustomize opens is
// missed.
var fields = map[string]kind{
	"apiVersion": value, "kind": value, "metadata": value, "namespace": perObject, "namePrefix": perObject, "nameSuffix": perObject,
	"commonLabels": perObject, "labels": perObject, "commonAnnotations": perObject, "images": selectors, "imageTags": selectors,
	"replicas": perObject, "sortOptions": value, "generatorOptions": perObject, "buildMetadata": value,
	"resources": resources, "bases": resources, "components": components, "configurations": files,
	"configMapGenerator": generator, "secretGenerator": generator,
	"patches": patch, "patchesJson6902": patch, "patchesStrategicMerge": patchOrFiles, "replacements": replacement,
	"generators": plugins, "transformers": plugins, "validators": plugins,
	"helmCharts": refused, "helmGlobals": refused, "helmChartInflationGenerator": refused, "openapi": refused, "crds": refused, "vars": refused,
}

// inner are the keys of the maps in a list.
var inner = map[kind]map[string]kind{
	generator: {
		"name": value, "namespace": value, "behavior": value, "type": value, "options": value,
		"files": sources, "envs": variables, "env": variable, "literals": literals,
	},
	patch:       {"path": patchFile, "patch": patchText, "target": selector, "options": value},
	replacement: {"path": replacementFile, "source": value, "sourceValue": value, "targets": selectors},
}

// refusals say why a key is refused, and what to do.
var refusals = map[string][2]string{
	"helmCharts":                  {"would fetch a chart; nothing is fetched", "render the chart into a file of the component"},
	"helmGlobals":                 {"would fetch a chart; nothing is fetched", "render the chart into a file of the component"},
	"helmChartInflationGenerator": {"would fetch a chart; nothing is fetched", "render the chart into a file of the component"},
	"openapi":                     {"would change how the other overlays are built", "remove it, and write JSON patches instead"},
	"crds":                        {"may refer to themselves without end", "write configurations"},
	"vars":                        {"is deprecated, and may grow without limit", "write replacements"},
}

func (k *kustomization) fault(n *source.Node, message, hint string) *diag.Fault {
	return k.at(n, diag.BadComponent.Fault(message, hint))
}

// keys checks a map by what its keys contain.
func (k *kustomization) keys(block *source.Node, known map[string]kind) *diag.Fault {
	for _, key := range block.Keys {
		holds, ok := known[key.Name]
		at := &source.Node{Line: key.Line}
		switch {
		case !ok:
			hint := ""
			if near := diag.Nearest(key.Name, slices.Sorted(maps.Keys(known))); near != "" {
				hint = "write " + near
			}
			return k.fault(at, diag.Shorten(key.Name)+": no such key in a kustomization", hint)
		case holds == refused:
			return k.fault(at, key.Name+" "+refusals[key.Name][0], refusals[key.Name][1])
		case key.Value.Null():
		default:
			if fault := k.holds(holds, key.Name, key.Value, block); fault != nil {
				return fault
			}
		}
	}
	return nil
}

// holds checks a key's value; the block is the map that it is in.
func (k *kustomization) holds(what kind, key string, n, block *source.Node) *diag.Fault {
	switch what {
	case selector, selectors:
		if long := measure(n).long; long > MaxSelector {
			return k.at(n, limit("", "%s: a selector of %d bytes; the limit is %d", key, long, MaxSelector))
		}
	}
	switch what {
	case value, selector:
		return nil
	case perObject, selectors:
		k.folder.cost.Add(Cost{Passes: 1, Each: work{Text: measure(n).text}})
		return nil
	case patchFile, replacementFile, variable, patchText:
		if n.Kind != source.Scalar {
			return k.fault(n, key+": want text, got "+n.Reading(), "")
		}
		return k.one(what, n, block)
	}
	if n.Kind != source.List {
		return k.fault(n, key+": want a list, got "+n.Reading(), "write each entry on a line of its own, with - in front")
	}
	for _, item := range n.Items {
		var fault *diag.Fault
		switch known := inner[what]; {
		case known == nil && item.Kind != source.Scalar:
			fault = k.fault(item, key+": want text, got "+item.Reading(), "")
		case known == nil:
			fault = k.one(what, item, block)
		case item.Kind != source.Map:
			fault = k.fault(item, key+": want a block of keys, got "+item.Reading(), "")
		default:
			fault = k.keys(item, known)
		}
		if fault != nil {
			return fault
		}
	}
	return nil
}

// one checks one string.
func (k *kustomization) one(what kind, n, block *source.Node) *diag.Fault {
	switch what {
	case resources:
		return k.resource(n)
	case components:
		return k.below(n)
	case files:
		text, fault := k.open(n, n.Value, MaxPatch)
		if fault == nil {
			_, fault = documents(path.Join(k.dir, n.Value), text)
		}
		return fault
	case patchFile:
		return k.patchFile(n, block)
	case replacementFile:
		return k.replacements(n)
	case sources:
		return k.source(n)
	case variables, variable:
		return k.variables(n)
	case patchText:
		return k.patch(n, n.Value, block)
	case patchOrFiles:
		return k.patchOrFile(n, block)
	case plugins:
		return k.plugin(n)
	case literals:
		k.folder.cost.Add(Cost{Map: 1, Once: work{Keys: 1}})
	}
	return nil
}
