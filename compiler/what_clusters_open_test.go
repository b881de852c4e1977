package compiler

import (
	"crypto/rsa"
	"crypto/tls"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
	"sigs.k8s.io/yaml"

	"relayform/compiler/lockfile"
	"relayform/compiler/pki"
	"relayform/compiler/seal"
	"relayform/compiler/sealedsecret"
	"relayform/compiler/sops"
)

// keyring opens what overlays hold encrypted, as clusters do.
type keyring struct {
	identities  string
	controllers []*rsa.PrivateKey
}

// inCluster is a Secret as a cluster has it, what it could open in plain, and the keys of what it could not.
type inCluster struct {
	name   string
	data   map[string][]byte
	closed []string
}

// emitted is an object of an overlay that is, or becomes, a Secret.
type emitted struct {
	Kind     string
	Metadata struct {
		Name, Namespace string
		Annotations     map[string]string
	}
	Data map[string]string
	Sops *sops.Metadata
	Spec sealedsecret.Spec
}

// secretsIn builds an overlay on disk as kubectl does, and opens its Secrets. Where it does not build, kubectl applies nothing.
func (k keyring) secretsIn(overlay string) (secrets []inCluster, built bool, err error) {
	objects, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(filesys.MakeFsOnDisk(), overlay)
	if err != nil {
		return nil, false, nil
	}
	for _, r := range objects.Resources() {
		if r.GetKind() != "Secret" && r.GetKind() != "SealedSecret" {
			continue
		}
		text, err := r.AsYAML()
		if err != nil {
			return nil, true, err
		}
		var o emitted
		if err := yaml.Unmarshal(text, &o); err != nil {
			return nil, true, err
		}
		s, err := k.open(o)
		if err != nil {
			return nil, true, fmt.Errorf("%s: %w", o.Metadata.Name, err)
		}
		secrets = append(secrets, s)
	}
	return secrets, true, nil
}

func (k keyring) open(o emitted) (inCluster, error) {
	s := inCluster{name: o.Metadata.Name, data: map[string][]byte{}}
	scope := sealedsecret.Strict
	if o.Metadata.Annotations["sealedsecrets.bitnami.com/namespace-wide"] == "true" {
		scope = sealedsecret.NamespaceWide
	}
	for key, text := range o.Spec.EncryptedData {
		for _, controller := range k.controllers {
			if value, err := sealedsecret.Unseal(controller, scope.Label(o.Metadata.Namespace, o.Metadata.Name), text); err == nil {
				s.data[key] = value
			}
		}
		if s.data[key] == nil {
			s.closed = append(s.closed, key)
		}
	}
	for key, text := range o.Spec.Template.Data {
		s.data[key] = []byte(text)
	}
	for key, text := range o.Data {
		if !strings.HasPrefix(text, "ENC[") {
			value, err := base64.StdEncoding.DecodeString(text)
			if s.data[key] = value; err != nil {
				return s, err
			}
			continue
		}
		if o.Sops == nil {
			return s, errors.New("encrypted, and it does not say for whom")
		}
		sealed, err := sops.FromManifest(key, text, *o.Sops)
		if err != nil {
			return s, err
		}
		switch value, err := sealed.Open(key, seal.Ring{Identities: []byte(k.identities)}); {
		case errors.Is(err, seal.ErrNoIdentity):
			s.closed = append(s.closed, key)
		case err != nil:
			return s, err
		default:
			s.data[key] = value
		}
	}
	return s, nil
}

// belong says which private values of Secrets are not those of the certificate beside them, or not the lockfile's token, and what
// could not be opened.
func belong(secrets []inCluster, l *lockfile.File) (err error) {
	for _, s := range secrets {
		if len(s.closed) > 0 {
			err = errors.Join(err, fmt.Errorf("%s: %v cannot be opened", s.name, s.closed))
		} else if s.data[relay.Keys.Cert] != nil {
			if _, misfit := tls.X509KeyPair(s.data[relay.Keys.Cert], s.data[relay.Keys.Key]); misfit != nil {
				err = errors.Join(err, fmt.Errorf("%s: %w", s.name, misfit))
			}
		}
		if token := s.data[relay.Keys.Token]; token != nil && l != nil && lockfile.TokenDigest(token) != l.Token.SHA256 {
			err = errors.Join(err, fmt.Errorf("%s: not the token of the lockfile", s.name))
		}
	}
	return err
}

// sealingFixture is the fixture whose controllers have keys.
const sealingFixture = "../fixtures/sealed-secrets"

// controllerKeys are the private keys of controllers.
func controllerKeys(t testing.TB, names ...string) []*rsa.PrivateKey {
	t.Helper()
	var keys []*rsa.PrivateKey
	for _, name := range names {
		key, err := pki.ParseKey(read(t, filepath.Join(sealingFixture, "controllers", name+".key")))
		if err != nil {
			t.Fatal(err)
		}
		keys = append(keys, key.(*rsa.PrivateKey))
	}
	return keys
}

// bringSealing puts the certificates of controllers beside a topology.
func bringSealing(dir string) error {
	return copyTree(filepath.Join(sealingFixture, "sealing"), filepath.Join(dir, "sealing"))
}

// identitiesOf are some of the fixture's identities, by the comment in front of each.
func identitiesOf(t testing.TB, names ...string) string {
	t.Helper()
	text, err := os.ReadFile("../fixtures/sops/identity.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all string
	lines := strings.Split(string(text), "\n")
	for i, line := range lines {
		for _, name := range names {
			if strings.HasPrefix(line, "# "+name+": ") {
				all += lines[i+1] + "\n"
			}
		}
	}
	return all
}
