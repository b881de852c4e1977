package overlay

import (
	"fmt"
	"path"
	"slices"

	"sigs.k8s.io/kustomize/api/konfig"
	"sigs.k8s.io/kustomize/api/types"

	"relayform/compiler/folder"
)

// gate refuses files in which kustomize, parsing them as in a build, would find an address to fetch or a program to run. It is a second
// line of defence behind the checks of users' files.
func gate(files []folder.File) error {
	for _, f := range files {
		if !slices.Contains(konfig.RecognizedKustomizationFileNames(), path.Base(f.Name)) {
			continue
		}
		var k types.Kustomization
		if k.Unmarshal(f.Data) != nil {
			continue // the build will not read it either
		}
		if k.HelmGlobals != nil || len(k.HelmCharts)+len(k.HelmChartInflationGenerator) > 0 {
			return fmt.Errorf("%s: names a Helm chart; nothing is fetched", f.Name)
		}
		if i := slices.IndexFunc(named(&k), Fetches); i >= 0 {
			return fmt.Errorf("%s: names the remote address %s; nothing is fetched", f.Name, named(&k)[i])
		}
	}
	return nil
}

// named returns every string of a kustomization that kustomize would open.
func named(k *types.Kustomization) []string {
	//lint:ignore SA1019 kustomize still reads what it calls deprecated
	names := slices.Concat(k.Resources, k.Components, k.Bases, k.Crds, k.Configurations, k.Generators, k.Transformers, k.Validators)
	//lint:ignore SA1019 as above
	for _, p := range k.PatchesStrategicMerge {
		names = append(names, string(p))
	}
	//lint:ignore SA1019 as above
	for _, p := range slices.Concat(k.Patches, k.PatchesJson6902) {
		names = append(names, p.Path)
	}
	for _, r := range k.Replacements {
		names = append(names, r.Path)
	}
	for _, g := range k.ConfigMapGenerator {
		names = append(names, sources(g.KvPairSources)...)
	}
	for _, g := range k.SecretGenerator {
		names = append(names, sources(g.KvPairSources)...)
	}
	return append(names, k.OpenAPI["path"])
}

// sources returns the files of a generator. A path may follow a key name, and contain = in a query.
func sources(kv types.KvPairSources) []string {
	names := slices.Concat(kv.EnvSources, []string{kv.EnvSource}, kv.FileSources)
	for _, file := range kv.FileSources {
		for i, c := range file {
			if c == '=' {
				names = append(names, file[i+1:])
			}
		}
	}
	return names
}
