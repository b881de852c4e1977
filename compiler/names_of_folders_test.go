package compiler

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"

	"relayform/compiler/emit"
	"relayform/compiler/project"
)

// awkward are names that a folder may have on disk and that cause problems somewhere.
var awkward = []string{
	"job@2", "a b", "a+b", "~a", "it's", "a,b", "a&b", "(a)", "100%", "a%20b", "#a", "$a", "$(touch pwn)", "a:b", "a=b", "a;b", "a\nb", "ä", "日本", "a?b", "a*b", "[a]", "a|b", `"a"`, "-a", "git@host", "github.com", ".a", "`id`", "!a", "{a}", "a#b", "yes", "1",
}

// TestFoldersMayHaveAnyName compiles projects below folders of each name, with the build folder, the keys and users' own files in such
// folders, together and separately. For each overlay, kustomize, reading from disk as kubectl does, gives the same as Render.
func TestFoldersMayHaveAnyName(t *testing.T) {
	t.Parallel()
	for n, name := range awkward {
		if !sampled(n) {
			continue
		}
		for _, layout := range []struct{ topology, build, keys string }{
			{"%s/topology.yaml", "", ""},
			{"in/%s/topology.yaml", "out/%s", "keys of/%s"},
		} {
			top := filepath.Join(t.TempDir(), "top")
			at := func(pattern string) string {
				if pattern == "" {
					return ""
				}
				return filepath.Join(top, fmt.Sprintf(pattern, name))
			}
			s := newTestProject(t)
			s.project = project.New(at(layout.topology), at(layout.build), at(layout.keys))
			ownFiles(s, name)
			if _, err := Compile(s.project, s.env(), Options{}); err != nil {
				t.Errorf("%q in %q: %v", name, layout, err)
				continue
			}
			builtFromDisk(s, name)
		}
	}
}

// ownFiles writes a topology with a user's component and patch under such names.
func ownFiles(s *testProject, name string) {
	if strings.Contains(name, "\n") { // no path in a topology has a line break
		name = "plain"
	}
	quoted := func(path string) string { return "'" + strings.ReplaceAll(path, "'", "''") + "'" }
	cluster := "remote-cluster: {components: [" + quoted("own/"+name) + "], patches: [{path: " + quoted("own/"+name+".yaml") + "}]}"
	s.write("topology.yaml", []byte(strings.Replace(fmt.Sprintf(testTopology, own("")), "remote-cluster: {}", cluster, 1)))
	s.write("own/"+name+"/kustomization.yaml", []byte("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: ["+quoted("./"+name+".yaml")+"]\n"))
	s.write("own/"+name+"/"+name+".yaml", []byte("{apiVersion: v1, kind: ConfigMap, metadata: {name: own, namespace: gloo-mesh}}\n"))
	s.write("own/"+name+".yaml", []byte("{apiVersion: v1, kind: Namespace, metadata: {name: gloo-mesh, labels: {own: patch}}}\n"))
}

// builtFromDisk builds each overlay from disk, and compares it with Render's output.
func builtFromDisk(s *testProject, name string) {
	s.Helper()
	options := krusty.MakeDefaultOptions()
	options.Reorder = krusty.ReorderOptionLegacy
	err := Render(s.project, s.env(), nil, RenderOptions{}, func(cluster string, want []byte) error {
		built, err := krusty.MakeKustomizer(options).Run(filesys.MakeFsOnDisk(), filepath.Join(s.project.Build, cluster))
		if err != nil {
			return err
		}
		got, err := built.AsYaml()
		if err != nil {
			return err
		}
		if !bytes.Equal(got, want) {
			return errors.New("from disk kustomize makes something else of " + cluster)
		}
		return nil
	})
	if err != nil {
		s.Errorf("%q: %v", name, err)
	}
}

// TestRunbookNamesFilesThatAreThere runs the runbook's commands with programs that check the files they are given, in projects whose build
// folders have awkward names.
func TestRunbookNamesFilesThatAreThere(t *testing.T) {
	sh, err := exec.LookPath("sh")
	if err != nil {
		t.Skip("no shell here")
	}
	for _, name := range awkward {
		s := newTestProject(t)
		dir := filepath.Dir(s.project.Topology)
		s.project.Build = filepath.Join(dir, name)
		s.compile(own(""))
		bin := filepath.Join(dir, "bin")
		s.write("bin/look", []byte(looker))
		for _, program := range []string{"kubectl", "helm", "relayform"} {
			if err := os.Symlink("look", filepath.Join(bin, program)); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.Chmod(filepath.Join(bin, "look"), 0o755); err != nil {
			t.Fatal(err)
		}
		var script strings.Builder
		inCode := false
		for line := range strings.Lines(string(read(t, filepath.Join(s.project.Build, emit.RunbookFile)))) {
			switch {
			case strings.HasPrefix(line, "```"):
				inCode = !inCode
			case inCode:
				script.WriteString(line)
			}
		}
		c := exec.Command(sh, "-eu", "-c", script.String())
		c.Dir, c.Env = dir, append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "LICENSE_KEY=x")
		out, err := c.CombinedOutput()
		if err != nil || bytes.Contains(out, []byte("missing")) || bytes.Count(out, []byte("found")) < 5 {
			t.Errorf("%q: %v\n%s\n%s", name, err, out, script.String())
		}
		if _, err := os.Stat(filepath.Join(dir, "pwn")); err == nil {
			t.Errorf("%q is run as a command", name)
		}
	}
}

// looker checks that the named files exist, and fails on a name that kustomize would fetch.
const looker = `#!/bin/sh
while [ $# -gt 0 ]; do
	case $1 in
	-k|-f|--values)
		file=$2
		case $1$2 in # lists are lines of CSV
		-k*) ;;
		--values\"*\" | -f\"*\") file=${2#\"} file=$(printf %s "${file%\"}" | sed 's/""/"/g') ;;
		*[\",]*) file="no quotes" ;;
		esac
		if [ -e "$file" ]; then echo "found $file"; else echo "missing $2"; fi
		case $1$2 in
		-k[!./]*[@:]*/*) echo "missing: an address: $2" ;;
		-kgithub.com*) echo "missing: an address: $2" ;;
		esac
		shift ;;
	esac
	shift
done
`

// TestLinksThatNoKustomizationCanHold lists the folders that cannot be supported.
func TestLinksThatNoKustomizationCanHold(t *testing.T) {
	for name, want := range map[string]string{"a\xffb": "not UTF-8", "a..b": ".. in its name"} {
		s := newTestProject(t)
		s.project.Keys = filepath.Join(filepath.Dir(s.project.Topology), name)
		if _, err := s.try(own(""), Options{}); err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "--keys") {
			t.Errorf("%q: %v", name, err)
		}
		below := newTestProject(t)
		below.project = project.New(filepath.Join(t.TempDir(), name, "topology.yaml"), "", "")
		below.compile(own(""))
	}
}
