package compiler

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"relayform/schema/diag"
)

// TestFilesOfAnExternalPKIBehindLinksThatLeaveAreTold replaces a file with a link out of the topology's directory: nobody else has its
// target, so the compile reports an error instead of continuing without it.
func TestFilesOfAnExternalPKIBehindLinksThatLeaveAreTold(t *testing.T) {
	for _, file := range []string{"ca.pem", "server.pem", "server.key", "signing.key"} {
		s := newTestProject(t)
		s.bring(1)
		here, outside := filepath.Join(filepath.Dir(s.project.Topology), "pki1", file), filepath.Join(t.TempDir(), file)
		if err := errors.Join(os.Rename(here, outside), os.Symlink(outside, here)); err != nil {
			t.Skip(err)
		}
		_, err := s.try(foreignPKI(1, ""), Options{})
		var faults diag.List
		if !errors.As(err, &faults) || len(faults) != 1 || !strings.HasPrefix(faults[0].Path, "pki.external.") {
			t.Errorf("%s: %v", file, err)
		}
	}
}

// TestComponentsInTheKeyStoreAreRefused uses the key store, and a folder in it, as a component: what the topology names is public, but the
// key store's files are not.
func TestComponentsInTheKeyStoreAreRefused(t *testing.T) {
	for _, dir := range []string{"keys", "keys/remote", "./keys", "own"} {
		s := newTestProject(t)
		s.compile(own(""))
		s.write("own/kustomization.yaml", []byte("apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [o.yaml]\n"))
		s.write("own/o.yaml", []byte("{apiVersion: v1, kind: ConfigMap, metadata: {name: own, namespace: own}}\n"))
		s.write("topology.yaml", []byte(strings.Replace(strings.Replace(testTopology, "%s", own(""), 1), "remote-cluster: {}", "remote-cluster: {components: ["+dir+"]}", 1)))
		_, err := Compile(s.project, s.env(), Options{})
		var faults diag.List
		refused := errors.As(err, &faults) && len(faults) == 1 && faults[0].Code == diag.PrivateMaterial && strings.Contains(faults[0].Message, "the path points into the key store")
		if refused != (dir != "own") || dir == "own" && err != nil {
			t.Errorf("%s: %v", dir, err)
		}
	}
}
