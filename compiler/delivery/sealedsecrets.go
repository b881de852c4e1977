package delivery

import (
	"encoding/json"

	"relayform/compiler/lockfile"
	"relayform/compiler/manifest"
	"relayform/compiler/plan"
	"relayform/compiler/product"
	"relayform/compiler/sealedsecret"
)

// sealedFile holds the SealedSecrets of a cluster.
const sealedFile = "sealed-secrets.yaml"

// asSealedSecret writes the object that a controller makes a Secret of (bitnami.com/v1alpha1, SealedSecret). The Secret is the
// controller's, not relayform's: it does not carry relayform's label, by which a prune would take it for left over.
func asSealedSecret(p *plan.Plan, l *lockfile.File, r product.Role, c Ciphertext, s lockfile.Sealed, public map[string][]byte) (string, manifest.Object, error) {
	text, ok := readSealed(s)
	if !ok {
		return "", manifest.Object{}, nil
	}
	scope := p.SealedSecrets.Scope.Annotations()
	o := manifest.New(manifest.SealedSecret.APIVersion(), manifest.SealedSecret.Name, p.Namespace, r.Secret, nil, sealedsecret.Spec{
		EncryptedData: map[string]string{c.Key: text},
		Template: sealedsecret.Template{
			Type: l.TypeOf(r.Role), Data: texts(public),
			Metadata: sealedsecret.Metadata{Labels: map[string]string{manifest.ManagedByLabel: sealedsecret.ManagedBy}, Annotations: scope},
		},
	})
	o.Metadata.Annotations = scope
	return sealedFile, o, nil
}

// readSealed is what a record says; false where it is none of Sealed Secrets.
func readSealed(s lockfile.Sealed) (string, bool) {
	var text string
	ok := json.Unmarshal(s.Text, &text) == nil && sealedsecret.Check(text) == nil
	return text, ok
}
